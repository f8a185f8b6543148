"""How a login with a password may end, and what is remembered of one that was refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason

OPEN: Final = "?"
"""Ends the mark of a login that is under way; who does not know of that takes it as refused."""


class End(Enum):
    """How a login ended; unanswered is one that the server may have refused, for all that is known.

    It was cut off, or the answer is in no table.
    """

    ACCEPTED = auto()
    REFUSED = auto()
    UNANSWERED = auto()
    OTHER = auto()


END_OF: Final[Mapping[Reason, End]] = {
    Reason.INVALID_CREDENTIALS: End.REFUSED,
    Reason.APP_PASSWORD_REQUIRED: End.REFUSED,
    Reason.ACCESS_BLOCKED: End.REFUSED,
    Reason.UNKNOWN: End.UNANSWERED,
}
"""What a reply to AUTH means for the account; any other is nothing that a provider counts."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said to a password."""

    reason: Reason
    code: str
    finding: Finding | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Refusal:
    """One refused login.

    Attributes:
        at: Seconds by the monotonic clock.
        accounts, namespace: As in `TriedLogin`.
        mark: Tells it from others when two records are put together: the process, a number in it, and
            `OPEN` as long as it is not known how the login ends.
        credential: Empty where another process saw it.
        answer: None where the attempt was cancelled, or another process saw it.
    """

    at: float
    accounts: tuple[str, ...]
    namespace: str
    mark: str = ""
    credential: str = ""
    answer: Answer | None = None

    @property
    def is_open(self) -> bool:
        """Whether the login is under way."""
        return self.mark.endswith(OPEN)

    @property
    def identity(self) -> tuple[object, ...]:
        """What it is known again by, however the login ended."""
        return self.mark.removesuffix(OPEN), self.accounts, self.namespace
