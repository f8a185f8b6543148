"""What the mail servers saw, held against what must never be."""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from lab.servers.smtp_script import Attempt

MINUTE: Final = timedelta(minutes=1)
MOST_A_MINUTE: Final = 20
"""Logins of one Mailbox: the retries of a soak are quick, and it may be edited meanwhile."""

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


def crowded(attempts: Iterable[Attempt], most: int = MOST_A_MINUTE) -> Iterator[str]:
    """Find users that were logged in too often within a minute."""
    for user, own in by_user(attempts).items():
        times = sorted(each.login_at for each in own if each.login_at is not None)
        worst = max(bisect_left(times, at + MINUTE) - n for n, at in enumerate(times))
        if worst > most:
            yield f"{user}: {worst} logins within a minute"


def guessed(attempts: Iterable[Attempt], users: Sequence[str], most: int) -> Iterator[str]:
    """Find users whose wrong password was tried too often; no soak takes as long as an hour."""
    refused = Counter(each.username for each in attempts if each.auths and not each.accepted)
    for user in users:
        if refused[user] > most:
            yield f"{user}: {refused[user]} refused logins"


def absent(attempts: Iterable[Attempt], users: Iterable[str], since: datetime) -> list[str]:
    """Find users that nobody logged in since then."""
    seen = {each.username for each in attempts if each.login_at and each.login_at >= since}
    return [user for user in users if user not in seen]


def now() -> datetime:
    """Tell the time as the mail servers do."""
    return datetime.now(UTC)
