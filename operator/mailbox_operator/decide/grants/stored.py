"""A grant as the operator keeps it."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """Access that somebody granted, as the operator keeps it.

    Attributes:
        refresh_token: The newest one of the chain.
        origin: Digest of the refresh token that the tenant's Secret held when the chain began.
        scope: What was granted, as the token endpoint told; empty if it did not.
        identity: The account's stable identifier, as proved at the consent; empty without one.
        login: User name that it logs in by; empty for the address.
        account: Address that the provider vouched for at the consent; empty for a token that the tenant
            brought, and for consents of the Mailbox's own address.
        client: Client that it was given to; empty for a token that the tenant brought.
        consent: Opaque name of the consent it came by; empty for a token that the tenant brought.
        consented: When the code of that consent was exchanged; None where that was not noted.
        replaces: The refresh token that the operator kept when this one was read; empty if none.
    """

    refresh_token: str = field(repr=False)
    origin: str = ""
    scope: str = ""
    identity: str = ""
    client: str = ""
    consent: str = ""
    consented: datetime | None = None
    login: str = ""
    account: str = ""
    replaces: str = field(default="", repr=False)
