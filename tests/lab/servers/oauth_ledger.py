"""The books of the authorization server: which token was given to whom, and is it still good."""

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import count
from typing import Final

from joserfc import jwt
from joserfc.jwk import RSAKey

from lab.servers.oauth_script import Behaviour

OF_MAIL: Final = frozenset(
    {
        "https://mail.google.com/",
        "https://outlook.office.com/SMTP.Send",
        "https://outlook.office365.com/SMTP.Send",
        "https://outlook.office365.com/.default",
    }
)


@dataclass(frozen=True, slots=True)
class Grant:
    """What stands behind a token.

    Attributes:
        client: The client it was given to.
        account: The mailbox; None if the application acts for itself.
        scope: The granted scopes, separated by blanks.
        expires: Seconds since the epoch; None for a refresh token.
    """

    client: str
    account: str | None
    scope: str
    expires: float | None = None


@dataclass(frozen=True, slots=True)
class Code:
    """A consent that waits to be exchanged, once; with the whole request it was given for."""

    grant: Grant
    redirect_uri: str
    challenge: str
    nonce: str | None
    query: Mapping[str, str] = field(default_factory=dict)


@cache
def _key(number: int) -> RSAKey:
    """Make a key, once for all servers of the process; each server gives it a name of its own."""
    return RSAKey.generate_key(2048)


class Ledger:
    """Remembers every token of one server and signs its id_tokens."""

    def __init__(self) -> None:
        self.access: dict[str, Grant] = {}
        self.refresh: dict[str, Grant] = {}
        self.codes: dict[str, Code] = {}
        self.revocations: list[str] = []
        self._revoked: set[str] = set()
        self._of_code: dict[str, Grant] = {}
        self._numbers = count()
        self.rotate_keys()

    def rotate_keys(self) -> None:
        """Sign with a new key from now on, as every issuer does now and then."""
        self._name = secrets.token_urlsafe(16)
        self._key, self._forged = _key(next(self._numbers)), _key(next(self._numbers))

    @property
    def public_key(self) -> Mapping[str, object]:
        """The JSON Web Key that verifies the id_tokens."""
        public = self._key.as_dict(private=False)
        return {**public, "kid": self._name, "use": "sig", "alg": "RS256"}

    def issue_access(self, prefix: str, grant: Grant, lifetime_seconds: int) -> str:
        """Give out an access token."""
        token = prefix + secrets.token_urlsafe(48)
        expires = time.time() + lifetime_seconds
        self.access[token] = Grant(grant.client, grant.account, grant.scope, expires)
        return token

    def issue_refresh(self, prefix: str, grant: Grant) -> str:
        """Give out a refresh token; the earlier ones stay good."""
        token = prefix + secrets.token_urlsafe(48)
        self.refresh[token] = grant
        return token

    def issue_code(self, code: Code) -> str:
        """Give out an authorization code."""
        name = secrets.token_urlsafe(24)
        self.codes[name] = code
        self._of_code[name] = code.grant
        return name

    def revoke_code(self, name: str) -> None:
        """End what a code was exchanged for: it came a second time (RFC 6749 section 4.1.2)."""
        grant = self._of_code.get(name)
        if grant is not None:
            self._revoke_all(grant)

    def sign(self, claims: dict[str, object], *, forged: bool = False) -> str:
        """Sign an id_token; forged by another key that claims to be the known one."""
        header = {"alg": "RS256", "kid": self._name, "typ": "JWT"}
        key = self._forged if forged else self._key
        return jwt.encode(header, claims, key, algorithms=["RS256"])

    def refreshable(self, token: str, client: str, behaviour: Behaviour) -> str | None:
        """Find the account a refresh token stands for; None if it is unknown or revoked."""
        if token in self._revoked:
            return None
        issued = self.refresh.get(token)
        if issued is not None:
            return issued.account if issued.client == client else None
        return behaviour.refresh_tokens.get(token)

    def has_consent(self, account: str) -> bool:
        """Say whether any refresh token of an account is still good."""
        own = (token for token, grant in self.refresh.items() if grant.account == account)
        return any(token not in self._revoked for token in own)

    def live(self, token: str) -> Grant | None:
        """Find the grant of an access token that is neither revoked nor expired."""
        grant = self.access.get(token)
        if grant is None or token in self._revoked or (grant.expires or 0) < time.time():
            return None
        return grant

    def revoke(self, token: str, behaviour: Behaviour) -> bool:
        """End the whole consent a token belongs to: every token of that account and client.

        Returns:
            Whether the token was good until now.
        """
        self.revocations.append(token)
        if token in self._revoked:
            return False
        grant = self.live(token) or self.refresh.get(token)
        if grant is not None:
            self._revoke_all(grant)
        account = behaviour.refresh_tokens.get(token, grant.account if grant else None)
        self._revoked |= {
            name for name, owner in behaviour.refresh_tokens.items() if owner == account
        }
        return account is not None

    def _revoke_all(self, grant: Grant) -> None:
        """End every token of an account and client."""
        books, same = self.access | self.refresh, (grant.client, grant.account)
        self._revoked |= {
            name for name, other in books.items() if (other.client, other.account) == same
        }

    def revoke_account(self, account: str, behaviour: Behaviour) -> None:
        """End every consent of an account, as its owner or a change of password would."""
        books = self.access | self.refresh
        self._revoked |= {name for name, grant in books.items() if grant.account == account}
        self._revoked |= {
            name for name, owner in behaviour.refresh_tokens.items() if owner == account
        }

    def opens(self, user: str, token: str, behaviour: Behaviour) -> bool:
        """Tell whether a mail server should let this user in with this token."""
        grant = self.live(token)
        if grant is None or OF_MAIL.isdisjoint(grant.scope.split()):
            return False
        if grant.account is None:
            return behaviour.app_only is None or user in behaviour.app_only
        return grant.account.lower() == user.lower()
