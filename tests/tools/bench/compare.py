"""`python -m tools.bench.compare BEFORE NOW`: says how two saved runs differ, as information.

It always ends with 0: machines differ. Ratios tell of the code, seconds also of the machine.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from tools.bench.record import Record, load
from tools.bench.runs import values_of
from tools.bench.tables import JUDGED, markdown

COLUMNS: Final = ("what", "before", "now", "change", "goal", "")


def compared(before: Mapping[str, Record], now: Mapping[str, Record]) -> str:
    """Lay out what was reached by both runs."""
    lines = [COLUMNS, *_lines(before, now)]
    commits = (f"- {name} {bench}: {each}" for name, bench, each in _named(before, now))
    return "\n".join([*commits, "", markdown(lines)])


def _named(
    before: Mapping[str, Record], now: Mapping[str, Record]
) -> Iterator[tuple[str, str, Record]]:
    for name, records in (("before", before), ("now", now)):
        for bench, record in records.items():
            yield name, bench, record


def _lines(before: Mapping[str, Record], now: Mapping[str, Record]) -> Iterator[Sequence[str]]:
    known = values_of(before)
    for what, row in values_of(now).items():
        earlier = known.get(what)
        then = "" if earlier is None else earlier.reached
        change = "" if earlier is None else changed(earlier.value, row.value)
        yield (what, then, row.reached, change, row.goal, JUDGED[row.good])


def changed(before: float, now: float) -> str:
    """Say by how much a value changed, in percent of what it was; empty if it was nothing."""
    return f"{100 * (now - before) / before:+.0f} %" if before else ""


def main(arguments: Sequence[str]) -> int:
    """Print the comparison; an earlier run that is missing is no error."""
    first, second = map(Path, arguments)
    print("### The bench, as information\n")
    if not first.exists():
        print("There is no earlier run to compare with.\n")
    print(compared(load(first) if first.exists() else {}, load(second)))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
