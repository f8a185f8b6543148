"""Remembers refused password logins for an hour, and says whether one more may be tried.

Nobody's account is locked by wrong passwords: so many refusals an hour for one account, from all
Mailboxes together, and so many for all accounts that one namespace tries. A tenant alone cannot use
up an account's limit, so another's first login still finds room; and a password that the server has
accepted is held back by nobody else's refusals. Several replicas keep the limits together if each
begins a login only after a record that all of them share has its row (`rows`), written over the very
record that was taken over last (`restore`). Pure: the time is an argument, by a monotonic clock.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.refusals.accepted import Accepted
from mailbox_operator.decide.refusals.accounts import TriedLogin
from mailbox_operator.decide.refusals.refused import Answer, End, Refusal
from mailbox_operator.decide.refusals.under_way import Permit, UnderWay

HOUR_SECONDS: Final = 3600.0
KEY_BYTES: Final = 32
OF_AN_ACCOUNT: Final = 10
"""Refused logins an hour; more, and many providers lock the account."""
OF_ONE_TENANT: Final = 8
"""How many of them may be one namespace's."""
OF_A_NAMESPACE: Final = 100
"""Refused logins an hour over all accounts: one guess each for a thousand accounts is no better."""
MOST_REFUSALS: Final = 2_000


class RefusalScope(StrEnum):
    """Whose refusals are too many."""

    ACCOUNT = "account"
    NAMESPACE = "namespace"


@dataclass(frozen=True, slots=True)
class Held:
    """No more logins for now.

    Attributes:
        until: Seconds by the monotonic clock; an hour from now at the most.
        answer: What the server said to this very password within the hour; None if nothing.
    """

    scope: RefusalScope
    until: float
    answer: Answer | None = None


@dataclass(frozen=True, slots=True)
class Busy:
    """Other logins have to end first: they may be refused."""


@dataclass(frozen=True, slots=True)
class Free:
    """The login may be tried."""


