"""What is left of the limits of mailboxes, for Prometheus."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.sending.capacity import Report
from mailbox_operator.decide.status.capacity import Capacity
from mailbox_operator.report.metrics.family import Family

OBJECT: Final = ("namespace", "name")


def capacities(reports: Iterable[tuple[Key, Report]]) -> Iterator[Family]:
    """Tell of each Mailbox with a limit how much that is, and how much of it is used."""
    limit = "Recipients that a Mailbox may send to in 24 hours, where that is limited."
    yield Family("mailbox_capacity_limit", limit, OBJECT, _rows(reports, lambda each: each.limit))
    used = "Recipients that were sent to as a Mailbox in the last 24 hours, where that is limited."
    yield Family("mailbox_capacity_used", used, OBJECT, _rows(reports, lambda each: each.used))


def reached(reports: Mapping[Key, Report]) -> Family:
    """Count the Mailboxes that can send nothing now because of a limit."""
    tally = Counter(key.namespace for key, each in reports.items() if each.state == "False")
    text = "Mailboxes that have reached a sending limit."
    return Family("mailboxes_limit_reached", text, ("namespace",), tally.items())


def _rows(
    reports: Iterable[tuple[Key, Report]], read: Callable[[Capacity], int]
) -> Iterator[tuple[str, str, int]]:
    for key, each in reports:
        if each.capacity is not None:
            yield key.namespace, key.name, read(each.capacity)
