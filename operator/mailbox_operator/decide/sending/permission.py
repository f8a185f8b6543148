"""Whether a Sender may send, and a Mailbox can. Nobody is dialled.

What a status says counts only for the spec that it is about: a Mailbox whose address was changed a
moment ago sends when the operator has looked at it.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, assert_never

from mailbox_operator.decide.declared.mailbox import Mailbox, ReadableMailbox, UnreadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender, Sender, UnreadableSender
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.sending.answers import Answer, Situation, answer
from mailbox_operator.decide.sending.claims import Claim
from mailbox_operator.decide.sending.ledger import Full, Limit
from mailbox_operator.decide.sending.terms import Terms
from mailbox_operator.decide.status.conditions import Standing
from mailbox_operator.decide.texts.addresses import is_same_mailbox
from mailbox_operator.decide.words import Kind

Find = Callable[[str], Mailbox | None]
"""Returns a Mailbox of the Sender's namespace by its name; None if there is none."""

ALMOST_A_MINUTE: Final = timedelta(seconds=59, microseconds=999_999)
MISSING: Final = "it does not exist"


def judged(sender: Sender) -> ReadableSender | Answer:
    """Say whether a Sender may send at all."""
    match sender:
        case ReadableSender(suspended=True):
            return about(Situation.SUSPENDED, sender.key, kind="sender")
        case ReadableSender():
            return sender
        case UnreadableSender():
            return about(Situation.SENDER_INVALID, sender.key)
        case _:
            assert_never(sender)


def named(
    sender: ReadableSender, address: str, names: Iterable[str], find: Find
) -> ReadableMailbox | Answer:
    """Find the Mailbox of an address among those of a Sender, or say why it cannot send now.

    Where one of them does not exist or cannot be read, the address may be its own: that is no refusal.

    Args:
        sender: Whose application logged in.
        address: What MAIL FROM names.
        names: Of the Mailboxes that may have it.
        find: Finds them.
    """
    doubtful: Answer | None = None
    for name in names:
        match find(name):
            case ReadableMailbox() as mailbox if is_same_mailbox(mailbox.address, address):
                return usable(mailbox)
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


def usable(mailbox: ReadableMailbox) -> ReadableMailbox | Answer:
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


def exhausted(claim: Claim, full: Full, count: int, now: datetime) -> Answer:
    """Say which limit keeps a message from being sent, and until when, with the date if not today."""
    limit = _in_words(full.limit, claim.terms)
    if full.next_at is None:
        return about(Situation.ABOVE_LIMIT, claim.about, limit=limit, count=count)
    next_at = full.next_at + ALMOST_A_MINUTE
    told = next_at.strftime("%H:%MZ" if next_at.date() == now.date() else "%H:%MZ on %Y-%m-%d")
    return about(Situation.OWN_LIMIT_REACHED, claim.about, limit=limit, next=told)


def _in_words(limit: Limit, terms: Terms) -> str:
    match limit:
        case Limit.DAY:
            return f"{terms.per_day} recipients in 24 hours"
        case Limit.GAP:
            return f"one message every {terms.every.total_seconds():.0f} s"
        case Limit.MINUTE:
            return f"{terms.per_minute} messages a minute"
        case _:
            assert_never(limit)


def about(situation: Situation, key: Key, **facts: object) -> Answer:
    """Answer about an object that is named."""
    return answer(situation, namespace=key.namespace, name=key.name, **facts)
