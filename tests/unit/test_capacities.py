"""What is left of a limit is shown by who works on the object, and only where it is worth it."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from mailbox_operator.capacities import Capacities
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.declared.limits import Limits
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import Sending
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.sending.claims import ledger_of_address
from mailbox_operator.decide.sending.ledger import Ledger, number_of
from mailbox_operator.decide.status.capacity import Capacity
from mailbox_operator.decide.status.conditions import Standing, Status, Verdict, conditions
from mailbox_operator.decide.words import Infrastructure
from mailbox_operator.watch.store import Store
from unit.make import NOON, infrastructure, key, mailbox, sender, spec

JANE: Final = key("jane")
APP: Final = sender().key
MINUTE: Final = timedelta(minutes=1)
WELL: Final = Verdict(Standing.CONNECTED, Reason.CONNECTED, "All is well.")
CONNECTED: Final = Status(1, conditions(WELL, 1, Status(), NOON, connects=True))
LIMITED: Final = spec(sending=Limits(per_day=10))


@dataclass
class Ledgers:
    """What was sent as jane; nothing as others."""

    sent: int = 0
    removals: int = 0
    away: bool = False

    async def read(self) -> None:
        if self.away:
            raise ApiServerError(503, "away")

    async def remove_unused(self, now: datetime) -> int:
        assert now >= NOON
        self.removals += 1
        return 0

    def look(self, name: str) -> Ledger:
        is_jane = name == ledger_of_address("jane@acme.example")
        return Ledger({number_of(NOON): self.sent} if self.sent and is_jane else {})


@dataclass
class World:
    """The reporter, and all that it knows and tells.

    Attributes:
        busy: Whether other statuses are to be written.
        shown: The statuses that were written.
    """

    store: Store = field(default_factory=lambda: Store("mail"))
    ledgers: Ledgers = field(default_factory=Ledgers)
    now: datetime = NOON
    works: bool = True
    leads: bool = False
    busy: bool = False
    shown: list[tuple[Key, Status]] = field(default_factory=list)
    capacities: Capacities = field(init=False)

    def __post_init__(self) -> None:
        self.capacities = Capacities(
            self.ledgers,
            self.store,
            self,
            lambda _: self.works,
            lambda: self.leads,
            lambda: self.now,
            60.0,
        )

    def count(self, seen: Seen, status: Status) -> bool:
        """Write a status, as the publisher does where nothing else is to be written."""
        if self.busy:
            return False
        subject = seen.subject
        assert status != subject.status
        version = str(int(subject.version) + 1)
        self.store.upsert(replace(subject, status=status, version=version))
        self.shown.append((subject.key, status))
        return True

    async def after(self, minutes: int, sent: int) -> list[Status]:
        """Send some, and look again later; return what was shown of jane."""
        self.ledgers.sent, self.now = sent, self.now + minutes * MINUTE
        before = len(self.shown)
        await self.capacities.look()
        return [status for at, status in self.shown[before:] if at == JANE]


def world(status: Status = CONNECTED, **changes: bool) -> World:
    made = World(**changes)  # type: ignore[arg-type]  # flags only
    made.store.upsert(mailbox(LIMITED, status=status))
    return made


async def test_without_a_gateway_what_was_shown_before_is_removed_once() -> None:
    made = world()
    await made.after(0, sent=10)
    reports = made.capacities.reports
    made.capacities.ledgers = None

    (without,) = await made.after(1, sent=10)

    assert (without.capacity, without.condition("Capacity")) == (None, None)
    assert without.reason == "Connected"
    assert await made.after(1, sent=10) == []
    assert (len(reports), made.capacities.reports) == (1, {})


async def test_a_limit_is_shown_at_the_first_look_and_then_rarely() -> None:
    made = world()

    (first,) = await made.after(0, sent=0)
    assert first.capacity == Capacity(10, 0, 10)
    assert first.reason == "Connected"
    assert await made.after(1, sent=3) == []
    assert [each.capacity for each in await made.after(9, sent=4)] == [Capacity(10, 4, 6)]
    assert [each.capacity for each in await made.after(1, sent=8)] == [Capacity(10, 8, 2)]
    assert await made.after(1, sent=9) == []
    (full,) = await made.after(1, sent=10)
    assert full.condition("Capacity") is not None
    assert await made.after(60, sent=10) == []
    assert made.capacities.reports[JANE].capacity == full.capacity


async def test_what_was_shown_before_a_restart_is_not_shown_again_at_once() -> None:
    before = world()
    (shown,) = await before.after(0, sent=3)

    made = world(shown)

    assert await made.after(1, sent=4) == []
    assert len(await made.after(9, sent=4)) == 1


async def test_a_replica_shows_nothing_of_what_others_work_on_and_knows_it() -> None:
    made = world(works=False)

    assert await made.after(0, sent=10) == []
    assert made.capacities.reports[JANE].state == "False"


async def test_nothing_is_shown_before_the_first_verdict() -> None:
    assert await world(Status()).after(0, sent=10) == []


async def test_it_waits_while_anything_else_is_written() -> None:
    made = world(busy=True)
    assert await made.after(0, sent=10) == []

    made.busy = False

    assert len(await made.after(1, sent=10)) == 1


async def test_the_leader_alone_removes_what_is_unused() -> None:
    made = world()
    await made.after(0, sent=0)
    assert made.ledgers.removals == 0

    made.leads = True
    await made.after(1, sent=0)

    assert made.ledgers.removals == 1


async def test_what_was_said_stands_while_nothing_can_be_read() -> None:
    made = world()
    await made.after(0, sent=3)
    made.ledgers.away = True

    with pytest.raises(ApiServerError):
        await made.after(20, sent=10)

    assert len(made.shown) == 1
    assert JANE in made.capacities.reports


async def test_a_sender_shows_what_its_connected_mailboxes_may_send() -> None:
    made = world()
    bob = spec(sending=Limits(per_day=30), address="bob@acme.example")
    made.store.upsert(mailbox(bob, key=key("bob"), uid="b", status=Status()))
    made.store.upsert(sender(Sending(("jane", "bob", "nobody")), status=CONNECTED))

    await made.after(0, sent=4)

    assert dict(made.shown)[APP].capacity == Capacity(10, 4, 6)
    assert APP not in made.capacities.reports


async def test_what_stands_is_left_while_the_infrastructure_is_missing() -> None:
    made = World()
    managed = spec(
        sending=Limits(per_day=10),
        infrastructure=Infrastructure.MANAGED,
        infrastructure_name="default",
    )
    made.store.upsert(mailbox(managed, status=CONNECTED))
    assert await made.after(0, sent=0) == []

    made.store.upsert(infrastructure())

    assert len(await made.after(1, sent=0)) == 1
