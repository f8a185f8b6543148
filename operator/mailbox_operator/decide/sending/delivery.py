"""A message on its way out, and what can become of it.

Nothing here is a matter of SMTP alone: an adapter that sends over HTTP has no envelope and no session,
and says what its provider answered in the same words.
"""

from dataclasses import dataclass

from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.smtp_reply import Stage
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.sending.answers import Answer


@dataclass(frozen=True, slots=True)
class Route:
    """For whom a message is sent: the Mailbox with its inputs as they are at this moment."""

    case: Case


@dataclass(frozen=True, slots=True)
class Taken:
    """The provider has the message.

    Attributes:
        answer: What it said, as it can be passed on.
    """

    answer: Answer


@dataclass(frozen=True, slots=True)
class Refused:
    """The provider refused, and nobody was sent anything.

    Attributes:
        answer: What it said, as it can be passed on.
        stage: Whether it refused the sender, a recipient or the message.
        recipient: The one that was refused; empty unless one was.
        trouble: What the refusal says of the Mailbox; None where it is about this message alone.
    """

    answer: Answer
    stage: Stage
    recipient: str = ""
    trouble: Fault | None = None


@dataclass(frozen=True, slots=True)
class NotSent:
    """The provider was not asked, or gave no answer before it had the whole message: nothing was sent.

    Attributes:
        trouble: Why; `Postponed` says nothing of the Mailbox: others are being served, or the cluster
            did not answer.
    """

    trouble: Fault | Postponed


@dataclass(frozen=True, slots=True)
class InDoubt:
    """The connection was lost after the whole message was on its way; it may have been sent, or not.

    Attributes:
        detail: How, for the log.
    """

    detail: str


Outcome = Taken | Refused | NotSent | InDoubt
