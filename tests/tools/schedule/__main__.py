"""Plays the operator's schedule for 100,000 Mailboxes, on four replicas and a clock that leaps.

It prints the table of docs/performance.md. `--processor-ms` is what a check costs the core.
"""

import argparse
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Final

from tools.schedule.figures import Figures
from tools.schedule.plan import Fleet
from tools.schedule.replica import play

ROWS: Final[tuple[tuple[str, Callable[[Figures], str]], ...]] = (
    ("checks", lambda f: f"{f.checks:,}"),
    ("Mailboxes of a replica", lambda f: f"{f.smallest:,} to {f.largest:,}"),
    ("checks a second, on the average", lambda f: f"{f.a_second:.0f}"),
    ("in the emptiest and the fullest 10 s", lambda f: f"{f.quietest:.0f}, {f.busiest:.0f}"),
    ("a periodic check begins late by, 99 of 100", lambda f: f"{f.late_p99:.2f} s"),
    ("all of them", lambda f: f"{f.late:.2f} s"),
    ("longest time between two checks of a Mailbox", lambda f: f"{f.gap:.0f} s"),
    ("a newcomer waits for at most", lambda f: f"{f.newcomer:.2f} s"),
    ("checks in flight on a replica, at most", lambda f: f"{f.in_flight}"),
    ("of its core in use", lambda f: f"{100 * f.core:.0f} %"),
)


def main() -> None:
    """Play both runs, and print what came of them."""
    fleet = read()
    runs = (fleet, replace(fleet, overdue=True, rounds=1))
    began = time.monotonic()
    with ProcessPoolExecutor() as processes:
        played = [
            [processes.submit(play, each, number) for number in range(each.replicas)]
            for each in runs
        ]
        found = [
            Figures.of(fleet, [each.result() for each in replicas])
            for fleet, replicas in zip(runs, played, strict=True)
        ]
    print("| | checks spread | all due at once |\n|---|---|---|")
    for name, shown in ROWS:
        print(f"| {name} | {' | '.join(map(shown, found))} |")
    print(f"\nplayed in {time.monotonic() - began:.0f} s")


def read() -> Fleet:
    """Read the command line."""
    known, parser = Fleet(), argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mailboxes", type=int, default=known.mailboxes)
    parser.add_argument("--replicas", type=int, default=known.replicas)
    parser.add_argument("--check-seconds", type=float, default=known.check_seconds)
    parser.add_argument("--processor-ms", type=float, default=1000 * known.processor_seconds)
    parser.add_argument("--per-host", type=int, default=known.per_host)
    asked = parser.parse_args()
    return Fleet(
        mailboxes=asked.mailboxes,
        replicas=asked.replicas,
        check_seconds=asked.check_seconds,
        processor_seconds=asked.processor_ms / 1000,
        per_host=asked.per_host,
    )


if __name__ == "__main__":
    main()