@dataclass(slots=True)
class Refusals:
    """The refusals of the last hour, the logins under way, and the passwords that were accepted.

    Attributes:
        key: Of all digests in here.
        origin: Names this process in the record; no other one has that name.
    """

    key: bytes = field(repr=False)
    origin: str
    _log: OrderedDict[Refusal, None] = field(default_factory=OrderedDict)
    _recent: dict[str, list[Refusal]] = field(default_factory=dict)
    _accepted: Accepted = field(default_factory=Accepted)
    _under_way: UnderWay = field(init=False)

    def __post_init__(self) -> None:
        self._under_way = UnderWay(self.origin)

    @property
    def waits_for_others(self) -> bool:
        """Whether logins of other replicas are under way, by the record as it was last read."""
        return self._under_way.is_elsewhere

    def trusts(self, tried: TriedLogin) -> bool:
        """Say whether this password was accepted, and not refused since."""
        if self._accepted.has(tried.namespace, tried.credential):
            return True
        return tried.proved and self._answer(tried) is None

    def ask(self, tried: TriedLogin, now: float) -> Held | Busy | Free:
        """Say whether a login may be tried now."""
        self._forget_old(now)
        open_now = self._under_way.count
        if self.trusts(tried):
            return Busy() if open_now(tried.credential) >= OF_AN_ACCOUNT else Free()
        held = [each for each in self._full(tried) if each.until > now]
        if held:
            return max(held, key=lambda each: each.until)
        busy = any(
            len(self._recent.get(name, ())) + open_now(name) >= limit
            for _, name, limit in _limits(tried)
        )
        return Busy() if busy else Free()

    def begin(self, tried: TriedLogin) -> Permit:
        """Count a login as under way; ask first."""
        trusted = self.trusts(tried)
        counted = (tried.credential,) if trusted else _names(tried)
        return self._under_way.begin(tried, counted, trusted=trusted)

    def end(self, permit: Permit, end: End, now: float, answer: Answer | None = None) -> bool:
        """Count a login as over; say whether it counts as refused."""
        self._under_way.end(permit)
        tried = permit.tried
        if end is End.ACCEPTED:
            self._accepted.add(tried.namespace, tried.credential)
        refused = end is End.REFUSED or (end is End.UNANSWERED and not permit.trusted)
        if refused:
            self._accepted.discard(tried.namespace, tried.credential)
            whose = (tried.accounts, tried.namespace)
            self._add(Refusal(now, *whose, permit.mark, tried.credential, answer))
        return refused

    def recent(self, now: float) -> list[Refusal]:
        """Return the refusals of the last hour, the oldest first."""
        self._forget_old(now)
        return list(self._log)

    def rows(self, now: float) -> list[Refusal]:
        """Return what other replicas have to know: `recent`, and the untrusted logins under way."""
        return [*self.recent(now), *self._under_way.rows(now)]

    def restore(self, key: bytes, rows: Iterable[Refusal], now: float) -> None:
        """Take over what the record says.

        Refusals that it does not have stay, if the key does. Of logins under way at other replicas it
        knows all; of those in this process it may know less.
        """
        if key != self.key:
            self._remember(())
            self._under_way.forget_own_rows()
        self.key, found = key, list(rows)
        known = {each.identity for each in self._log}
        new = [each for each in found if not each.is_open and each.identity not in known]
        if new:
            self._remember([*self._log, *new])
        known.update(each.identity for each in new)
        still = (each for each in found if each.is_open and each.identity not in known)
        self._under_way.take_over(((each, _names(each)) for each in still), now)

    def _remember(self, refusals: Iterable[Refusal]) -> None:
        kept = sorted(refusals, key=lambda each: each.at)
        self._log.clear()
        self._recent.clear()
        for each in kept:
            self._add(each)

    def _full(self, tried: TriedLogin) -> Iterator[Held]:
        for scope, name, limit in _limits(tried):
            recent = self._recent.get(name, ())
            if len(recent) >= limit:
                yield Held(scope, recent[-limit].at + HOUR_SECONDS, self._answer(tried))

    def _answer(self, tried: TriedLogin) -> Answer | None:
        recent = reversed(self._recent.get(tried.accounts[0], []))
        said = (each.answer for each in recent if each.credential == tried.credential)
        return next((answer for answer in said if answer), None)

    def _add(self, refusal: Refusal) -> None:
        self._log[refusal] = None
        for _, name, _ in _limits(refusal):
            self._recent.setdefault(name, []).append(refusal)
        if len(self._log) > MOST_REFUSALS:
            held = Counter(each.namespace for each in self._log)
            fullest, _ = held.most_common(1)[0]
            self._forget(next(each for each in self._log if each.namespace == fullest))

    def _forget_old(self, now: float) -> None:
        if overdue := self._under_way.take_overdue(now):
            self._remember([*self._log, *overdue])
        while self._log and next(iter(self._log)).at <= now - HOUR_SECONDS:
            self._forget(next(iter(self._log)))

    def _forget(self, refusal: Refusal) -> None:
        del self._log[refusal]
        for _, name, _ in _limits(refusal):
            self._recent[name].remove(refusal)
            if not self._recent[name]:
                del self._recent[name]


def _limits(tried: TriedLogin | Refusal) -> Iterator[tuple[RefusalScope, str, int]]:
    """Return what a login counts as, and how much of each there may be."""
    for account in tried.accounts:
        yield RefusalScope.ACCOUNT, account, OF_AN_ACCOUNT
        if tried.namespace:
            yield RefusalScope.ACCOUNT, f"{account}/{tried.namespace}", OF_ONE_TENANT
    if tried.namespace:
        yield RefusalScope.NAMESPACE, tried.namespace, OF_A_NAMESPACE


def _names(tried: TriedLogin | Refusal) -> tuple[str, ...]:
    return tuple(name for _, name, _ in _limits(tried))


def held_fault(held: Held, now: float) -> Fault:
    """Say that a login is held back; what is known of this very password outweighs that."""
    wait = timedelta(seconds=max(0.0, held.until - now))
    if held.answer is not None:
        detail, facts = "refused within the hour, so it was not sent", {"code": held.answer.code}
        said = held.answer
        return Fault(said.reason, detail, facts=facts, retry_after=wait, finding=said.finding)
    whose = " of this namespace" if held.scope is RefusalScope.NAMESPACE else ""
    code = f"too many refused logins{whose} within an hour"
    facts = {"host": "the operator itself", "code": code}
    return Fault(Reason.RATE_LIMITED, code, facts=facts, retry_after=wait)
