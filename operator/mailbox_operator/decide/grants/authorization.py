"""What a browser is sent to a provider with, and what is remembered until it comes back."""

from dataclasses import dataclass, field
from hashlib import sha256


@dataclass(frozen=True, slots=True)
class Departure:
    """Where a browser is to go, and which client sends it there."""

    url: str
    client: str


@dataclass(frozen=True, slots=True)
class AuthorizationRequest:
    """What a browser is sent to the provider with (RFC 6749 section 4.1.1, RFC 7636).

    Attributes:
        nonce: What the id_token has to repeat (OpenID Connect Core 1.0 section 3.1.2.1).
        choose_account: Whether the person is asked which account to use, even if signed in.
    """

    redirect_uri: str
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    code_verifier: str = field(repr=False)
    choose_account: bool = False


@dataclass(frozen=True, slots=True)
class Pending:
    """A request that a browser is out with.

    Attributes:
        uid, generation: Of the Mailbox as it was when the button was clicked.
        browser: Digest of the cookie of the browser that was sent out.
        client: Client that sends it there.
        began: Seconds since the epoch.
        origin: Opaque name of the address and the browser that it was begun from, as limits tell them
            apart.
    """

    uid: str
    generation: int
    browser: str
    client: str
    began: float
    request: AuthorizationRequest
    origin: str = ""


def digest(secret: str) -> str:
    """Return what may be kept of a secret to know it again."""
    return sha256(secret.encode()).hexdigest()
