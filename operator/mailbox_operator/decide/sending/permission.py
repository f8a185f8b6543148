"""Which Mailbox a message is sent through, if its Sender may and the Mailbox can. Nobody is dialled.

What a status says counts only for the spec that it is about: a Mailbox whose address was changed a
moment ago sends when the operator has looked at it.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final, assert_never

from mailbox_operator.decide.declared.mailbox import Mailbox, ReadableMailbox, UnreadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender, Sender, UnreadableSender
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.sending.answers import Answer, Situation, answer
from mailbox_operator.decide.status.conditions import Standing
from mailbox_operator.decide.texts.addresses import is_same_mailbox
from mailbox_operator.decide.words import Kind

Find = Callable[[str], Mailbox | None]
"""Returns a Mailbox of the Sender's namespace by its name; None if there is none."""

MISSING: Final = "it does not exist"


def permitted(sender: Sender, address: str, find: Find) -> ReadableMailbox | Answer:
    """Choose the Mailbox that a message is sent through, or say why there is none now.

    Args:
        sender: Whose application logged in.
        address: What MAIL FROM names.
        find: Finds the Mailboxes that the Sender names.
    """
    match sender:
        case UnreadableSender():
            return about(Situation.SENDER_INVALID, sender.key)
        case ReadableSender(suspended=True):
            return about(Situation.SUSPENDED, sender.key, kind="sender")
        case ReadableSender():
            chosen = _chosen(sender, address, find)
        case _:
            assert_never(sender)
    return chosen if isinstance(chosen, Answer) else _usable(chosen)


def _chosen(sender: ReadableSender, address: str, find: Find) -> ReadableMailbox | Answer:
    """Find the Mailbox of an address among those that a Sender names.

    Where one of them does not exist or cannot be read, the address may be its own: that is no refusal.
    """
    doubtful: Answer | None = None
    for name in sender.selects:
        match find(name):
            case ReadableMailbox() as mailbox if is_same_mailbox(mailbox.address, address):
                return mailbox
            case ReadableMailbox():
                continue
            case UnreadableMailbox() as mailbox:
                doubtful = doubtful or about(
                    Situation.NOT_CONNECTED, mailbox.key, reason=Reason.INVALID_SPEC
                )
            case None:
                missing = replace(sender.key, kind=Kind.MAILBOX, name=name)
                doubtful = doubtful or about(Situation.NOT_CONNECTED, missing, reason=MISSING)
    return doubtful or answer(Situation.FOREIGN_SENDER, address=address, sender=sender.key)


def _usable(mailbox: ReadableMailbox) -> ReadableMailbox | Answer:
    """Say whether a Mailbox is connected, by its status."""
    key, status = mailbox.key, mailbox.status
    if mailbox.suspended:
        return about(Situation.SUSPENDED, key, kind="mailbox")
    is_judged = status.observed_generation == mailbox.generation
    match status.standing if is_judged else None:
        case Standing.CONNECTED:
            return mailbox
        case Standing.RETRYING if status.reason == Reason.SENDING_LIMIT_REACHED:
            return about(Situation.LIMIT_REACHED, key)
        case None | Standing.PROGRESSING | Standing.RETRYING:
            reason = status.reason if is_judged else Reason.PROGRESSING
            return about(Situation.RECONNECTING, key, reason=reason or Reason.PROGRESSING)
        case Standing.WAITING | Standing.STALLED:
            return about(Situation.NOT_CONNECTED, key, reason=status.reason)
        case _:
            assert_never(status.standing)


def about(situation: Situation, key: Key, **facts: object) -> Answer:
    """Answer about an object that is named."""
    return answer(situation, namespace=key.namespace, name=key.name, **facts)
