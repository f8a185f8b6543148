"""What a schedule that was played comes to."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final, Self

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.schedule.lines import Lane
from tools.schedule.plan import PROVIDERS, Fleet
from tools.schedule.replica import Check, Played

WINDOW_SECONDS: Final = 10.0


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one kind of run, over all replicas.

    Attributes:
        checks: How many began.
        a_second: Checks a second, on the average.
        quietest, busiest: The same in the emptiest and in the fullest ten seconds, of all replicas.
        smallest, largest: Mailboxes of a replica.
        late_p99, late: Seconds that a periodic check began after its time; 99 of 100, and all.
        gap: The longest time between the beginnings of two checks of a Mailbox.
        newcomer: Seconds that a newcomer waited for its first check, at the most.
        in_flight: Of one replica, at the most.
        core: Share of its core that the busiest replica needed.
        caught_up: When the last Mailbox of the start had its first check; seconds since the start.
        spread: Checks that the tenant with the most was ahead of the one with the fewest at the busiest
            provider, while all of them waited there; on one replica, at the most.
    """

    checks: int
    a_second: float
    quietest: float
    busiest: float
    smallest: int
    largest: int
    late_p99: float
    late: float
    gap: float
    newcomer: float
    in_flight: int
    core: float
    caught_up: float
    spread: int

    @classmethod
    def of(cls, fleet: Fleet, replicas: Sequence[Played]) -> Self:
        """Sum up."""
        checks = [each for replica in replicas for each in replica.checks]
        seconds = fleet.rounds * fleet.interval
        windows = rates(checks, seconds)
        late = sorted(each.late for each in checks if each.lane is Lane.PERIODIC)
        return cls(
            checks=len(checks),
            a_second=len(checks) / seconds,
            quietest=min(windows),
            busiest=max(windows),
            smallest=min(len(each.keys) for each in replicas),
            largest=max(len(each.keys) for each in replicas),
            late_p99=late[len(late) * 99 // 100],
            late=late[-1],
            gap=longest_gap(checks),
            newcomer=max(each.late for each in checks if each.lane is Lane.NEW),
            in_flight=max(each.most for each in replicas),
            core=max(each.busy for each in replicas) / seconds,
            caught_up=max(
                first_checks(each for each in checks if each.lane is Lane.PERIODIC).values()
            ),
            spread=max(lead(fleet, each) for each in replicas),
        )


def rates(checks: Iterable[Check], seconds: float) -> list[float]:
    """Count checks a second in windows of ten seconds; those that were not played out are left out."""
    counts = Counter(int(each.at // WINDOW_SECONDS) for each in checks)
    return [counts[window] / WINDOW_SECONDS for window in range(int(seconds // WINDOW_SECONDS))]


def first_checks(checks: Iterable[Check]) -> dict[Key, float]:
    """Say when each Mailbox was checked for the first time."""
    found: dict[Key, float] = {}
    for each in checks:
        found.setdefault(each.key, each.at)
    return found


def longest_gap(checks: Iterable[Check]) -> float:
    """Return the longest time between the beginnings of two checks of a Mailbox."""
    begun = defaultdict[Key, list[float]](list)
    for each in checks:
        begun[each.key].append(each.at)
    gaps = (later - before for times in begun.values() for before, later in pairwise(times))
    return max(gaps, default=0.0)


def lead(fleet: Fleet, replica: Played) -> int:
    """Say how far tenants got apart at the busiest provider, as long as each of them waited there."""
    left = Counter(key.namespace for key in replica.keys if fleet.destination(key) == PROVIDERS[0])
    served, most = Counter(dict.fromkeys(left, 0)), 0
    for each in replica.checks:
        if fleet.destination(each.key) != PROVIDERS[0]:
            continue
        served[each.key.namespace] += 1
        if served[each.key.namespace] == left[each.key.namespace]:
            break
        most = max(most, max(served.values()) - min(served.values()))
    return most
