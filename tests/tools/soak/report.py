"""Says plainly what was played, what was measured and what was found."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

SHOWN: Final = 5
INVARIANTS: Final = (
    "the status is the truth at the beginning",
    "two replicas never log in at once",
    "logins are bounded",
    "wrong passwords are not guessed",
    "no consent is lost",
    "the status is the truth after the faults",
    "every Mailbox has a turn ahead",
    "memory and files are bounded",
    "memory and files are flat",
)


def report(
    played: Mapping[str, int], figures: Mapping[str, str], found: Mapping[str, Sequence[str]]
) -> Iterator[str]:
    """Write it line by line.

    Args:
        played: How often each fault was played.
        figures: What was measured.
        found: What must never be, by the invariant that it breaks.
    """
    yield "\nFAULTS PLAYED"
    for name, count in sorted(played.items()):
        yield f"{count:5}  {name}"
    yield "\nMEASURED"
    width = max(map(len, figures), default=0)
    for name, value in figures.items():
        yield f"  {name.ljust(width)}  {value}"
    yield "\nINVARIANTS"
    width = max(map(len, INVARIANTS))
    for name in INVARIANTS:
        cases = found.get(name, ())
        yield f"  {name.ljust(width)}  {'ok' if not cases else f'{len(cases)} times not'}"
        yield from (f"      {each}" for each in cases[:SHOWN])
