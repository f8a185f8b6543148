"""What people hear of grants whose Mailbox is gone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from typing import Any, Final

import pytest

from lab.controlplane.plane import ControlPlane
from lab.stand.eventually import eventually
from mailbox_operator.cluster.apiserver import connect
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.grants.fate import FINAL, Fate, Settled
from mailbox_operator.decide.grants.orphan import Orphan
from mailbox_operator.decide.words import Kind
from mailbox_operator.report.events.events import EventRecorder
from mailbox_operator.report.events.orphan_news import NOTICES, OrphanNews
from mailbox_operator.report.metrics.metrics import Metrics
from unit.make import NOON, mailbox

pytestmark = pytest.mark.cluster

DAY: Final = timedelta(days=1)


@pytest.fixture
async def news(plane: ControlPlane) -> AsyncIterator[OrphanNews]:
    async with await connect(str(plane.kubeconfig)) as api:
        recorder = EventRecorder(api, lambda: NOON, "replica-1")
        running = asyncio.create_task(recorder.run())
        yield OrphanNews(Metrics(), recorder)
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


def settled(namespace: str, fate: Fate, heir: Mailbox | None = None) -> Settled:
    gone = Orphan("old", Key(Kind.MAILBOX, namespace, "jane"), "Google", "jane@acme.example")
    return Settled(gone, fate, NOON + DAY, heir, is_news=True)


async def told(news: OrphanNews, namespace: str) -> dict[str, Any]:
    """Wait for the one Event of a namespace."""

    async def look() -> list[dict[str, Any]]:
        found = await news.events.api.get(f"/api/v1/namespaces/{namespace}/events")
        return list(found["items"])

    (event,) = await eventually(look)
    return event


async def test_an_owner_reads_until_when_a_grant_is_kept(news: OrphanNews, namespace: str) -> None:
    news.settled(settled(namespace, Fate.GRACE))

    event = await told(news, namespace)

    assert (event["type"], event["reason"]) == ("Normal", "ConsentOrphaned")
    assert "kept until 2026-11-24T12:00:00Z" in event["message"]
    assert event["involvedObject"]["uid"] == "old"
    assert event["involvedObject"]["name"] == "jane"


async def test_a_held_grant_is_a_warning(news: OrphanNews, namespace: str) -> None:
    news.settled(settled(namespace, Fate.HELD))

    event = await told(news, namespace)

    assert (event["type"], event["reason"]) == ("Warning", "ConsentHeld")


async def test_a_mailbox_that_took_a_grant_over_learns_so(news: OrphanNews, namespace: str) -> None:
    heir = mailbox(key=Key(Kind.MAILBOX, namespace, "jane"), uid="new")

    news.settled(settled(namespace, Fate.ADOPTED, heir))

    event = await told(news, namespace)
    assert (event["reason"], event["involvedObject"]["uid"]) == ("ConsentAdopted", "new")


@pytest.mark.parametrize("fate", FINAL)
async def test_each_end_of_a_grant_is_counted(news: OrphanNews, namespace: str, fate: Fate) -> None:
    news.settled(settled(namespace, fate))
    await told(news, namespace)  # so that nothing is under way when the test ends

    written, _ = await news.metrics.exposition("", zipped=False)
    counted = f'mailbox_operator_grants_settled_total{{fate="{fate}"}} 1.0'
    assert counted in written.decode()


@pytest.mark.parametrize("fate", sorted(set(Fate) - {Fate.KEPT, Fate.NAMESPACE_MISSING}))
def test_every_fate_of_a_grant_has_its_event(fate: Fate) -> None:
    assert fate in NOTICES
