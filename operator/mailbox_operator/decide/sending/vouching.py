"""What the gateway vouches for: that a message is from the Mailbox that sends it, and in no loop."""

from typing import Final, assert_never

from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.sending.answers import Answer, Situation, answer
from mailbox_operator.decide.sending.headers import Header, HeaderProblem
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.decide.sending.rewriting import RewriteProblem, rewritten
from mailbox_operator.decide.texts.addresses import is_same_mailbox
from mailbox_operator.decide.words import FromHeader

MOST_HOPS: Final = 25
"""Fields Received of a message that is not in a loop (RFC 5321 section 6.3 leaves the number open)."""


def prepared(
    message: Message,
    header: Header | HeaderProblem,
    from_header: FromHeader,
    mailbox: ReadableMailbox,
) -> Message | Answer:
    """Return a message as it goes out by a Mailbox, or say why it does not.

    Args:
        message: As it came.
        header: What was read of it.
        from_header: What becomes of its header From.
        mailbox: Who sends it.
    """
    if isinstance(header, HeaderProblem):
        return answer(Situation.FROM_UNREADABLE, problem=header.value)
    is_own = is_same_mailbox(header.author, mailbox.address)
    if from_header is FromHeader.VERIFY and not is_own:
        return answer(Situation.FOREIGN_FROM, address=mailbox.address)
    if header.hops > MOST_HOPS:
        return answer(Situation.LOOP, most=MOST_HOPS)
    match from_header:
        case FromHeader.VERIFY:
            return message
        case FromHeader.REWRITE:
            return _rewritten(message, header, mailbox)
        case _:
            assert_never(from_header)


def _rewritten(message: Message, header: Header, mailbox: ReadableMailbox) -> Message | Answer:
    """Replace the author, and with it the sender of the envelope."""
    address, name = mailbox.address, mailbox.spec.display_name
    content = rewritten(message.content, header, address, name)
    if isinstance(content, RewriteProblem):
        return answer(Situation.CANNOT_REWRITE, problem=content.value)
    return Message(address, message.recipients, content)
