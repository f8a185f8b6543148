"""What a newer view of an object changed, as far as that matters to those who hear of it."""

from enum import Enum, auto

from mailbox_operator.decide.declared.kinds import Subject


class Change(Enum):
    """What an event changed.

    Attributes:
        FREED: The Mailbox that held the address is gone, or let it go.
        SELECTION: Its labels handed it to this installation, or to another one.
    """

    NOTHING = auto()
    STATUS = auto()
    FREED = auto()
    SPEC = auto()
    SELECTION = auto()
    NEW = auto()


def change_of(before: Subject, after: Subject) -> Change:
    """Compare two views of one object; a wish to reconnect and a limit just met count as a new spec."""
    if after.is_selected != before.is_selected:
        return Change.SELECTION
    is_asked = after.reconnect != before.reconnect
    is_limited = after.deliveries.limited != before.deliveries.limited
    if after.generation != before.generation or is_asked or is_limited:
        return Change.SPEC
    return Change.STATUS if after.status != before.status else Change.NOTHING
