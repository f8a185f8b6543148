"""The record of refused logins in a real API server: shared by replicas, lost by nobody."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.refusal_record import RECORD_NAME, RefusalRecord
from mailbox_operator.cluster.shared_refusals import SharedRefusals
from mailbox_operator.decide.refusals.accounts import TriedLogin
from mailbox_operator.decide.refusals.ledger import (
    HOUR_SECONDS,
    KEY_BYTES,
    OF_ONE_TENANT,
    Free,
    Held,
    Refusals,
)
from mailbox_operator.decide.refusals.refused import End
from unit.fakes import FakeClock

pytestmark = pytest.mark.cluster

TODAY: Final = datetime(2026, 5, 1, 12, tzinfo=UTC)
JANE: Final = TriedLogin(("jane",), "evil", "guess")


@dataclass(slots=True)
class Replica:
    """One process: what it remembers, its clocks, and its record."""

    api: ApiServer
    namespace: str
    today: datetime = TODAY
    clock: FakeClock = field(default_factory=lambda: FakeClock(100))
    refusals: Refusals = field(init=False)
    record: SharedRefusals = field(init=False)

    def __post_init__(self) -> None:
        self.refusals = Refusals(f"{id(self)}".encode().ljust(KEY_BYTES), f"{id(self):x}")
        kept = (self.api, self.namespace, self.refusals)
        self.record = SharedRefusals(RefusalRecord(*kept, lambda: self.today, self.clock))

    def refuse(self, times: int = OF_ONE_TENANT) -> None:
        """Have Jane's account refused."""
        for _ in range(times):
            self.clock.seconds += 0.001
            self.record.end(self.refusals.begin(JANE), End.REFUSED, None)

    @property
    def holds_back(self) -> bool:
        """Whether Jane's next login is held back."""
        return self.refusals.ask(JANE, self.clock.seconds) != Free()


@pytest.fixture
def first(api: ApiServer, namespace: str) -> Replica:
    return Replica(api, namespace)


@pytest.fixture
def second(api: ApiServer, namespace: str) -> Replica:
    return Replica(api, namespace, clock=FakeClock(7_000))


async def content(of: Replica) -> Mapping[str, Any]:
    return dict(await of.api.get(secret_path(of.namespace, RECORD_NAME)))


async def put(of: Replica, data: Mapping[str, bytes]) -> None:
    """Write a Secret of that name by hand."""
    encoded = {key: base64.b64encode(value).decode() for key, value in data.items()}
    body = {"metadata": {"name": RECORD_NAME}, "data": encoded}
    await of.api.create(secret_path(of.namespace), body)


async def test_the_next_leader_holds_back_what_the_last_one_did(
    first: Replica, second: Replica
) -> None:
    first.refuse()
    await first.record.flush()

    await second.record.load()

    assert second.holds_back
    second.clock.seconds += HOUR_SECONDS
    assert not second.holds_back


async def test_no_record_is_written_before_a_login_is_refused(first: Replica) -> None:
    await first.record.load()
    await first.record.flush()

    listed = await first.api.get(secret_path(first.namespace))

    assert [each["metadata"]["name"] for each in listed["items"]] == []


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"key": b"k" * KEY_BYTES},
        {"key": b"short", "refusals": b"[]"},
        {"key": b"k" * KEY_BYTES, "refusals": b"no JSON"},
        {"key": b"k" * KEY_BYTES, "refusals": b"7"},
        {"key": b"k" * KEY_BYTES, "refusals": b"[[1, 2]]"},
        {"key": b"k" * KEY_BYTES, "refusals": b'[["m", "soon", ["a"], "n"]]'},
        {"key": b"k" * KEY_BYTES, "refusals": b'[["m", null, ["a"], "n"]]'},
        {"key": b"k" * KEY_BYTES, "refusals": b"[" * 100_000},
    ],
)
async def test_an_unreadable_record_counts_as_empty_and_is_replaced(
    first: Replica, second: Replica, data: dict[str, bytes]
) -> None:
    await put(first, data)

    await first.record.load()
    first.refuse()
    await first.record.flush()
    await second.record.load()

    assert second.holds_back


@pytest.mark.parametrize("days", [-400, -2, 2, 400])
async def test_a_clock_that_jumped_holds_nobody_longer_than_an_hour(
    first: Replica, second: Replica, days: int
) -> None:
    first.refuse()
    await first.record.flush()
    second.today += timedelta(days=days)

    await second.record.load()
    held = second.refusals.ask(JANE, second.clock.seconds)

    assert isinstance(held, Held) == (days < 0)
    second.clock.seconds += HOUR_SECONDS
    assert not second.holds_back


async def test_a_leader_that_was_paused_erases_nothing(first: Replica, second: Replica) -> None:
    first.refuse(1)
    await first.record.flush()
    await second.record.load()
    second.refuse(OF_ONE_TENANT - 1)
    await second.record.flush()

    first.record.end(first.refusals.begin(TriedLogin(("joe",), "team", "x")), End.REFUSED, None)
    await first.record.flush()

    third = Replica(first.api, first.namespace)
    await third.record.load()
    assert third.holds_back
    assert len(third.refusals.recent(third.clock.seconds)) == OF_ONE_TENANT + 1


async def test_a_leader_that_never_read_the_record_erases_nothing(
    first: Replica, second: Replica
) -> None:
    second.refuse()
    await second.record.flush()
    first.refuse(1)

    await first.record.flush()

    third = Replica(first.api, first.namespace)
    await third.record.load()
    assert third.holds_back


async def test_a_record_that_somebody_deleted_is_written_again(first: Replica) -> None:
    first.refuse(1)
    await first.record.flush()
    await first.api.delete(secret_path(first.namespace, RECORD_NAME), {})
    first.refuse(1)

    await first.record.flush()

    assert len(json.loads(base64.b64decode((await content(first))["data"]["refusals"]))) == 2
