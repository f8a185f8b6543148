"""How long to wait before the next attempt."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Final, assert_never

from mailbox_operator.decide.failure.reasons import Retry
from mailbox_operator.decide.status.conditions import Standing


@dataclass(frozen=True, slots=True)
class Pace:
    """The platform's retry intervals.

    Attributes:
        transient: Waits after one, two, ... temporary failures in a row.
        person: Waits while a person's move is due; some fixes are made at the provider, unseen here.
        spread: Share of a healthy mailbox's interval that chance may add or take off, 0 to 1.
        lasting: After this time the message of a usually temporary problem names whom to ask.
    """

    transient: Sequence[timedelta] = tuple(
        timedelta(seconds=seconds) for seconds in (5, 15, 45, 120, 300, 900)
    )
    person: Sequence[timedelta] = (timedelta(hours=1), timedelta(hours=6))
    spread: float = 0.1
    lasting: timedelta = timedelta(hours=1)


PACE: Final = Pace()
"""What counts where the platform states nothing else."""


def pause_after(
    retry: Retry,
    failures: int,
    interval: timedelta,
    pace: Pace,
    jitter: float,
    at_least: timedelta | None = None,
) -> timedelta:
    """Say how long to wait after an attempt.

    Args:
        retry: What the reason of the attempt asks for.
        failures: Failed attempts in a row, the last one included; 0 after a success.
        interval: `spec.checkInterval`.
        pace: The platform's intervals.
        jitter: From 0 to 1, drawn by the caller. Full jitter: it scales the whole backoff, so that
            mailboxes which failed together do not come back together.
        at_least: Wait the other side asked for; a dependency is expected by then. One that is missing
            again and again is waited for ever longer, however short the waits that are asked for.

    Source:
        Full jitter as in "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015); the floor
        of RFC 9110 section 10.2.3 (Retry-After).
    """
    match retry:
        case Retry.INTERVAL:
            wait = interval * (1 + pace.spread * (2 * jitter - 1))
        case Retry.PERSON | Retry.DEPENDENCY:
            wait = _nth(pace.person, 1 if retry is Retry.DEPENDENCY else failures)
            if retry is Retry.DEPENDENCY and at_least:
                wait = min(wait, max(at_least, _backoff(failures, pace, jitter)))
            wait *= 1 + pace.spread * jitter
        case Retry.SLOWLY:
            wait = timedelta(minutes=15) * (1 + jitter)
        case Retry.HOURLY:
            wait = timedelta(hours=1) * (1 + jitter)
        case Retry.BACKOFF:
            wait = _backoff(failures, pace, jitter)
        case _:
            assert_never(retry)
    return max(wait, at_least * (1 + 0.1 * jitter)) if at_least else wait


def longest_pause(standing: Standing | None, interval: timedelta, pace: Pace) -> timedelta:
    """Say how long a mailbox rests between two checks at the most, by where it stands.

    A server that asks for a longer wait is not in it.
    """
    match standing:
        case Standing.CONNECTED:
            return interval * (1 + pace.spread)
        case Standing.STALLED | Standing.WAITING:
            return max(pace.person) * (1 + pace.spread)
        case _:
            return max(*pace.transient, timedelta(hours=2))


def _backoff(failures: int, pace: Pace, jitter: float) -> timedelta:
    """Draw the wait after so many failures; a tenth stays, so that no draw retries at once."""
    return _nth(pace.transient, failures) * max(jitter, 0.1)


def _nth(waits: Sequence[timedelta], failures: int) -> timedelta:
    return waits[min(max(failures, 1), len(waits)) - 1]


def phase(uid: str) -> float:
    """Place a mailbox in its interval: from 0 to 1, always the same for the same uid."""
    return int.from_bytes(sha256(uid.encode()).digest()[:4], "big") / 2**32
