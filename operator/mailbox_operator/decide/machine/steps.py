"""What is done with a mailbox when its turn comes, or when something about it changed."""

from dataclasses import dataclass
from datetime import timedelta

from mailbox_operator.decide.status.conditions import Status


@dataclass(frozen=True, slots=True)
class Rest:
    """Nothing to do before the schedule says so."""


@dataclass(frozen=True, slots=True)
class Hold:
    """Suspended: leave the mailbox alone and say only that this generation was seen."""

    status: Status


@dataclass(frozen=True, slots=True)
class Probe:
    """Make an attempt; `announcement` is what the status says meanwhile."""

    announcement: Status


@dataclass(frozen=True, slots=True)
class Spare:
    """Make no attempt: mail goes through it; for so long that counts as a check."""

    pause: timedelta


Step = Rest | Hold | Probe | Spare
