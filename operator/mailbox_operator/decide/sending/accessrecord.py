"""How a gateway signs in to a mailbox by token: what the operator hands it, and nothing more."""

from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.decide.status.conditions import Endpoint

RENEWED_BEFORE_SECONDS: Final = 900.0
"""The end of a token: so long may the operator be away without a message that has to wait."""

SHARE_OF_LIFE: Final = 3
"""A token that lives shorter is renewed when a third of its life is left."""


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """An access token of one Mailbox, and where it is good for.

    Only the operator exchanges refresh tokens, on the replica that works on the Mailbox, so there is
    one chain of them however many gateways send.

    Attributes:
        login: The account that signs in.
        token: The access token.
        endpoint: The provider's server.
        expires_at: Seconds since 1970 (UTC) at which the token expires.
        app_only: The token stands for an app that may act for the mailbox, not for a person.
        version: Of the Mailbox's inputs, as its status shows it: with others the token is not used.
    """

    login: str
    token: str = field(repr=False)
    endpoint: Endpoint
    expires_at: float
    app_only: bool = False
    version: str = ""


@dataclass(frozen=True, slots=True)
class KeptAccess:
    """What the operator remembers of a record that it has handed over.

    Attributes:
        version: Of the Mailbox's inputs that the token was fetched with.
        renewed_at: Seconds since 1970 (UTC) at which a new token is fetched.
        expires_at: When the token expires.
    """

    version: str
    renewed_at: float
    expires_at: float

    @classmethod
    def of(cls, version: str, record: AccessRecord, now: float) -> "KeptAccess":
        """Decide when a record that is handed over now is renewed."""
        left = max(0.0, record.expires_at - now)
        early = min(RENEWED_BEFORE_SECONDS, left / SHARE_OF_LIFE)
        return cls(version, record.expires_at - early, record.expires_at)

    def is_due(self, version: str, now: float) -> bool:
        """Say whether a new record has to be handed over, for a Mailbox with these inputs."""
        return self.version != version or now >= self.renewed_at
