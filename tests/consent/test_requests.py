"""What browsers are out with, kept by a real API server."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import pytest

from consent.stage import JANE
from controlplane.plane import ControlPlane
from mailbox_operator.apiserver import ApiServer, connect
from mailbox_operator.consent.refused import Refused
from mailbox_operator.consent.requests import Pending, PendingRequests
from mailbox_operator.decide.consent import LIFETIME, Trouble
from mailbox_operator.ports import AuthorizationRequest

pytestmark = pytest.mark.cluster

REQUEST: Final = AuthorizationRequest("https://mailboxes.example/callback", "s" * 43, "n", "v")
PENDING: Final = Pending(JANE.uid, 1, "digest", "app", 1764000000.5, REQUEST)


@pytest.fixture
async def api(plane: ControlPlane) -> AsyncIterator[ApiServer]:
    async with await connect(str(plane.kubeconfig)) as opened:
        yield opened


@pytest.fixture
def requests(api: ApiServer, namespace: str) -> PendingRequests:
    return PendingRequests(api, namespace)


async def outcome(requests: PendingRequests, pending: Pending) -> Trouble | None:
    try:
        await requests.use(pending)
    except Refused as refused:
        return refused.trouble
    return None


async def test_another_replica_finds_what_one_kept(
    requests: PendingRequests, api: ApiServer
) -> None:
    await requests.put(PENDING)

    found = await PendingRequests(api, requests.namespace).find(REQUEST.state)

    assert found == PENDING


async def test_of_many_who_use_it_one_succeeds(requests: PendingRequests) -> None:
    await requests.put(PENDING)

    outcomes = await asyncio.gather(*(outcome(requests, PENDING) for _ in range(8)))

    assert sorted(map(str, outcomes)) == sorted([*["LinkUsed"] * 7, "None"])


async def test_a_used_one_is_empty_and_known_as_used(
    requests: PendingRequests, plane: ControlPlane
) -> None:
    await requests.put(PENDING)
    await requests.use(PENDING)

    with pytest.raises(Refused) as caught:
        await requests.find(REQUEST.state)

    assert (caught.value.trouble, caught.value.uid) == (Trouble.LINK_USED, JANE.uid)
    kept = plane.kubectl("get", "secrets", "-n", requests.namespace, "-o", "jsonpath={..data}")
    assert kept == ""


async def test_one_that_is_swept_away_meanwhile_has_expired(
    requests: PendingRequests, plane: ControlPlane
) -> None:
    await requests.put(PENDING)
    plane.kubectl("delete", "secrets", "--all", "-n", requests.namespace)

    with pytest.raises(Refused) as caught:
        await requests.find(REQUEST.state)

    assert caught.value.trouble is Trouble.LINK_EXPIRED
    assert await outcome(requests, PENDING) is Trouble.LINK_EXPIRED


async def test_the_name_of_the_secret_does_not_tell_the_state(
    requests: PendingRequests, plane: ControlPlane
) -> None:
    await requests.put(PENDING)

    names = plane.kubectl("get", "secrets", "-n", requests.namespace, "-o", "name")
    assert REQUEST.state[:10] not in names


async def test_counts_those_of_one_mailbox_that_are_not_over(requests: PendingRequests) -> None:
    for number in range(3):
        state = replace(REQUEST, state=f"state-{number}")
        await requests.put(replace(PENDING, request=state))
    await requests.put(replace(PENDING, uid="other", request=replace(REQUEST, state="other")))
    now = datetime.now(UTC)

    assert await requests.count(JANE.uid, now) == 3
    assert await requests.count(JANE.uid, now + LIFETIME * 1.1) == 0


async def test_a_used_one_counts_as_well(requests: PendingRequests) -> None:
    await requests.put(PENDING)
    await requests.use(PENDING)

    assert await requests.count(JANE.uid, datetime.now(UTC)) == 1
