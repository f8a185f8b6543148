"""One address over weeks: who wants it, who proves it and who has it, whatever is lost meanwhile."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from hypothesis import settings, strategies as some
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from lab.examples import examples
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.claim import Claim, Terms
from mailbox_operator.decide.machine.machine import Proof, conclude
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.machine.seen import Known, Seen
from mailbox_operator.decide.status.conditions import Status, read_time
from mailbox_operator.decide.words import Infrastructure, Kind
from mailbox_operator.watch.claims import Claims
from mailbox_operator.watch.store import Store
from unit.make import ENDPOINT, NOON, infrastructure, mailbox, oauth_spec

TERMS: Final = Terms(grace=timedelta(minutes=10), lapse=timedelta(days=7))
MANAGED: Final = oauth_spec(infrastructure=Infrastructure.MANAGED, secret=None)
NAMESAKE: Final = mailbox(MANAGED)
NAMES: Final = tuple(Key(Kind.MAILBOX, tenant, "jane") for tenant in ("acme", "evil", "globex"))
WHO: Final = some.sampled_from(NAMES)
REVOKED: Final = Fault(Reason.GRANT_REVOKED)


class Weeks(RuleBasedStateMachine):
    """Three tenants and one address. Everything that the API server has survives a kill.

    Attributes:
        proved: When the Mailbox of a uid last proved the address, as far as a status tells it.
    """

    @initialize()
    def begins(self) -> None:
        self.now = NOON
        self.numbers = 0
        self.written: dict[Key, Mailbox] = {}
        self.unwritten = dict[Key, Status]()
        self.proved: dict[str, datetime] = {}
        self.reserved: tuple[Key, datetime] | None = None
        self.store = self._replica()
        for key in NAMES:
            self.somebody_creates_a_mailbox(key)

    @rule(
        length=some.sampled_from(
            [timedelta(seconds=30), timedelta(minutes=9), timedelta(days=1), timedelta(days=8)]
        )
    )
    def time_passes(self, length: timedelta) -> None:
        self.now += length

    @rule(key=WHO)
    def somebody_creates_a_mailbox(self, key: Key) -> None:
        if key not in self.written:
            self.numbers += 1
            one = mailbox(MANAGED, key=key, uid=f"uid-{self.numbers}", version=self._version())
            self._write(one)

    @rule(key=WHO)
    def somebody_deletes_a_mailbox(self, key: Key) -> None:
        self._publish()
        if key in self.written:
            if self._holder() == self.written[key].uid:
                self.reserved = (key, self.now)
            del self.written[key]
            self.store.remove(key)

    @precondition(lambda self: self._holder() is not None)
    @rule(back=some.booleans())
    def the_holder_is_deleted(self, back: bool) -> None:  # noqa: FBT001 - drawn by name
        (key,) = [key for key, one in self.written.items() if one.uid == self._holder()]
        self.somebody_deletes_a_mailbox(key)
        if back:
            self.somebody_creates_a_mailbox(key)

    @rule(key=WHO, ownership=some.sampled_from(Ownership))
    def a_login_succeeds(self, key: Key, ownership: Ownership) -> None:
        seen = self.store.seen(key)
        if seen is None or not isinstance(seen.subject, Mailbox):
            return
        before, one = self._holder(), seen.subject
        try:
            claim = self.store.claim(one, ownership)
        except Fault as fault:
            self._is_refused(seen, ownership, fault)
            return
        if claim is Claim.TAKEN:
            self._takes_rightly(one, before)
        if claim in (Claim.TAKEN, Claim.HELD):
            assert self._holder() == one.uid
            self.proved[one.uid] = self.now
        present = self.store.seen(key)
        assert present is not None
        self._conclude(present, Proof(ENDPOINT, "sub", ownership, claim))

    @precondition(lambda self: self._holder() is not None)
    @rule(rival=WHO)
    def the_holder_proves_it_and_a_rival_is_faster_than_the_write(self, rival: Key) -> None:
        (key,) = [key for key, one in self.written.items() if one.uid == self._holder()]
        self.a_login_succeeds(key, Ownership.PROVED)
        self.a_login_succeeds(rival, Ownership.PROVED)

    @rule(key=WHO)
    def a_login_fails(self, key: Key) -> None:
        seen = self.store.seen(key)
        if seen is not None:
            self._conclude(seen, REVOKED)

    @rule(days=some.sampled_from([6, 8]))
    def nobody_can_log_in_for_days(self, days: int) -> None:
        for key in NAMES:
            self.a_login_fails(key)
        self._publish()
        self.now += timedelta(days=days)

    @precondition(lambda self: self._holder() is not None)
    @rule(rival=WHO)
    def a_claim_that_nobody_proves_for_eight_days_is_free(self, rival: Key) -> None:
        (key,) = [key for key, one in self.written.items() if one.uid == self._holder()]
        self.now += TERMS.grace  # or the address may still wait for a later holder that was deleted
        self.a_login_succeeds(key, Ownership.PROVED)
        self._publish()
        self.somebody_creates_a_mailbox(rival)
        self.nobody_can_log_in_for_days(8)
        self.a_login_succeeds(rival, Ownership.PROVED)
        assert self._holder() == self.written[rival].uid

    @precondition(lambda self: self._holder() is not None)
    @rule(rival=WHO)
    def a_claim_that_nobody_proves_for_six_days_outlasts_a_kill(self, rival: Key) -> None:
        (key,) = [key for key, one in self.written.items() if one.uid == self._holder()]
        self.now += TERMS.grace  # or the address may still wait for a later holder that was deleted
        self.a_login_succeeds(key, Ownership.PROVED)
        self._publish()
        self.nobody_can_log_in_for_days(6)
        self.the_operator_is_killed()
        self.a_login_succeeds(rival, Ownership.PROVED)
        assert self._holder() == self.written[key].uid

    @rule()
    def the_statuses_are_written(self) -> None:
        self._publish()

    @rule()
    def the_operator_is_killed(self) -> None:
        """All that was not written is lost, and so are the reservations."""
        self.unwritten.clear()
        self.reserved = None
        self.proved = {
            one.uid: read_time(one.status.unproved_since) or self.now
            for one in self.written.values()
            if one.status.claimed_at
        }
        self.store = self._replica()

    @precondition(lambda self: len(self.written) > 1)
    @rule()
    def all_are_looked_at_and_one_at_the_most_has_the_address(self) -> None:
        for key in sorted(self.written, key=str):
            self.a_login_succeeds(key, Ownership.PROVED)
        self._publish()
        for key in sorted(self.written, key=str):
            self.a_login_succeeds(key, Ownership.PROVED)
        self._publish()
        holding = [one for one in self.written.values() if one.status.claimed_at]
        assert len(holding) <= 1
        refused = [x for x in self.written.values() if x.status.reason == Reason.ALREADY_CLAIMED]
        assert len(holding) + len(refused) == len(self.written)

    @invariant()
    def who_holds_the_address_is_there(self) -> None:
        uid = self._holder()
        assert uid is None or uid in {one.uid for one in self.written.values()}

    @invariant()
    def all_but_the_holder_are_kept_from_it(self) -> None:
        uid = self._holder()
        for key in self.written:
            seen = self.store.seen(key)
            assert seen is not None
            assert seen.held_by_another or uid in (None, seen.subject.uid)

    def _is_refused(self, seen: Seen, ownership: Ownership, fault: Fault) -> None:
        """Only who proved the address is told that it is another one's, or waits for that one."""
        assert (ownership, fault.reason) == (Ownership.PROVED, Reason.ALREADY_CLAIMED)
        if self._holder() in (None, seen.subject.uid):
            assert self.reserved is not None
            assert self.now - self.reserved[1] < TERMS.grace
        self._conclude(seen, fault)

    def _takes_rightly(self, one: Mailbox, holder: str | None) -> None:
        """Nobody takes an address that was proved lately, or that waits for its Mailbox."""
        if holder not in (None, one.uid):
            proved = self.proved.get(str(holder))
            assert proved is None or self.now - proved > TERMS.lapse
        if holder is None and self.reserved is not None:
            key, since = self.reserved
            assert key == one.key or self.now - since >= TERMS.grace
        self.reserved = None

    def _conclude(self, seen: Seen, outcome: Proof | Fault) -> None:
        done = conclude(replace(seen, known=Known()), outcome, self.now, Pace(), 0.5)
        self.unwritten[seen.subject.key] = done.status

    def _publish(self) -> None:
        for key, status in self.unwritten.items():
            if key in self.written:
                one = replace(self.written[key], status=status, version=self._version())
                self._write(one)
        self.unwritten.clear()

    def _write(self, one: Mailbox) -> None:
        self.written[one.key] = one
        self.store.upsert(one)

    def _version(self) -> str:
        self.numbers += 1
        return str(self.numbers)

    def _holder(self) -> str | None:
        return self.store.claims.holder(NAMESAKE)

    def _replica(self) -> Store:
        store = Store("operators", claims=Claims(TERMS, now=lambda: self.now))
        store.upsert(infrastructure())
        for one in self.written.values():
            store.upsert(one)
        return store


TestWeeks = Weeks.TestCase
TestWeeks.settings = settings(max_examples=examples(60), stateful_step_count=40, deadline=None)
