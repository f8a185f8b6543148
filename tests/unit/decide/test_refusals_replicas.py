"""Ledgers of several replicas over one record: together no hour has more refusals than one may have."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from hypothesis import settings, strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lab.examples import examples
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.refusals.accounts import TriedLogin
from mailbox_operator.decide.refusals.ledger import (
    HOUR_SECONDS,
    OF_A_NAMESPACE,
    OF_AN_ACCOUNT,
    OF_ONE_TENANT,
    Busy,
    Free,
    Held,
    Refusals,
    RefusalScope,
)
from mailbox_operator.decide.refusals.refused import Answer, End, Refusal
from mailbox_operator.decide.refusals.under_way import LONGEST_LOGIN_SECONDS, Permit

KEY: Final = b"key"
NO: Final = Answer(Reason.INVALID_CREDENTIALS, "535 5.7.8")
TENANTS: Final = ("evil", "team", "third")
REPLICAS: Final = some.integers(0, 2)
LOGINS: Final = some.builds(
    lambda account, tenant, word: TriedLogin((account,), tenant, f"{account}/{tenant}/{word}"),
    some.sampled_from(("jane", "jane", "joe")),
    some.sampled_from(("evil", *TENANTS)),
    some.integers(0, 3),
)


@dataclass(slots=True)
class Record:
    """What replicas share; time is the same for all of them."""

    version: int = 0
    rows: Sequence[Refusal] = ()


@dataclass(slots=True)
class Replica:
    """One process, and the version of the record that it knows."""

    ledger: Refusals
    known: int = 0
    under_way: list[tuple[float, Permit]] = field(default_factory=list)

    def read(self, record: Record, now: float) -> None:
        """Take the record over."""
        self.known = record.version
        self.ledger.restore(KEY, [replace(each) for each in record.rows], now)

    def write(self, record: Record, now: float) -> bool:
        """Write over the version that is known, or not at all."""
        if self.known != record.version:
            return False
        record.rows = [replace(each, credential="", answer=None) for each in self.ledger.rows(now)]
        record.version += 1
        self.known = record.version
        return True


class Replicas(RuleBasedStateMachine):
    """Tenants that guess at three replicas, of which each may be killed, and a provider that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.made = 1000.0, 0
        self.record = Record()
        self.refused: list[tuple[float, str, str]] = []
        self.replicas = [self._new() for _ in range(3)]

    def _new(self) -> Replica:
        self.made += 1
        replica = Replica(Refusals(KEY, f"replica-{self.made}"))
        replica.read(self.record, self.now)
        return replica

    @rule(
        seconds=some.sampled_from(
            [0.5, 30.0, LONGEST_LOGIN_SECONDS, 600.0, HOUR_SECONDS - 15, HOUR_SECONDS, 86_400.0]
        )
    )
    def time_passes_and_no_login_takes_too_long(self, seconds: float) -> None:
        self.now += seconds
        for each in self.replicas:
            while each.under_way and each.under_way[0][0] + LONGEST_LOGIN_SECONDS < self.now:
                self._end(each, 0, End.OTHER)

    @rule(which=REPLICAS, login=LOGINS, times=some.integers(1, 12))
    def somebody_guesses(self, which: int, login: TriedLogin, times: int) -> None:
        replica = self.replicas[which]
        for number in range(times):
            one = replace(login, credential=f"{login.credential}/{number}")
            if self._begin(replica, one):
                self._end(replica, -1, End.REFUSED)

    @rule(which=REPLICAS, login=LOGINS, times=some.integers(1, 12))
    def logins_begin(self, which: int, login: TriedLogin, times: int) -> None:
        for number in range(times):
            one = replace(login, credential=f"{login.credential}/{number}")
            self._begin(self.replicas[which], one)

    @precondition(lambda self: any(each.under_way for each in self.replicas))
    @rule(which=REPLICAS, number=some.integers(0, 50), end=some.sampled_from(End))
    def a_login_ends(self, which: int, number: int, end: End) -> None:
        replica = self.replicas[which]
        if replica.under_way:
            self._end(replica, number % len(replica.under_way), end)

    @rule(which=REPLICAS)
    def a_replica_writes_what_ended(self, which: int) -> None:
        replica = self.replicas[which]
        if not replica.write(self.record, self.now):
            replica.read(self.record, self.now)
            assert replica.write(self.record, self.now)

    @rule(which=REPLICAS)
    def a_replica_is_killed_and_the_provider_refuses_all_that_it_sent(self, which: int) -> None:
        for _, permit in self.replicas[which].under_way:
            self._count(permit)
        self.replicas[which] = self._new()

    @precondition(lambda self: not any(each.under_way for each in self.replicas))
    @rule()
    def once_all_have_written_and_read_they_say_the_same(self) -> None:
        for which in (0, 1, 2):
            self.a_replica_writes_what_ended(which)
        for each in self.replicas:
            each.read(self.record, self.now)
        one = TriedLogin(("jane",), "evil", "new")
        found = {type(each.ledger.ask(one, self.now)) for each in self.replicas}
        assert len(found) == 1 or found == {Busy, Held}

    def _begin(self, replica: Replica, login: TriedLogin) -> bool:
        """Begin a login, if the record takes its row; a record that is newer is read before."""
        while isinstance(replica.ledger.ask(login, self.now), Free):
            permit = replica.ledger.begin(login)
            if permit.trusted or replica.write(self.record, self.now):
                replica.under_way.append((self.now, permit))
                return True
            replica.ledger.end(permit, End.OTHER, self.now)
            replica.read(self.record, self.now)
        return False

    def _end(self, replica: Replica, which: int, end: End) -> None:
        _, permit = replica.under_way.pop(which)
        answer = NO if end is End.REFUSED else None
        if replica.ledger.end(permit, end, self.now, answer):
            self._count(permit)

    def _count(self, permit: Permit) -> None:
        if not permit.trusted:
            self.refused.append((self.now, permit.tried.accounts[0], permit.tried.namespace))

    @invariant()
    def no_hour_has_too_many(self) -> None:
        hour = [each for each in self.refused if each[0] > self.now - HOUR_SECONDS]
        for account in {each[1] for each in hour}:
            tenants = [each[2] for each in hour if each[1] == account]
            assert len(tenants) <= OF_AN_ACCOUNT
            assert all(tenants.count(tenant) <= OF_ONE_TENANT for tenant in TENANTS)
        assert all([each[2] for each in hour].count(one) <= OF_A_NAMESPACE for one in TENANTS)

    @invariant()
    def nobody_is_held_back_for_longer_than_an_hour(self) -> None:
        for replica in self.replicas:
            found = replica.ledger.ask(TriedLogin(("jane",), "team", "new"), self.now)
            assert isinstance(found, Free | Busy) or found.until <= self.now + HOUR_SECONDS


