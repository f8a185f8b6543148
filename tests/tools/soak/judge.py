"""What mail servers, statuses and processes tell, held against what must never be."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from itertools import groupby
from typing import Final

from lab.servers.smtp_script import Attempt

MINUTE: Final = timedelta(minutes=1)
MOST_A_MINUTE: Final = 20
"""Logins of one Mailbox: the retries of a soak are quick, and it may be edited meanwhile."""

SOONEST: Final = timedelta(seconds=2)
"""No replica starts, waits for the Lease of another and logs in within that."""
WRONG_PASSWORD: Final = 535
MOST_MIB: Final = 384.0
"""What the chart allows."""
MOST_FILES: Final = 512
MOST_GROWTH_MIB: Final = 32.0
MOST_NEW_FILES: Final = 32

Stopped = Callable[[str, datetime, datetime], bool]
"""Says whether a replica did not run at some moment between two times."""


def by_user(attempts: Iterable[Attempt]) -> dict[str, list[Attempt]]:
    """Sort the sessions that came to a login by user, the oldest first."""
    found = defaultdict[str, list[Attempt]](list)
    for each in attempts:
        if each.username is not None and each.login_at is not None:
            found[each.username].append(each)
    return {user: sorted(own, key=lambda each: each.at) for user, own in found.items()}


def overlaps(attempts: Iterable[Attempt], stopped: Stopped) -> Iterator[str]:
    """Find sessions of one user that two replicas had at once.

    One that its replica had open when it was stopped, and could not end, is no second login; one
    that logs in after it was woken up, while the other replica is at it, is.

    Args:
        attempts: All sessions.
        stopped: Knows when replicas did not run.
    """
    for user, own in by_user(attempts).items():
        for number, later in enumerate(own):
            for earlier in own[max(0, number - 4) : number]:
                if _is_at_once(earlier, later) and not _is_excused(earlier, later, stopped):
                    yield (
                        f"{user}: {earlier.greeting} from {earlier.at:%T.%f} to"
                        f" {earlier.ended or 'now'}, {later.greeting} from {later.at:%T.%f}"
                    )


def _is_at_once(earlier: Attempt, later: Attempt) -> bool:
    if earlier.greeting == later.greeting:
        return False
    return earlier.ended is None or earlier.ended > later.at


def _is_excused(earlier: Attempt, later: Attempt, stopped: Stopped) -> bool:
    assert earlier.login_at is not None
    was_before = earlier.login_at <= later.at
    return was_before and stopped(earlier.greeting, earlier.at, later.at)


def usurped(attempts: Iterable[Attempt], users: Collection[str]) -> Iterator[str]:
    """Find logins of one replica amid those of the other, which cannot have the shard again so soon.

    Args:
        attempts: All sessions.
        users: Whom only the holder of a shard logs in; after a consent, either replica does.
    """
    for user, own in by_user(attempts).items():
        logins = sorted((x for x in own if x.login_at is not None and user in users), key=_login)
        runs = [list(run) for _, run in groupby(logins, key=lambda each: each.greeting)]
        for before, amid, after in zip(runs, runs[1:], runs[2:], strict=False):
            if _login(after[0]) - _login(before[-1]) < SOONEST:
                yield f"{user}: {amid[0].greeting} at {_login(amid[0]):%T.%f}"


def _login(attempt: Attempt) -> datetime:
    assert attempt.login_at is not None
    return attempt.login_at


def crowded(attempts: Iterable[Attempt], most: int = MOST_A_MINUTE) -> Iterator[str]:
    """Find users that were logged in too often within a minute."""
    for user, own in by_user(attempts).items():
        times = sorted(each.login_at for each in own if each.login_at is not None)
        worst = max(bisect_left(times, at + MINUTE) - n for n, at in enumerate(times))
        if worst > most:
            yield f"{user}: {worst} logins within a minute"


def guessed(attempts: Iterable[Attempt], users: Iterable[str], most: int) -> Iterator[str]:
    """Find users whose password was refused too often; no soak takes as long as an hour."""
    refused = Counter(each.username for each in attempts if each.code == WRONG_PASSWORD)
    for user in users:
        if refused[user] > most:
            yield f"{user}: {refused[user]} refused logins"


def held(
    attempts: Iterable[Attempt], tenants: Mapping[str, str], of_one: int, of_a_tenant: int
) -> set[str]:
    """Find users whom the bound on refused logins may hold back for the rest of the hour.

    Args:
        attempts: All sessions; what was not accepted may count as refused.
        tenants: Whose each user is.
        of_one: So many refusals of one user are the last.
        of_a_tenant: So many refusals of all users of a tenant are.
    """
    refused = Counter[str]()
    for each in attempts:
        user = each.username or ""
        if user in tenants and not each.accepted:
            refused.update([user, f"of {tenants[user]}"])
    return {
        user
        for user, tenant in tenants.items()
        if refused[user] >= of_one or refused[f"of {tenant}"] >= of_a_tenant
    }


def untrue(said: Mapping[str, str], truths: Mapping[str, Collection[str]]) -> dict[str, str]:
    """Return what is said by those that do not say the truth.

    Args:
        said: The reason of each Mailbox, by its name; one that is missing says nothing.
        truths: The reasons that are true of it.
    """
    return {name: said.get(name, "") for name, true in truths.items() if said.get(name) not in true}


def lost(given: Iterable[str], asked: Collection[str], known: Collection[str]) -> Iterator[str]:
    """Find consents that were given, and are not there any more.

    Args:
        given: Who consented.
        asked: Who is asked to consent.
        known: Whose consent the provider knows.
    """
    for name in given:
        if name in asked:
            yield f"{name} is asked again"
        if name not in known:
            yield f"{name} was revoked"


Used = tuple[float, int]
"""The memory of a process in MiB, and its open descriptors."""


def bloated(used: Used) -> Iterator[str]:
    """Find a process that has more than it may."""
    if used[0] > MOST_MIB or used[1] > MOST_FILES:
        yield f"{used[0]:.0f} MiB, {used[1]} files"


def grown(before: Sequence[Used], after: Sequence[Used]) -> Iterator[str]:
    """Find replicas that have more in the end than they had in the beginning."""
    memory = max(used[0] for used in after) - max(used[0] for used in before)
    files = max(used[1] for used in after) - max(used[1] for used in before)
    if memory > MOST_GROWTH_MIB or files > MOST_NEW_FILES:
        yield f"{before} before, {after} at the end"


def absent(attempts: Iterable[Attempt], users: Iterable[str], since: datetime) -> list[str]:
    """Find users that nobody logged in since then."""
    seen = {each.username for each in attempts if each.login_at and each.login_at >= since}
    return [user for user in users if user not in seen]


def now() -> datetime:
    """Tell the time as the mail servers do."""
    return datetime.now(UTC)
