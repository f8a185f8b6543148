"""A Secret as it was read, and what is asked of one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256

from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Move, Reason


@dataclass(frozen=True, slots=True)
class Secret:
    """The data of a Secret, decoded. Its `repr` shows none of it."""

    name: str
    content: Mapping[str, bytes] = field(repr=False)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a value as text; a line feed at its end, as editors leave it, is not part of it.

        Raises:
            Fault: `CredentialsMissing`: the key is absent or empty and has no default, or is no text.
        """
        try:
            value = self.content.get(key, b"").decode().rstrip("\r\n")
        except UnicodeDecodeError:
            raise missing(self.name, f"key {key} is no UTF-8 text") from None
        if value:
            return value
        if default is None:
            raise missing(self.name, f"key {key} is {'empty' if key in self.content else 'absent'}")
        return default


def origin_of(secret: Secret | None) -> str:
    """Digest the refresh token that a tenant's Secret holds; empty if it holds none."""
    token = secret.text("refresh-token", "") if secret else ""
    return sha256(token.encode()).hexdigest() if token else ""


def missing(name: str, problem: str) -> Fault:
    """Make the fault that says what is wrong with a Secret; never what is in it."""
    return Fault(
        Reason.CREDENTIALS_MISSING, problem, facts={"secret": f"Secret {name}", "problem": problem}
    )


@dataclass(frozen=True, slots=True)
class Expiry:
    """When a Secret in use ceases to be good, as somebody noted on it.

    Attributes:
        move: Whose move it is then.
        moment: Aware.
    """

    namespace: str
    name: str
    move: Move
    moment: datetime


def read_moment(text: str) -> datetime | None:
    """Read a date (its first moment in UTC), or a time as RFC 3339 has it; None if it is neither."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