def others_rows(count: int = OF_ONE_TENANT) -> list[Refusal]:
    """Write the rows of another replica that just began logins."""
    other = Refusals(KEY, "other")
    for number in range(count):
        other.begin(TriedLogin(("jane",), "evil", f"jane/{number}"))
    return other.rows(0)


NEXT: Final = TriedLogin(("jane",), "evil", "next")


def test_logins_under_way_at_another_replica_count_until_they_are_taken_out() -> None:
    ledger = Refusals(KEY, "here")

    ledger.restore(KEY, others_rows(), 0)
    before = ledger.ask(NEXT, 1)
    ledger.restore(KEY, others_rows(OF_ONE_TENANT - 1), 2)

    assert (before, ledger.ask(NEXT, 2)) == (Busy(), Free())


def test_logins_that_a_killed_replica_left_count_for_an_hour_after_they_can_have_been_refused() -> (
    None
):
    ledger = Refusals(KEY, "here")

    ledger.restore(KEY, others_rows(), 0)
    ends = LONGEST_LOGIN_SECONDS + HOUR_SECONDS

    assert ledger.ask(NEXT, LONGEST_LOGIN_SECONDS - 1) == Busy()
    assert ledger.ask(NEXT, LONGEST_LOGIN_SECONDS) == Held(RefusalScope.ACCOUNT, ends)
    assert isinstance(ledger.ask(NEXT, ends - 1), Held)
    assert ledger.ask(NEXT, ends) == Free()


def test_a_row_that_this_process_wrote_and_gave_up_does_not_count() -> None:
    ledger = Refusals(KEY, "here")
    permit = ledger.begin(NEXT)
    written = ledger.rows(0)
    ledger.end(permit, End.OTHER, 0)

    ledger.restore(KEY, written, 0)

    assert not ledger.waits_for_others
    assert ledger.rows(0) == []


def test_a_login_that_is_known_to_be_refused_is_under_way_no_more() -> None:
    ledger = Refusals(KEY, "here")
    ledger.restore(KEY, others_rows(), 0)
    ledger.ask(NEXT, LONGEST_LOGIN_SECONDS)

    ledger.restore(KEY, others_rows(), LONGEST_LOGIN_SECONDS)

    assert len(ledger.rows(LONGEST_LOGIN_SECONDS)) == OF_ONE_TENANT


def test_a_login_that_began_under_another_key_has_no_row_any_more() -> None:
    ledger = Refusals(KEY, "here")
    permit = ledger.begin(NEXT)

    ledger.restore(b"another", [], 0)
    rows = ledger.rows(0)
    ledger.end(permit, End.OTHER, 0)

    assert rows == []
    assert ledger.ask(NEXT, 0) == Free()


TestReplicas = Replicas.TestCase
TestReplicas.settings = settings(max_examples=examples(60), stateful_step_count=30, deadline=None)
