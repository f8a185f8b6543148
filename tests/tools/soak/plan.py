"""What goes wrong, and when: all drawn from a seed beforehand, so that a run can be repeated."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Final

REST_SECONDS: Final = 1.0
"""Between two faults of the same place."""


class Place(StrEnum):
    """Where something goes wrong; one thing at a time at each."""

    FIRST = "first replica"
    SECOND = "second replica"
    CLUSTER = "control plane"
    SIGN_IN = "sign-in service"
    MAIL = "mail servers"
    NAMES = "name server"
    RESOLVER = "resolvers of both nodes"
    PEOPLE = "people"
    SECRETS = "Secrets"


class Act(StrEnum):
    """What goes wrong, or what somebody does."""

    KILL = "kill -9"
    PAUSE = "SIGSTOP"
    CLOCK = "wall clock wrong"
    RESTART_API = "API server restarted"
    KILL_API = "API server killed"
    SLOW_ETCD = "etcd slow"
    STOP_ETCD = "etcd stands still"
    UNAVAILABLE = "answers 503"
    TOO_MANY = "answers 429"
    BREAKS = "answers 500"
    DISOWNS = "refuses the client"
    REFUSES = "refuses every grant"
    HANGS = "hangs"
    NOT_NOW = "4xx at AUTH"
    REFUSES_ALL = "535 to everybody"
    BUSY = "421 at once"
    DROPS = "cuts connections"
    FAILS = "SERVFAIL"
    SILENT = "does not answer"
    DENIES = "NXDOMAIN"
    LIES = "names a wrong address"
    ROTATE = "passwords changed"
    MISTYPE = "password mistyped, then corrected"
    ANNOTATE = "Secrets annotated"
    REPLACE = "Mailboxes deleted and created"
    EDIT = "Mailboxes edited"
    ASK = "reconnect asked for"
    CONSENT = "consent revoked and given again"


SHORT: Final = (2.0, 15.0)
AT_ONCE: Final = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of fault.

    Attributes:
        weight: How often it is drawn.
        lasts: Seconds, from and to.
    """

    place: Place
    act: Act
    weight: int = 2
    lasts: tuple[float, float] = SHORT


def _kinds() -> Iterator[Kind]:
    for replica in (Place.FIRST, Place.SECOND):
        yield Kind(replica, Act.KILL, 3, (0.0, 3.0))
        yield Kind(replica, Act.PAUSE, 3, (5.0, 60.0))
        yield Kind(replica, Act.CLOCK)
    yield Kind(Place.CLUSTER, Act.RESTART_API, 1, AT_ONCE)
    yield Kind(Place.CLUSTER, Act.KILL_API, 1, AT_ONCE)
    yield Kind(Place.CLUSTER, Act.SLOW_ETCD)
    yield Kind(Place.CLUSTER, Act.STOP_ETCD, 1, (1.0, 8.0))
    for act in (Act.UNAVAILABLE, Act.TOO_MANY, Act.BREAKS, Act.DISOWNS, Act.REFUSES, Act.HANGS):
        yield Kind(Place.SIGN_IN, act)
    for act in (Act.NOT_NOW, Act.BUSY, Act.DROPS, Act.HANGS):
        yield Kind(Place.MAIL, act)
    yield Kind(Place.MAIL, Act.REFUSES_ALL)
    for act in (Act.FAILS, Act.SILENT, Act.DENIES):
        yield Kind(Place.NAMES, act)
    for act in (Act.FAILS, Act.SILENT, Act.DENIES, Act.LIES):
        yield Kind(Place.RESOLVER, act, 1)
    for act in (Act.REPLACE, Act.EDIT, Act.ASK, Act.CONSENT):
        yield Kind(Place.PEOPLE, act, 3, AT_ONCE)
    for act in (Act.ROTATE, Act.MISTYPE, Act.ANNOTATE):
        yield Kind(Place.SECRETS, act, 2, AT_ONCE)


KINDS: Final = tuple(_kinds())


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault to come.

    Attributes:
        at: Seconds from the beginning.
        lasts: Seconds until it is over, if that is left to the plan.
        seed: For what else there is to draw.
    """

    at: float
    kind: Kind
    lasts: float
    seed: int

    def __str__(self) -> str:
        how_long = f" for {self.lasts:.0f} s" if self.lasts >= 1 else ""
        return f"{self.kind.place}: {self.kind.act}{how_long}"


def plan(seed: int, seconds: float, longest: float) -> list[Fault]:
    """Draw the faults of a run, one each few seconds.

    Args:
        seed: The same seed draws the same faults.
        seconds: In which all of them begin and end.
        longest: Seconds that none of them exceeds.
    """
    random = Random(seed)  # noqa: S311 - it is to be drawn again
    free = dict.fromkeys(Place, 0.0)
    faults, now = list[Fault](), 0.0
    while (now := now + random.uniform(1.0, 4.0)) < seconds:
        kinds = [each for each in KINDS if free[each.place] <= now]
        if not kinds:
            continue
        (kind,) = random.choices(kinds, [each.weight for each in kinds])
        lasts = min(random.uniform(*kind.lasts), longest, seconds - now)
        faults.append(Fault(now, kind, lasts, random.getrandbits(32)))
        free[kind.place] = now + lasts + REST_SECONDS
    return faults
