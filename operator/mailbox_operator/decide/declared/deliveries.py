"""What gateways note on a Mailbox of the messages that they sent through it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from mailbox_operator.decide.declared.secret import read_moment
from mailbox_operator.decide.names import LIMITED, SENT, annotations_of


@dataclass(frozen=True, slots=True)
class Deliveries:
    """The latest news of messages; a tenant can write them as well, about the own Mailbox only.

    Attributes:
        sent: When the provider took one; None if there is no such note.
        limited: When it refused one because the sending limit was reached.
    """

    sent: datetime | None = None
    limited: datetime | None = None


NO_DELIVERIES: Final = Deliveries()


def deliveries_of(metadata: Mapping[str, Any]) -> Deliveries:
    """Read the notes of gateways; what is no time is no note."""
    noted: Any = annotations_of(metadata)
    if not isinstance(noted, Mapping) or not {SENT, LIMITED} & noted.keys():
        return NO_DELIVERIES
    return Deliveries(*(read_moment(str(noted.get(name, ""))) for name in (SENT, LIMITED)))
