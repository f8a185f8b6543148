"""The exceptions that cross the border: a mailbox cannot be used, or nothing was learned of it."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason

NO_FACTS: Final[Mapping[str, str]] = {}


class Fault(Exception):  # noqa: N818 - it reports the world, not an error of ours
    """A mailbox cannot be used, for a reason in the table.

    Adapters raise it in place of their libraries' errors, `from` the original. Whatever else leaves
    an adapter is a bug.

    Attributes:
        reason: The row in `RULES` that settles conditions, retry and message.
        detail: What the other side said, for the log. Never a credential, never a token.
        facts: Values for the placeholders of the row's message; stable from attempt to attempt.
        retry_after: Least wait the other side asked for; None if it named none.
        certain: False where only repetition tells a person's mistake from a passing trouble.
        finding: What is known more precisely than the reason; its words replace the row's.
    """

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        *,
        facts: Mapping[str, str] = NO_FACTS,
        retry_after: timedelta | None = None,
        certain: bool = True,
        finding: Finding | None = None,
    ) -> None:
        super().__init__(reason.value)
        self.reason = reason
        self.detail = detail
        self.facts = facts
        self.retry_after = retry_after
        self.certain = certain
        self.finding = finding

    def with_facts(self, **facts: str) -> "Fault":
        """Return the same fault with more facts; those it already has stay."""
        return Fault(
            self.reason,
            self.detail,
            facts={**facts, **self.facts},
            retry_after=self.retry_after,
            certain=self.certain,
            finding=self.finding,
        )

    def to_keep(self) -> "Fault":
        """Return the same fault as it was before it was raised.

        What was raised refers to the frames that it went through, and so to all that was read in them.
        """
        return self.with_facts()

    def specified(self, finding: Finding | None) -> "Fault":
        """Return the same fault with what was found more precisely; what it knows already stays."""
        known = self.with_facts()
        known.finding = self.finding or finding
        return known


class Postponed(Exception):  # noqa: N818 - it is nobody's error
    """No attempt was made, so nothing was learned of the mailbox; one is made soon.

    The cluster did not answer, or others are being served.
    """
