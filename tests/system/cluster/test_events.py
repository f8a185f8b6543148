"""What a real API server makes of the Events, and what becomes of them there."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from lab.controlplane.plane import ControlPlane
from lab.stand.eventually import eventually
from mailbox_operator.cluster.apiserver import ApiServer, connect
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.report.events.correlator import BURST, EventType
from mailbox_operator.report.events.events import MOST_EVENTS_WAITING, EventRecorder
from unit.decide.attempts import HOUR, then
from unit.make import NOON, key, mailbox, seen

pytestmark = pytest.mark.cluster

AWAY = Fault(Reason.PROVIDER_UNAVAILABLE, facts={"host": "mail.example", "code": "421"})
LOST = ("ConnectionRefused", "Connections are refused.")


@dataclass(slots=True)
class Teller:
    """A recorder at work, in a namespace of its own.

    Attributes:
        at: What its clock says.
    """

    api: ApiServer
    namespace: str
    at: datetime = NOON
    recorder: EventRecorder = field(init=False)

    def __post_init__(self) -> None:
        self.recorder = EventRecorder(self.api, lambda: self.at, "replica-1")

    @property
    def jane(self) -> Mailbox:
        """Name the mailbox that all is told of."""
        return mailbox(key=replace(key(), namespace=self.namespace))

    def tell(self, reason: str = LOST[0], message: str = LOST[1], *, minutes: int = 0) -> None:
        """Tell of the mailbox, so many minutes after noon."""
        self.at = NOON + timedelta(minutes=minutes)
        self.recorder.tell(self.jane, reason, message, EventType.WARNING)

    async def events(self) -> list[dict[str, Any]]:
        """Read the Events in the namespace."""
        found = await self.api.get(f"/api/v1/namespaces/{self.namespace}/events")
        return list(found["items"])

    async def until(self, *counts: int) -> list[dict[str, Any]]:
        """Wait until there are Events with these counts; return them."""
        return await eventually(
            self.events, lambda found: sorted(each["count"] for each in found) == sorted(counts)
        )


@pytest.fixture
async def teller(plane: ControlPlane, namespace: str) -> AsyncIterator[Teller]:
    async with await connect(str(plane.kubeconfig)) as api:
        teller = Teller(api, namespace)
        running = asyncio.create_task(teller.recorder.run())
        yield teller
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def test_a_repeated_reason_is_the_same_event_with_a_higher_count(teller: Teller) -> None:
    teller.tell()
    [first] = await teller.until(1)

    teller.tell(minutes=10)
    teller.tell(minutes=20)
    [event] = await teller.until(3)

    assert event["metadata"]["uid"] == first["metadata"]["uid"]
    assert event["firstTimestamp"] == "2026-11-23T12:00:00Z"
    assert event["lastTimestamp"] == "2026-11-23T12:20:00Z"


async def test_kubectl_says_how_often_and_for_how_long(plane: ControlPlane, teller: Teller) -> None:
    teller.tell()
    await teller.until(1)
    teller.tell(minutes=10)
    await teller.until(2)

    shown = await asyncio.to_thread(plane.kubectl, "events", f"--namespace={teller.namespace}")

    assert "(x2 over " in shown
    assert "Mailbox/jane" in shown


async def test_an_event_that_the_cluster_has_deleted_is_created_again(teller: Teller) -> None:
    teller.tell()
    [first] = await teller.until(1)
    name = first["metadata"]["name"]
    await teller.api.delete(f"/api/v1/namespaces/{teller.namespace}/events/{name}", {})

    teller.tell(minutes=10)
    [event] = await teller.until(2)
    teller.tell(minutes=20)
    [again] = await teller.until(3)

    assert name != event["metadata"]["name"] == again["metadata"]["name"]


async def test_a_repeated_reason_is_a_new_event_after_an_hour(teller: Teller) -> None:
    teller.tell()
    await teller.until(1)

    teller.tell(minutes=60)

    assert len(await teller.until(1, 1)) == 2


async def test_a_flapping_mailbox_has_so_many_events_and_no_more(teller: Teller) -> None:
    for number in range(BURST + 10):
        teller.tell(message=f"The server said {number}.")

    await teller.until(*[1] * BURST)
    teller.tell(message="The server said that it is well.", minutes=5)
    await teller.until(*[1] * (BURST + 1))

    assert teller.recorder.dropped == 10


async def test_a_lasting_failure_is_a_second_event_once_a_person_must_act(
    teller: Teller,
) -> None:
    new = seen(teller.jane)
    first = then(new, AWAY)
    lasting = then(first, AWAY, now=NOON + HOUR)
    later = then(lasting, AWAY, now=NOON + 2 * HOUR)

    for before, after in pairwise((new, first, lasting, later)):
        teller.recorder.transition(before, after.status)
    events = await teller.until(1, 1)

    assert [each["reason"] for each in events] == [AWAY.reason] * 2
    assert sum("has not passed for 1h" in each["message"] for each in events) == 1


async def test_other_words_for_the_same_person_are_no_event(teller: Teller) -> None:
    new = seen(teller.jane)
    first = then(new, Fault(AWAY.reason, facts={"code": "421"}))
    second = then(first, Fault(AWAY.reason, facts={"code": "451"}), now=NOON + HOUR / 2)

    teller.recorder.transition(new, first.status)
    teller.recorder.transition(first, second.status)
    teller.tell(minutes=1)

    assert len(await teller.until(1, 1)) == 2


async def test_an_event_names_its_reporter_and_its_object(teller: Teller) -> None:
    teller.tell()

    [event] = await teller.until(1)

    assert event["reportingComponent"] == "mailbox-operator.io/mailbox-operator"
    assert event["reportingInstance"] == "replica-1"
    assert event["source"] == {"component": "mailbox-operator"}
    assert event["involvedObject"]["uid"] == teller.jane.uid
    assert (event["type"], event["reason"], event["message"]) == ("Warning", *LOST)


async def test_a_namespace_that_is_gone_keeps_no_event_from_the_others(teller: Teller) -> None:
    gone = mailbox(key=replace(key(), namespace="gone"), uid="2f60c94a")
    teller.recorder.tell(gone, *LOST, EventType.WARNING)

    teller.tell()

    assert await teller.until(1)


async def test_the_oldest_events_give_way_in_a_flood_and_are_counted(
    plane: ControlPlane, namespace: str
) -> None:
    async with await connect(str(plane.kubeconfig)) as api:
        teller = Teller(api, namespace)
        for number in range(MOST_EVENTS_WAITING + 3):
            teller.recorder.tell(mailbox(uid=f"other-{number}"), *LOST, EventType.WARNING)

    assert teller.recorder.dropped == 3


async def test_a_flood_of_one_namespace_keeps_no_event_from_another(
    plane: ControlPlane, namespace: str
) -> None:
    async with await connect(str(plane.kubeconfig)) as api:
        teller = Teller(api, namespace)
        teller.tell()
        for number in range(2 * MOST_EVENTS_WAITING):
            flooding = mailbox(key=replace(key(), namespace="gone"), uid=f"other-{number}")
            teller.recorder.tell(flooding, *LOST, EventType.WARNING)
        running = asyncio.create_task(teller.recorder.run())

        await teller.until(1)

        running.cancel()
        await asyncio.wait([running])
