"""What browsers are out with, kept by a real API server."""

import asyncio
import base64
import json
from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, datetime
from secrets import token_urlsafe
from typing import Final

import pytest

from lab.controlplane.plane import ControlPlane
from mailbox_operator.cluster.apiserver import ApiServer, connect
from mailbox_operator.cluster.authorizations import PendingRequests
from mailbox_operator.decide.grants.authorization import AuthorizationRequest, Pending, digest
from mailbox_operator.decide.machine.consent import LIFETIME, Refused, Trouble
from unit.consent.stage import JANE

pytestmark = pytest.mark.cluster

REQUEST: Final = AuthorizationRequest("https://mailboxes.example/callback", "s" * 43, "n", "v")
MOST: Final = 10
PENDING: Final = Pending(JANE.uid, 1, "digest", "app", 1764000000.5, REQUEST)


@pytest.fixture
def requests(api: ApiServer, namespace: str) -> PendingRequests:
    return PendingRequests(api, namespace)


async def kept(requests: PendingRequests, pending: Pending) -> None:
    """Keep a request as a consent does."""
    await requests.put(pending, datetime.now(UTC), MOST)


async def outcome(requests: PendingRequests, pending: Pending) -> Trouble | None:
    try:
        await requests.use(pending)
    except Refused as refused:
        return refused.trouble
    return None


async def test_a_replica_finds_the_authorization_that_another_kept(
    requests: PendingRequests, api: ApiServer
) -> None:
    await kept(requests, PENDING)

    found = await PendingRequests(api, requests.namespace).find(REQUEST.state)

    assert found == PENDING


async def test_an_authorization_is_used_by_one_of_many_at_once(requests: PendingRequests) -> None:
    await kept(requests, PENDING)

    outcomes = await asyncio.gather(*(outcome(requests, PENDING) for _ in range(8)))

    assert sorted(map(str, outcomes)) == sorted([*["LinkUsed"] * 7, "None"])


async def test_a_used_authorization_is_empty_and_known_as_used(
    requests: PendingRequests, plane: ControlPlane
) -> None:
    await kept(requests, PENDING)
    await requests.use(PENDING)

    with pytest.raises(Refused) as caught:
        await requests.find(REQUEST.state)

    assert (caught.value.trouble, caught.value.uid) == (Trouble.LINK_USED, JANE.uid)
    left = plane.kubectl("get", "secrets", "-n", requests.namespace, "-o", "jsonpath={..data}")
    assert left == ""


async def test_a_request_that_is_swept_away_meanwhile_has_expired(
    requests: PendingRequests, plane: ControlPlane
) -> None:
    await kept(requests, PENDING)
    plane.kubectl("delete", "secrets", "--all", "-n", requests.namespace)

    with pytest.raises(Refused) as caught:
        await requests.find(REQUEST.state)

    assert caught.value.trouble is Trouble.LINK_EXPIRED
    assert await outcome(requests, PENDING) is Trouble.LINK_EXPIRED


async def test_the_name_of_the_secret_does_not_tell_the_state(
    requests: PendingRequests, plane: ControlPlane
) -> None:
    await kept(requests, PENDING)

    names = plane.kubectl("get", "secrets", "-n", requests.namespace, "-o", "name")
    assert REQUEST.state[:10] not in names


async def begun(
    requests: PendingRequests, count: int, origin: str, uid: str = JANE.uid
) -> list[Trouble | None]:
    """Begin consents of a mailbox from one origin, all at once; return what came of each."""
    states = [token_urlsafe(32) for _ in range(count)]
    pendings = [
        replace(PENDING, uid=uid, origin=origin, request=replace(REQUEST, state=state))
        for state in states
    ]
    return await asyncio.gather(*(trouble_of(requests, pending) for pending in pendings))


async def trouble_of(requests: PendingRequests, pending: Pending) -> Trouble | None:
    try:
        await kept(requests, pending)
    except Refused as refused:
        return refused.trouble
    return None


def origins(plane: ControlPlane, requests: PendingRequests) -> Counter[str]:
    """Count what is kept by its origin."""
    path = "{range .items[*]}{.metadata.annotations.mailbox-operator\\.io/consent-origin} {end}"
    found = plane.kubectl("get", "secrets", "-n", requests.namespace, "-o", f"jsonpath={path}")
    return Counter(found.split())


async def test_two_replicas_keep_exactly_as_many_authorizations_as_the_limit_allows(
    requests: PendingRequests, plane: ControlPlane
) -> None:
    async with await connect(str(plane.kubeconfig)) as api:
        second = PendingRequests(api, requests.namespace)
        here, there = await asyncio.gather(begun(requests, 20, "a/"), begun(second, 20, "a/"))

    assert [*here, *there].count(None) == MOST
    assert origins(plane, requests).total() == MOST


async def test_one_browser_with_forty_at_once_never_passes_the_limit(
    requests: PendingRequests, plane: ControlPlane
) -> None:
    outcomes = await begun(requests, 40, "a/")

    assert Counter(outcomes) == {None: MOST, Trouble.TOO_MANY_ATTEMPTS: 40 - MOST}
    assert origins(plane, requests) == {"a/": MOST}


async def test_many_origins_at_once_never_pass_the_limit(
    requests: PendingRequests, plane: ControlPlane
) -> None:
    await asyncio.gather(*(begun(requests, 8, origin) for origin in ("a/", "a/x", "b/", "c/")))

    assert origins(plane, requests).total() == MOST


@pytest.mark.parametrize("owner", ["b/", "a/owner"], ids=["another address", "another browser"])
async def test_a_stranger_at_the_limit_does_not_lock_the_owner_out(
    requests: PendingRequests, plane: ControlPlane, owner: str
) -> None:
    await begun(requests, 40, "a/")

    assert await begun(requests, 1, owner) == [None]
    assert await begun(requests, 1, "a/") == [Trouble.TOO_MANY_ATTEMPTS]
    assert origins(plane, requests) == {"a/": MOST - 1, owner: 1}


async def test_one_mailbox_does_not_take_the_places_of_another(requests: PendingRequests) -> None:
    await begun(requests, MOST, "a/")

    assert await begun(requests, 1, "a/", uid="other") == [None]


async def test_an_expired_authorization_takes_no_place(requests: PendingRequests) -> None:
    await begun(requests, MOST, "a/")
    later = datetime.now(UTC) + LIFETIME * 1.1

    await requests.put(PENDING, later, MOST)

    assert await requests.find(REQUEST.state) == PENDING


async def test_a_used_authorization_takes_a_place(requests: PendingRequests) -> None:
    await kept(requests, PENDING)
    await requests.use(PENDING)
    await begun(requests, MOST - 1, "")

    assert await begun(requests, 1, "") == [Trouble.TOO_MANY_ATTEMPTS]


async def test_a_request_of_a_former_version_is_found(
    requests: PendingRequests, api: ApiServer
) -> None:
    fields = asdict(PENDING)
    del fields["origin"]
    content = base64.b64encode(json.dumps(fields).encode()).decode()
    name = f"mailbox-authorization-{digest(REQUEST.state)[:40]}"
    body = {"metadata": {"name": name}, "data": {"request": content}}
    await api.create(f"/api/v1/namespaces/{requests.namespace}/secrets", body)

    assert await requests.find(REQUEST.state) == PENDING
