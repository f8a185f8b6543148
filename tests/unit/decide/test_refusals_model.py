"""The ledger of refused logins over weeks: no hour has too many, and nobody waits longer than one."""

from dataclasses import dataclass, replace
from typing import Final

from hypothesis import settings, strategies as some
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from lab.examples import examples
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.refusals.accounts import TriedLogin
from mailbox_operator.decide.refusals.ledger import (
    HOUR_SECONDS,
    MOST_REFUSALS,
    OF_A_NAMESPACE,
    OF_AN_ACCOUNT,
    OF_ONE_TENANT,
    Busy,
    Free,
    Held,
    Refusals,
)
from mailbox_operator.decide.refusals.refused import Answer, End
from mailbox_operator.decide.refusals.under_way import Permit

KEY: Final = b"key"
NO: Final = Answer(Reason.INVALID_CREDENTIALS, "535 5.7.8")
TENANTS: Final = ("evil", "team", "third")
ACCOUNTS: Final = tuple(f"person-{number}" for number in range(24))
FEW: Final = some.sampled_from(ACCOUNTS[:2])
LOGINS: Final = some.builds(
    lambda account, tenant, word: TriedLogin((account,), tenant, f"{account}/{word}"),
    FEW | FEW | some.sampled_from(ACCOUNTS),
    some.sampled_from(("evil", *TENANTS)),
    some.integers(0, 3),
)


@dataclass(frozen=True, slots=True)
class Refused:
    """One refusal, as a provider counts it."""

    at: float
    account: str
    tenant: str


class Weeks(RuleBasedStateMachine):
    """Tenants that guess, leaders that come and go, and a provider that counts."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 1000.0
        self.ledger = Refusals(KEY, "here")
        self.under_way: list[Permit] = []
        self.refused: list[Refused] = []
        self.proved: dict[tuple[str, str], bool] = {}

    @rule(
        seconds=some.sampled_from(
            [0.5, 30.0, 600.0, HOUR_SECONDS - 1, HOUR_SECONDS, 86_400.0, 604_800.0]
        )
    )
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(login=LOGINS, times=some.integers(1, 12))
    def somebody_guesses(self, login: TriedLogin, times: int) -> None:
        for number in range(times):
            one = replace(login, credential=f"{login.credential}/{number}")
            self._end(one, End.REFUSED)

    @rule(tenant=some.sampled_from(TENANTS))
    def somebody_sprays_one_password_over_many_accounts(self, tenant: str) -> None:
        for account in ACCOUNTS:
            for number in range(5):
                self._end(TriedLogin((account,), tenant, f"{account}/spray/{number}"), End.REFUSED)

    @rule(login=LOGINS)
    def a_password_is_accepted(self, login: TriedLogin) -> None:
        self._end(login, End.ACCEPTED)

    @rule(login=LOGINS)
    def a_password_that_was_accepted_stops_working(self, login: TriedLogin) -> None:
        for end in (End.ACCEPTED, End.REFUSED, End.REFUSED):
            self._end(login, end)

    @rule(login=LOGINS)
    def a_login_begins(self, login: TriedLogin) -> None:
        if self.ledger.ask(login, self.now) == Free():
            self.under_way.append(self._begun(login))

    @precondition(lambda self: self.under_way)
    @rule(which=some.integers(0, 50), end=some.sampled_from(End))
    def it_ends(self, which: int, end: End) -> None:
        self._ended(self.under_way.pop(which % len(self.under_way)), end)

    @precondition(lambda self: not self.under_way)
    @rule()
    def another_replica_takes_over(self) -> None:
        successor = Refusals(b"its own", "there")
        successor.restore(self.ledger.key, self.ledger.recent(self.now), self.now)
        self.ledger = successor
        self.proved.clear()

    def _end(self, login: TriedLogin, end: End) -> None:
        if self.ledger.ask(login, self.now) == Free():
            self._ended(self._begun(login), end)

    def _begun(self, login: TriedLogin) -> Permit:
        """Begin a login; only one that was accepted last is trusted."""
        permit = self.ledger.begin(login)
        assert not permit.trusted or (login.namespace, login.credential) in self.proved
        return permit

    def _ended(self, permit: Permit, end: End) -> None:
        login = permit.tried
        counts = self.ledger.end(permit, end, self.now, NO if end is End.REFUSED else None)
        if end is End.ACCEPTED:
            self.proved[login.namespace, login.credential] = True
        assert counts == (end is End.REFUSED or (end is End.UNANSWERED and not permit.trusted))
        if counts:
            self.proved.pop((login.namespace, login.credential), None)
            if not permit.trusted:
                self.refused.append(Refused(self.now, login.accounts[0], login.namespace))

    def _hour(self) -> list[Refused]:
        return [each for each in self.refused if each.at > self.now - HOUR_SECONDS]

    @invariant()
    def no_hour_has_too_many(self) -> None:
        hour = self._hour()
        for account in {each.account for each in hour}:
            tenants = [each.tenant for each in hour if each.account == account]
            assert len(tenants) <= OF_AN_ACCOUNT
            assert all(tenants.count(tenant) <= OF_ONE_TENANT for tenant in TENANTS)
        of_tenants = [each.tenant for each in hour]
        assert all(of_tenants.count(tenant) <= OF_A_NAMESPACE for tenant in TENANTS)

    @invariant()
    def nobody_waits_for_longer_than_an_hour(self) -> None:
        for account in ACCOUNTS[:3]:
            found = self.ledger.ask(TriedLogin((account,), "team", "new"), self.now)
            assert (
                isinstance(found, Free | Busy) or self.now < found.until <= self.now + HOUR_SECONDS
            )

    @invariant()
    def who_is_told_how_long_to_wait_waits_so_long_and_no_longer(self) -> None:
        one = TriedLogin((ACCOUNTS[0],), "evil", "new")
        first = self.ledger.ask(one, self.now)
        if isinstance(first, Held):
            later = Refusals(KEY, "here")
            later.restore(KEY, self.ledger.recent(self.now), self.now)
            assert isinstance(later.ask(one, first.until - 0.01), Held)
            assert later.ask(one, first.until) == Free()

    @invariant()
    def a_password_that_works_is_held_back_by_nobody(self) -> None:
        for tenant, credential in self.proved:
            login = TriedLogin((credential.partition("/")[0],), tenant, credential)
            assert not isinstance(self.ledger.ask(login, self.now), Held)

    @invariant()
    def what_is_remembered_is_an_hour_long_and_bounded(self) -> None:
        recent = self.ledger.recent(self.now)
        assert len(recent) <= MOST_REFUSALS
        assert all(each.at > self.now - HOUR_SECONDS for each in recent)


TestWeeks = Weeks.TestCase
TestWeeks.settings = settings(max_examples=examples(60), stateful_step_count=30, deadline=None)
