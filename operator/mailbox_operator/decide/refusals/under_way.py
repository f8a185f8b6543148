"""Knows which password logins are under way: this process's own, and those other replicas put down.

Each may be refused, so it counts as if it had been. One that another replica put down and does not
take out again counts as refused after a while: that replica was killed, or it is cut off.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from mailbox_operator.decide.refusals.accounts import TriedLogin
from mailbox_operator.decide.refusals.refused import OPEN, Refusal

LONGEST_LOGIN_SECONDS: Final = 120.0
"""No login is under way for longer; an attempt has less."""

Row = tuple[Refusal, Sequence[str]]
"""An open row, and the names that it counts as."""


@dataclass(frozen=True, slots=True)
class Permit:
    """A login under way, as it is counted.

    Attributes:
        trusted: It was accepted before.
        mark: Of its row in the record.
    """

    tried: TriedLogin
    trusted: bool
    counted: tuple[str, ...]
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A login under way at another replica.

    Attributes:
        seen: Seconds by this process's monotonic clock when it was first read.
    """

    row: Refusal
    names: Sequence[str]
    seen: float


@dataclass(slots=True)
class UnderWay:
    """Counts logins under way by the names they count as.

    Attributes:
        origin: Tells the rows of this process from those of all others.
    """

    origin: str
    _begun: int = 0
    _open: Counter[str] = field(default_factory=Counter)
    _own: dict[str, TriedLogin] = field(default_factory=dict)
    _elsewhere: dict[tuple[object, ...], Elsewhere] = field(default_factory=dict)

    @property
    def is_elsewhere(self) -> bool:
        """Whether other replicas have logins under way, by the record as it was last read."""
        return bool(self._elsewhere)

    def count(self, name: str) -> int:
        """Return how many logins under way count as this."""
        return self._open[name]

    def begin(self, tried: TriedLogin, names: tuple[str, ...], *, trusted: bool) -> Permit:
        """Count a login of this process."""
        self._begun += 1
        mark = f"{self.origin}-{self._begun:x}"
        self._open.update(names)
        if not trusted:
            self._own[mark] = tried
        return Permit(tried, trusted, names, mark)

    def end(self, permit: Permit) -> None:
        """Count it no more."""
        self._own.pop(permit.mark, None)
        self._release(permit.counted)

    def rows(self, now: float) -> list[Refusal]:
        """Return the rows of all untrusted logins; one of this process may be refused from now on."""
        theirs = [each.row for each in self._elsewhere.values()]
        own = [
            Refusal(now, each.accounts, each.namespace, mark + OPEN)
            for mark, each in self._own.items()
        ]
        return [*theirs, *own]

    def take_over(self, rows: Iterable[Row], now: float) -> None:
        """Replace what is known of other replicas by what the record says."""
        before, self._elsewhere = self._elsewhere, {}
        for each in before.values():
            self._release(each.names)
        for row, names in rows:
            if row.mark.startswith(f"{self.origin}-"):
                continue  # of a write that was given up: what this process knows is newer
            known = before.get(row.identity)
            self._elsewhere[row.identity] = known or Elsewhere(row, names, now)
            self._open.update(names)

    def forget_own_rows(self) -> None:
        """Put down none of them any more: they were digested with a key that counts no longer."""
        self._own.clear()

    def take_overdue(self, now: float) -> list[Refusal]:
        """Take out what is under way for too long elsewhere; return it as refusals."""
        overdue = [
            each
            for each in self._elsewhere.values()
            if now - max(each.seen, each.row.at) >= LONGEST_LOGIN_SECONDS
        ]
        for each in overdue:
            del self._elsewhere[each.row.identity]
            self._release(each.names)
        return [_refused(each.row) for each in overdue]

    def _release(self, names: Iterable[str]) -> None:
        for name in names:
            self._open[name] -= 1
            if not self._open[name]:
                del self._open[name]


def _refused(row: Refusal) -> Refusal:
    """Take an open row as refused at the last moment that it can have been."""
    mark = row.mark.removesuffix(OPEN)
    return replace(row, at=row.at + LONGEST_LOGIN_SECONDS, mark=mark)
