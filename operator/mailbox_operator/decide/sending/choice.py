"""Which Mailbox of a Sender sends a message: the one that the envelope names, or the recipient's own.

A recipient hears from one Mailbox only. So a message that follows an earlier one goes out by the
Mailbox that is first for the recipient, or waits for it; any other goes out by the first that can send.
"""

from collections.abc import Callable, Sequence
from typing import Protocol, assert_never

from mailbox_operator.decide.declared.mailbox import Mailbox, ReadableMailbox, UnreadableMailbox
from mailbox_operator.decide.declared.sender import ReadableSender
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.sending.answers import Answer, Situation, answer
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.decide.sending.permission import about, named, usable
from mailbox_operator.decide.sending.rotation import Candidates
from mailbox_operator.decide.words import Choose

Obstacle = Callable[[ReadableMailbox], Answer | None]
"""Says why a connected Mailbox cannot send now, such as a limit; None if it can."""

Weight = Callable[[ReadableMailbox], float]
"""What share of the recipients a Mailbox has, over that of the others."""


class Pool(Protocol):
    """The Mailboxes of one Sender."""

    def find(self, name: str) -> Mailbox | None:
        """Return one of them; None if it does not exist."""

    def at(self, address: str) -> Sequence[str]:
        """Name those that may have an address: its own, and any whose address is not known."""

    def candidates(self) -> Candidates:
        """Return all that exist, connected or not."""


def foreseen(sender: ReadableSender, address: str, pool: Pool, obstacle: Obstacle) -> Answer | None:
    """Say why nothing can be sent now, when an application begins a message; None if it may go on.

    Args:
        sender: The Sender.
        address: What MAIL FROM names; without a meaning where the recipient decides.
        pool: Its Mailboxes.
        obstacle: Why a connected Mailbox cannot send now.
    """
    if sender.spec.choose is Choose.BY_ENVELOPE:
        permit = _named(sender, address, pool)
        return permit if isinstance(permit, Answer) else obstacle(permit)
    first: Answer | None = None
    for name in pool.candidates().names:
        permit = _able(pool.find(name), obstacle)
        if not isinstance(permit, Answer):
            return None
        first = first or permit
    return first or about(Situation.NO_MAILBOX, sender.key)


def chosen(
    sender: ReadableSender, message: Message, pool: Pool, obstacle: Obstacle, *, follows: bool
) -> ReadableMailbox | Answer:
    """Choose the Mailbox of a message, or say why there is none now.

    Args:
        sender: The Sender.
        message: Its first recipient decides, where recipients do.
        pool: The Mailboxes of the Sender.
        obstacle: Why a connected Mailbox cannot send now: then another one does, if it may.
        follows: Whether the message answers or follows an earlier one.
    """
    if sender.spec.choose is Choose.BY_ENVELOPE:
        return _named(sender, message.sender, pool)
    own: Answer | None = None
    for name in pool.candidates().ranked(message.recipients[0]):
        permit = _able(pool.find(name), obstacle)
        if not isinstance(permit, Answer):
            return permit
        if follows:
            return _waiting(permit)
        own = own or permit
    return own or about(Situation.NO_MAILBOX, sender.key)


def _named(sender: ReadableSender, address: str, pool: Pool) -> ReadableMailbox | Answer:
    names = pool.at(address)
    if not names and not pool.candidates().names:
        return about(Situation.NO_MAILBOX, sender.key)
    return named(sender, address, names, pool.find)


def _able(mailbox: Mailbox | None, obstacle: Obstacle) -> ReadableMailbox | Answer:
    match mailbox:
        case ReadableMailbox():
            permit = usable(mailbox)
            return permit if isinstance(permit, Answer) else obstacle(permit) or permit
        case UnreadableMailbox():
            return about(Situation.NOT_CONNECTED, mailbox.key, reason=Reason.INVALID_SPEC)
        case None:
            return answer(Situation.UNEXPECTED)
        case _:
            assert_never(mailbox)


def _waiting(problem: Answer) -> Answer:
    """Say that a follow-up waits for its Mailbox; what never passes is said as it is."""
    if problem.is_permanent:
        return problem
    return answer(Situation.FOLLOW_UP_WAITS, problem=problem.text)
