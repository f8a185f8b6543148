"""`status` and `senders`: how objects stand, with what they use and who uses them."""

from collections.abc import Sequence

from mailbox_operator.clock import now
from mailbox_operator.command.objects import Objects
from mailbox_operator.command.standing import Report
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import ReadableMailbox, UnreadableMailbox
from mailbox_operator.decide.declared.sender import ReadableSender
from mailbox_operator.decide.words import Kind


async def reports(objects: Objects, subjects: Sequence[Subject]) -> list[Report]:
    """Read what stands around some objects; what may not be read is left out."""
    kinds = {each.key.kind for each in subjects}
    senders = await objects.readable(Kind.SENDER) if Kind.MAILBOX in kinds else []
    boxes = await objects.readable(Kind.MAILBOX) if Kind.SENDER in kinds else []
    used = any(each.used for each in subjects)
    found = await objects.readable(Kind.INFRASTRUCTURE) if used else []
    offers = {each.key.name: each for each in found}
    moment = now()
    return [
        Report(each, moment, related(each, [*senders, *boxes]), offers.get(each.used or ""))
        for each in subjects
    ]


def related(subject: Subject, others: Sequence[Subject]) -> list[Subject]:
    """Find the Senders that send through a Mailbox, or the Mailboxes that a Sender sends through."""
    near = [each for each in others if each.key.namespace == subject.key.namespace]
    return [each for each in near if _sends(subject, each) or _sends(each, subject)]


def _sends(sender: Subject, mailbox: Subject) -> bool:
    match sender, mailbox:
        case ReadableSender(), ReadableMailbox() | UnreadableMailbox():
            return sender.admits(mailbox)
        case _:
            return False
