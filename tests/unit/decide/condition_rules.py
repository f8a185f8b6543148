"""The rules of Flux's condition checker and of the Kubernetes API conventions, on a status."""

import re
from collections.abc import Iterator
from typing import Final

from mailbox_operator.decide.status.conditions import Status

CAMEL_CASE: Final = re.compile(r"[A-Z][A-Za-z]*")
ABNORMAL: Final = ("Reconciling", "Stalled")


def broken_rules(status: Status, generation: int, *, suspended: bool = False) -> list[str]:
    """Name the rules that a status breaks.

    Args:
        status: What was written.
        generation: `metadata.generation` of the object.
        suspended: Then the verdict is on an older generation, by design.
    """
    if not status.conditions:
        return [] if suspended else ["Ready is always present"]
    broken = [*_shape(status), *_polarity(status), *_generations(status, generation)]
    return [rule for rule in broken if not suspended or "older" not in rule]


def _shape(status: Status) -> Iterator[str]:
    types = [one.type for one in status.conditions]
    if len(types) != len(set(types)):
        yield "a type is there once"
    if "Ready" not in types:
        yield "Ready is always present"
    for one in status.conditions:
        if not CAMEL_CASE.fullmatch(one.reason):
            yield f"{one.type} has a reason in CamelCase"
        if not one.message:
            yield f"{one.type} has a message"


def _polarity(status: Status) -> Iterator[str]:
    found = {one.type: one.status for one in status.conditions}
    ready = found.get("Ready")
    if {found[name] for name in ABNORMAL if name in found} - {"True"}:
        yield "Reconciling and Stalled are there only when True"
    if "Reconciling" in found and "Stalled" in found:
        yield "Reconciling and Stalled are never there together"
    if ready != "False" and ("Stalled" in found or found.get("Error") == "True"):
        yield "Ready is False when Stalled or Error"
    if ready == "True" and "Reconciling" in found:
        yield "Ready is not True when Reconciling"
    if ready == "Unknown" and "Reconciling" not in found:
        yield "Ready is Unknown only when Reconciling"


def _generations(status: Status, generation: int) -> Iterator[str]:
    seen = {one.observed_generation for one in status.conditions}
    if max(seen) > generation or status.observed_generation > generation:
        yield "nothing is observed before it is there"
    if max(seen) > status.observed_generation:
        yield "the root is observed as late as its conditions"
    ready = status.condition("Ready")
    if ready and ready.status == "True" and min(seen) < status.observed_generation:
        yield "Ready is not True on older conditions"


def jumps(before: Status, after: Status) -> list[str]:
    """Name the conditions whose transition time moved without their status, or did not with it."""
    pairs = [(before.condition(one.type), one) for one in after.conditions]
    return [
        one.type
        for old, one in pairs
        if old is not None
        and (old.status == one.status) != (old.last_transition_time == one.last_transition_time)
    ]
