"""One attempt, with fakes of what it needs: what is asked of whom, and what each answer comes to."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest

from mailbox_operator.decide.declared.infrastructure import ManagedInfrastructure
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.claim import Claim
from mailbox_operator.decide.machine.machine import Conclusion, Proof
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.status.conditions import Standing, Status
from mailbox_operator.decide.words import Infrastructure, Provider
from mailbox_operator.ports import Ports
from mailbox_operator.reconcile import foresee, reconcile
from unit.make import ENDPOINT, NOON, infrastructure, mailbox, oauth_spec, seen, unreadable

JANE: Final = mailbox(oauth_spec(infrastructure=Infrastructure.MANAGED, secret=None))


@dataclass(slots=True)
class World:
    """Everything an attempt needs; all of it fits `ports.py`.

    Attributes:
        claim_is: What becomes of the address; None if another one holds it.
        asked: What was done, in order.
        announced: The statuses that were to be shown during an attempt, or ahead of it.
        shown: The statuses that were written.
    """

    met: Seen
    claim_is: Claim | None = Claim.TAKEN
    login: Callable[[], Proof] = field(default=lambda: Proof(ENDPOINT, "sub-1"))
    asked: list[str] = field(default_factory=list)
    announced: list[Status] = field(default_factory=list)
    shown: list[Status] = field(default_factory=list)

    def seen(self, key: Key) -> Seen | None:
        """Return what is seen."""
        return self.met

    def infrastructure_for(self, mailbox: Mailbox) -> ManagedInfrastructure | None:
        """Return what the platform offers."""
        return infrastructure()

    def claimable(self, mailbox: Mailbox, ownership: Ownership) -> Claim:
        """Say what becomes of the address."""
        if self.claim_is is None:
            raise Fault(Reason.ALREADY_CLAIMED)
        return self.claim_is

    def claim(self, mailbox: Mailbox, ownership: Ownership) -> Claim:
        """Take the address."""
        self.asked.append("claim")
        return self.claimable(mailbox, ownership)

    def conclude(self, key: Key, uid: str, conclusion: Conclusion) -> None:
        """Remember nothing."""

    async def connect(self, case: Case) -> Proof:
        """Log in."""
        self.asked.append("connect")
        return self.login()

    async def relay(self, case: Case) -> None:
        """Ask the relay."""
        self.asked.append("relay")

    async def check(self, infrastructure: ManagedInfrastructure) -> Proof:
        """Prove the platform's part."""
        return Proof()

    def announce(self, seen: Seen, status: Status) -> None:
        """Show nothing yet."""
        self.announced.append(status)

    def withdraw(self, key: Key) -> None:
        """Withdraw nothing."""

    def publish(self, seen: Seen, status: Status) -> None:
        """Show a status."""
        self.shown.append(status)

    def attempting(self, seen: Seen) -> AbstractContextManager[None]:
        """Trace nothing."""
        return nullcontext()

    def attempted(self, seen: Seen, outcome: Proof | Exception, seconds: float) -> None:
        """Count nothing."""

    @property
    def ports(self) -> Ports:
        """Fit the ports."""
        fitted: Any = self
        return Ports(
            view=fitted,
            connectors=dict.fromkeys(Provider, fitted),
            platform=fitted,
            publisher=fitted,
            observer=fitted,
            pace=Pace(),
            attempt_timeout_seconds=5,
            now=lambda: NOON,
            monotonic=lambda: 0.0,
            jitter=lambda: 0.5,
            public_url="https://mailboxes.example",
        )


async def attempted(world: World) -> Status:
    """Make an attempt; return what it shows."""
    await reconcile(world.met.subject.key, world.ports, due=True)
    return world.shown[-1]


async def test_a_mailbox_that_proves_an_address_holds_it_from_then_on() -> None:
    world = World(seen(JANE))

    status = await attempted(world)

    assert world.asked == ["connect", "relay", "claim"]
    assert (status.standing, status.claimed_at) == (Standing.CONNECTED, "2026-11-23T12:00:00Z")


async def test_a_mailbox_that_proves_an_address_of_another_is_not_connected() -> None:
    world = World(seen(JANE), claim_is=None)

    status = await attempted(world)

    assert world.asked == ["connect"]
    assert status.reason == Reason.ALREADY_CLAIMED
    assert (status.standing, status.claimed_at) == (Standing.WAITING, "")


async def test_the_relay_is_not_asked_about_an_address_that_is_not_proved() -> None:
    world = World(seen(JANE), claim_is=Claim.UNVERIFIED)

    status = await attempted(world)

    assert world.asked == ["connect", "claim"]
    assert status.reason == Reason.CONNECTED_UNVERIFIED
    assert (status.standing, status.claimed_at) == (Standing.CONNECTED, "")


async def test_a_mailbox_that_held_an_address_holds_it_while_its_login_fails() -> None:
    def refused() -> Proof:
        raise Fault(Reason.GRANT_REVOKED)

    before = Status(claimed_at="2026-11-22T12:00:00Z")

    status = await attempted(World(seen(JANE, before), login=refused))

    assert (status.standing, status.claimed_at) == (Standing.STALLED, before.claimed_at)
    assert status.consent_url == f"https://mailboxes.example/mailboxes/{JANE.uid}"


@pytest.mark.parametrize("bug", [RuntimeError("a bug"), AssertionError("another")])
async def test_a_bug_leaves_no_mailbox_without_a_condition(bug: Exception) -> None:
    def broken() -> Proof:
        raise bug

    status = await attempted(World(seen(JANE), login=broken))

    assert status.reason == Reason.INTERNAL_ERROR


async def test_a_spec_that_cannot_be_read_is_reported_and_keeps_no_frames() -> None:
    box = unreadable()
    world = World(seen(box))

    status = await attempted(world)

    assert status.reason == Reason.INVALID_SPEC
    assert box.problem.__traceback__ is None


async def test_private_claims_nothing() -> None:
    status = await attempted(World(seen(mailbox(oauth_spec())), claim_is=Claim.NOT_NEEDED))

    assert (status.reason, status.claimed_at) == (Reason.CONNECTED, "")


async def test_a_changed_mailbox_shows_ahead_of_its_turn_that_it_will_be_tried() -> None:
    connected = await attempted(World(seen(JANE)))
    world = World(seen(replace(JANE, generation=2), connected))

    assert foresee(world.met, world.ports)

    assert [status.standing for status in world.announced] == [Standing.PROGRESSING]
    assert world.asked == []


async def test_a_first_look_is_not_announced_ahead_of_its_turn() -> None:
    world = World(seen(JANE))

    assert foresee(world.met, world.ports)

    assert world.announced == []


async def test_a_mailbox_that_did_not_change_needs_no_turn() -> None:
    connected = await attempted(World(seen(JANE)))
    world = World(seen(JANE, connected))

    assert not foresee(world.met, world.ports)

    assert world.announced == []
