"""What the authorization server of the tests is told to do."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final, Self

CONTOSO: Final = "6babcaad-604b-40ac-a9d7-9fd97c0b779f"


@dataclass(frozen=True, slots=True)
class Failure:
    """A whole answer, to give in place of the usual one."""

    status: int
    body: Mapping[str, object]
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Identity:
    """What an id_token says about an account; Google's claims, then Microsoft's."""

    email: str
    sub: str
    preferred_username: str
    email_verified: bool = True
    tid: str = CONTOSO
    oid: str = "00000000-0000-0000-66f3-3332eca7ea81"

    @classmethod
    def of(cls, account: str) -> Self:
        """Describe an account that is what its address says."""
        return cls(email=account, sub=f"sub-of-{account}", preferred_username=account)


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What the server knows and does. Assign a changed copy to a running server.

    Attributes:
        clients: Client secrets by client id.
        service_accounts: Public keys in PEM by the e-mail address of the account.
        delegated: Whether the administrator has granted domain-wide delegation.
        refresh_tokens: Accounts by refresh token; those issued later are known as well.
        granted_scopes: What every grant really holds. None for all that belongs to the dialect.
        identities: Who an account is; if any is named, no other account exists.
        signed_in: Account that consents in the browser. None for the `login_hint`.
        screens: Whether a person is asked; else whoever is signed in consents at once.
        authorize_error: What a browser is sent back with, error and description, in place of a code.
        redirect_uris: Where browsers may be sent back to. None for anywhere.
        offline: Whether a code brings a refresh token.
        refresh_token_expires_in: Seconds that one lives, where Google tells.
        id_token_claims: Claims that are otherwise than they should be; None takes one away.
        forged: Whether id_tokens are signed by another than the published key.
        jwks_fails, revoke_fails: Whether these endpoints are out of order.
        surplus_keys: How many keys are published beside the one in use.
        tenants: Tenants that exist. None for any.
        app_only: Mailboxes the application may open by itself. None for all of them.
        rotate: Whether a refresh brings a new refresh token. None for the habit of the dialect.
        fail: The answer to every token request, if any.
        latency_seconds: Wait before each answer to a token request.
        lifetime_seconds: Life of an access token.
    """

    clients: Mapping[str, str] = field(default_factory=dict)
    service_accounts: Mapping[str, str] = field(default_factory=dict)
    delegated: bool = True
    refresh_tokens: Mapping[str, str] = field(default_factory=dict)
    granted_scopes: str | None = None
    identities: Mapping[str, Identity] = field(default_factory=dict)
    signed_in: str | None = None
    screens: bool = False
    authorize_error: tuple[str, str] | None = None
    redirect_uris: Collection[str] | None = None
    offline: bool = True
    refresh_token_expires_in: int | None = None
    id_token_claims: Mapping[str, object] = field(default_factory=dict)
    forged: bool = False
    jwks_fails: bool = False
    revoke_fails: bool = False
    surplus_keys: int = 0
    tenants: Collection[str] | None = None
    app_only: Collection[str] | None = None
    rotate: bool | None = None
    fail: Failure | None = None
    latency_seconds: float = 0.0
    lifetime_seconds: int = 3599

    def identity(self, account: str) -> Identity:
        """Tell who an account is."""
        return self.identities.get(account) or Identity.of(account)

    def claims(self, true: Mapping[str, object]) -> dict[str, object]:
        """Say of an account what the id_token says."""
        told = {**true, **self.id_token_claims}
        return {name: value for name, value in told.items() if value is not None}

    def exists(self, account: str) -> bool:
        """Tell whether there is such an account."""
        return not self.identities or account in self.identities
