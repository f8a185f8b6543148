"""Ledgers at a real API server: of two that change one at once, one succeeds."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Final

import pytest

from lab.controlplane.plane import ControlPlane
from mailbox_operator.cluster.apiserver import ApiServer, connect
from mailbox_operator.cluster.ledgers import ClusterLedgers
from mailbox_operator.cluster.paths import configmap_path
from mailbox_operator.decide.sending.kept import Kept, UncountedError
from mailbox_operator.decide.sending.ledger import Ledger, number_of
from unit.make import NOON

pytestmark = pytest.mark.cluster

NAME: Final = "mailbox-ledger-0123"
TODAY: Final = number_of(NOON)
WORKING_DAY: Final = {TODAY - each: 1 for each in range(48)}
MOST_BYTES: Final = 600
"""Of an address that sends all day long: ten thousand take 6 MB."""


@pytest.fixture
async def api(plane: ControlPlane) -> AsyncIterator[ApiServer]:
    async with await connect(str(plane.kubeconfig)) as opened:
        yield opened


@pytest.fixture
def ledgers(api: ApiServer, namespace: str) -> ClusterLedgers:
    return ClusterLedgers(api, namespace)


async def add(ledgers: ClusterLedgers, count: int) -> int:
    """Count one by one; return how often somebody else was first."""
    lost = 0
    while count:
        kept = await ledgers.read(NAME)
        taken = {TODAY: kept.ledger.taken.get(TODAY, 0) + 1}
        done = await ledgers.swap(NAME, kept, Ledger(taken)) is not None
        count, lost = count - done, lost + (not done)
    return lost


async def test_two_that_count_at_once_lose_nothing(ledgers: ClusterLedgers) -> None:
    lost = await asyncio.gather(add(ledgers, 60), add(ledgers, 60))

    assert sum(lost) > 0
    assert (await ledgers.read(NAME)).ledger.taken == {TODAY: 120}


async def test_what_was_made_removed_or_changed_meanwhile_is_not_overwritten(
    ledgers: ClusterLedgers, api: ApiServer
) -> None:
    nothing = await ledgers.read(NAME)
    first = await ledgers.swap(NAME, nothing, Ledger({TODAY: 1}))
    assert first is not None

    assert await ledgers.swap(NAME, nothing, Ledger({TODAY: 2})) is None
    assert await ledgers.swap(NAME, first, Ledger({TODAY: 2})) is not None
    assert await ledgers.swap(NAME, first, Ledger({TODAY: 3})) is None
    await api.delete(configmap_path(ledgers.namespace, NAME), {})
    assert await ledgers.swap(NAME, first, Ledger({TODAY: 4})) is None
    assert await ledgers.read(NAME) == Kept(Ledger())


async def test_a_damaged_ledger_is_no_empty_one(ledgers: ClusterLedgers, api: ApiServer) -> None:
    body = {"metadata": {"name": NAME}, "data": {"ledger": "1 0 - five:5"}}
    await api.create(configmap_path(ledgers.namespace), body)

    with pytest.raises(UncountedError, match=f"{NAME} is damaged: delete it"):
        await ledgers.read(NAME)


async def test_a_namespace_that_is_not_there_is_no_empty_ledger(api: ApiServer) -> None:
    nowhere = ClusterLedgers(api, "nowhere")

    assert await nowhere.swap(NAME, await nowhere.read(NAME), Ledger({TODAY: 1})) is None


async def test_ten_thousand_addresses_take_six_megabytes(
    ledgers: ClusterLedgers, api: ApiServer
) -> None:
    kept: Kept | None = await ledgers.read(NAME)
    for taken in ({TODAY: 1}, WORKING_DAY):
        assert kept is not None
        kept = await ledgers.swap(NAME, kept, Ledger(taken))

    found = await api.get(configmap_path(ledgers.namespace, NAME))

    assert len(json.dumps(found, separators=(",", ":"))) < MOST_BYTES
