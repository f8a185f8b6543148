"""`make docs`: writes docs/states.md from the state machine itself."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import groupby
from typing import Final

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Retry
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.machine.backoff import pause_after
from mailbox_operator.decide.machine.machine import DAMPING, Proof, announcement
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.machine.verdict import SUSPICIONS
from mailbox_operator.decide.status.conditions import Standing
from tools.states.attempts import (
    MISSING,
    NOON,
    PACE,
    REFUSED,
    ROOT,
    SUCCESS,
    SUSPECTED,
    TEMPORARY,
    example,
    seen,
    then,
)

PAGE: Final = ROOT / "docs" / "states.md"
PART: Final = re.compile(r"(<!-- (\w+) -->\n).*?(<!-- /\2 -->)", re.DOTALL)
MAILBOX: Final = example()
NEW: Final = seen(MAILBOX)
INTERVAL: Final = MAILBOX.check_interval
UNITS: Final = (("h", 3600), ("min", 60))

BEFORE: Final[Mapping[str, Seen]] = {
    "new, or changed": NEW,
    "Connected": then(NEW, SUCCESS),
    "Retrying": then(NEW, TEMPORARY),
    "Waiting": then(NEW, MISSING),
    "Stalled": then(NEW, REFUSED),
}
OUTCOMES: Final[Mapping[str, Sequence[Proof | Fault]]] = {
    "success": [SUCCESS],
    "temporary": [TEMPORARY],
    f"temporary, {DAMPING} in a row": [TEMPORARY] * DAMPING,
    "something is missing": [MISSING],
    "a person must act": [REFUSED],
    "suspected": [SUSPECTED],
    f"suspected, {SUSPICIONS} in a row": [SUSPECTED] * SUSPICIONS,
}


def page(text: str) -> str:
    """Put the tables and the picture into the page."""
    made = (picture, transitions, conditions, waits)
    parts = {each.__name__: "\n".join(each()) for each in made}
    return PART.sub(lambda found: f"{found[1]}{parts[found[2]]}\n{found[3]}", text)


def name(standing: Standing | None) -> str:
    """Name a standing as the page does."""
    return standing.name.capitalize() if standing else ""


def after(before: Seen, outcomes: Sequence[Proof | Fault]) -> str:
    """Name where a mailbox stands after these attempts."""
    return name(then(before, *outcomes).status.standing)


def transitions() -> Iterator[str]:
    """Write what becomes of each standing by each outcome."""
    yield from head("before", *OUTCOMES)
    for before, at in BEFORE.items():
        yield line(before, *(after(at, outcomes) for outcomes in OUTCOMES.values()))


def picture() -> Iterator[str]:
    """Draw the same as a graph, less the arrows that lead back to where they begin."""
    changed = replace(BEFORE["Connected"], subject=replace(MAILBOX, generation=2))
    trying = name(announcement(changed, NOON).standing)
    yield "```mermaid\nstateDiagram-v2"
    yield f"    [*] --> {trying}: created, or its spec changed"
    for before, at in BEFORE.items():
        here = before if at.status.conditions else trying
        arrows = sorted((after(at, outcomes), title) for title, outcomes in OUTCOMES.items())
        for there, group in groupby(arrows, key=lambda arrow: arrow[0]):
            if there != here:
                yield f"    {here} --> {there}: {' / '.join(title for _, title in group)}"
    yield "```"


def conditions() -> Iterator[str]:
    """Write how each standing is shown in the status."""
    yield from head("standing", "Ready", "Connected", "Error", "and")
    for standing in Standing:
        ready, connected, error, kind, reason = standing.value
        more = f"`{kind}=True`, reason {f'`{reason}`' if reason else 'as of Ready'}" if kind else ""
        yield line(name(standing), ready, connected, error, more)


def waits() -> Iterator[str]:
    """Write what each row of the table of reasons waits, with the intervals by default."""
    yield from head("in docs/reasons.md", "wait after one, two, ... such attempts", "reasons")
    for retry in Retry:
        reasons = " ".join(f"`{reason}`" for reason, rule in RULES.items() if rule.retry is retry)
        spans = dict.fromkeys(span(retry, attempts) for attempts in range(1, 8))
        yield line(retry.value, ", ".join(spans), reasons)


def span(retry: Retry, attempts: int) -> str:
    """Write the shortest and the longest wait that chance may draw."""
    drawn = [pause_after(retry, attempts, INTERVAL, PACE, jitter) for jitter in (0.0, 1.0)]
    return " to ".join(map(amount, drawn))


def amount(wait: timedelta) -> str:
    """Write a wait in the unit that people would use."""
    seconds = wait.total_seconds()
    unit, size = next((each for each in UNITS if seconds >= each[1]), ("s", 1))
    return f"{seconds / size:g} {unit}"


def head(*titles: str) -> Iterator[str]:
    """Write the head of a table."""
    yield line(*titles)
    yield f"|{'---|' * len(titles)}"


def line(*cells: str) -> str:
    """Write a line of a table."""
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
