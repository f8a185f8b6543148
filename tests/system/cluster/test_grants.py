"""Grants in a real API server: no consent and no only valid token is ever lost or overwritten."""

import asyncio
import base64
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final

import pytest

from lab.stand.eventually import eventually
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.grants import MOST_TRIES_WITHOUT_MAILBOX, ClusterGrants
from mailbox_operator.cluster.secrets import ClusterSecrets
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.names import grant_name
from unit.make import NOON, mailbox, oauth_spec

pytestmark = pytest.mark.cluster

JANE: Final = mailbox(oauth_spec())
GIVEN: Final = StoredGrant(
    "first", scope="mail", identity="sub-1", client="app", consent="c1", consented=NOON
)
SECOND: Final = replace(
    GIVEN, refresh_token="second", consent="c2", consented=NOON + timedelta(microseconds=1)
)
"""Of a consent that was under way at the same time, and whose code was exchanged a little later."""


@dataclass(frozen=True, slots=True)
class Moody:
    """An API server that refuses, or acts and then does not answer.

    Attributes:
        moods: What the next writes meet: `away`, `mute`, `slow`, `slowly mute`, or nothing of the kind.
        meanwhile: Runs before the next write, once.
        open: Set when what is slow answers.
    """

    api: ApiServer
    moods: list[str] = field(default_factory=list)
    meanwhile: list[Callable[[], Awaitable[None]]] = field(default_factory=list)
    open: asyncio.Event = field(default_factory=asyncio.Event)

    async def get(self, path: str) -> Any:
        """Read as usual."""
        return await self.api.get(path)

    async def create(self, path: str, body: Any) -> Any:
        """Create, mood permitting."""
        return await self._moody(lambda: self.api.create(path, body))

    async def patch(self, path: str, body: Any, form: str) -> Any:
        """Change, mood permitting."""
        return await self._moody(lambda: self.api.patch(path, body, form))

    async def _moody(self, act: Any) -> Any:
        mood = self.moods.pop(0) if self.moods else ""
        if mood == "away":
            raise ApiServerError(0, "away")
        if self.meanwhile:
            await self.meanwhile.pop()()
        done = await act()
        if mood.startswith("slow"):
            await self.open.wait()
        if mood.endswith("mute"):
            raise ApiServerError(0, "mute")
        return done


@pytest.fixture
def moody(api: ApiServer) -> Moody:
    return Moody(api)


@pytest.fixture
def grants(moody: Moody, namespace: str) -> ClusterGrants:
    return replica(moody, namespace)


def replica(moody: Moody, namespace: str) -> ClusterGrants:
    secrets = ClusterSecrets(moody, namespace, lambda *_: "")  # type: ignore[arg-type]  # it fits
    return ClusterGrants(moody, secrets)  # type: ignore[arg-type]  # the same


async def stored(api: ApiServer, namespace: str) -> Mapping[str, Any]:
    path = f"/api/v1/namespaces/{namespace}/secrets/{grant_name(JANE.uid)}"
    found: Mapping[str, Any] = await api.get(path)
    return found


async def token_of(api: ApiServer, namespace: str) -> str:
    """Read the token that is written."""
    return base64.b64decode((await stored(api, namespace))["data"]["refresh-token"]).decode()


def newer(used: StoredGrant | None, token: str) -> StoredGrant:
    assert used is not None
    return replace(used, refresh_token=token)


async def test_a_consent_is_kept_whole(grants: ClusterGrants) -> None:
    await grants.accept(JANE, GIVEN, "")

    assert await grants.read(JANE.uid) == replace(GIVEN, replaces="first")


async def test_a_new_consent_takes_the_place_of_all_of_the_former(grants: ClusterGrants) -> None:
    await grants.accept(JANE, GIVEN, "")

    await grants.accept(JANE, StoredGrant("second", consent="c2"), "c1")

    assert await grants.read(JANE.uid) == StoredGrant("second", consent="c2", replaces="second")


async def test_a_rotation_changes_the_token_and_not_the_consent(
    grants: ClusterGrants, api: ApiServer, namespace: str
) -> None:
    await grants.accept(JANE, GIVEN, "")
    before = await stored(api, namespace)

    await grants.rotate(JANE, newer(await grants.read(JANE.uid), "second"))

    found = await grants.read(JANE.uid)
    assert found == replace(GIVEN, refresh_token="second", replaces="second")
    after = await stored(api, namespace)
    assert after["metadata"]["annotations"] == before["metadata"]["annotations"]


async def test_a_rotation_does_not_overtake_a_consent(
    grants: ClusterGrants, moody: Moody, namespace: str
) -> None:
    await grants.accept(JANE, GIVEN, "")
    used = await grants.read(JANE.uid)
    await replica(moody, namespace).accept(JANE, SECOND, "c1")

    await grants.rotate(JANE, newer(used, "rotated from the old one"))

    found = await grants.read(JANE.uid)
    assert found is not None
    assert (found.refresh_token, found.consent) == ("second", "c2")


async def test_a_token_that_cannot_be_written_is_used_until_it_can(
    grants: ClusterGrants, moody: Moody, api: ApiServer, namespace: str
) -> None:
    await grants.accept(JANE, GIVEN, "")
    used = await grants.read(JANE.uid)
    moody.moods.extend(["away", "away"])

    await grants.rotate(JANE, newer(used, "only valid one"))
    found = await grants.read(JANE.uid)
    assert found is not None
    assert found.refresh_token == "only valid one"

    await grants.read(JANE.uid)
    fresh = await replica(moody, namespace).read(JANE.uid)
    assert fresh is not None
    assert fresh.refresh_token == "only valid one"


async def test_a_write_whose_answer_was_lost_is_recognized(
    grants: ClusterGrants, moody: Moody
) -> None:
    await grants.accept(JANE, GIVEN, "")
    used = await grants.read(JANE.uid)
    moody.moods.append("mute")

    await grants.rotate(JANE, newer(used, "second"))

    found = await grants.read(JANE.uid)
    assert found is not None
    assert (found.refresh_token, found.replaces) == ("second", "second")


async def test_the_first_rotation_of_a_tenants_token_is_kept(grants: ClusterGrants) -> None:
    await grants.rotate(JANE, StoredGrant("second", origin="digest"))

    found = await grants.read(JANE.uid)
    assert found is not None
    assert (found.refresh_token, found.origin, found.consent) == ("second", "digest", "")


async def test_a_token_unwritten_gives_way_to_a_consent(
    grants: ClusterGrants, moody: Moody
) -> None:
    moody.moods.append("away")
    await grants.rotate(JANE, StoredGrant("second", origin="digest"))

    await grants.accept(JANE, GIVEN, "")

    found = await grants.read(JANE.uid)
    assert found is not None
    assert found.consent == "c1"


@pytest.mark.parametrize("order", [(GIVEN, SECOND), (SECOND, GIVEN)], ids=["in turn", "reversed"])
async def test_the_later_of_two_consents_at_once_stays(
    moody: Moody, namespace: str, order: Sequence[StoredGrant]
) -> None:
    one, other = replica(moody, namespace), replica(moody, namespace)

    await one.accept(JANE, order[0], "")
    await other.accept(JANE, order[1], "")

    assert await one.read(JANE.uid) == replace(SECOND, replaces="second")


async def test_a_consent_that_a_later_one_overtakes_in_the_middle_of_its_write_gives_way(
    grants: ClusterGrants, moody: Moody, namespace: str
) -> None:
    before = replace(GIVEN, consent="c0", refresh_token="before")
    await grants.accept(JANE, before, "")
    moody.meanwhile.append(partial(replica(moody, namespace).accept, JANE, SECOND, "c0"))

    await grants.accept(JANE, GIVEN, "c0")

    assert await grants.read(JANE.uid) == replace(SECOND, replaces="second")


async def test_a_consent_wins_over_a_rotation_in_the_middle_of_its_write(
    grants: ClusterGrants, moody: Moody, namespace: str
) -> None:
    leader = replica(moody, namespace)
    await leader.accept(JANE, GIVEN, "")
    rotated = newer(await leader.read(JANE.uid), "rotated")
    moody.meanwhile.append(partial(leader.rotate, JANE, rotated))

    await grants.accept(JANE, SECOND, "c1")

    assert await grants.read(JANE.uid) == replace(SECOND, replaces="second")


async def test_a_consent_whose_answer_was_lost_is_not_written_over_a_rotation_of_its_own(
    grants: ClusterGrants, moody: Moody, api: ApiServer, namespace: str
) -> None:
    moody.moods.append("slowly mute")
    giving = asyncio.create_task(grants.accept(JANE, GIVEN, ""))
    leader = replica(moody, namespace)
    await eventually(lambda: leader.read(JANE.uid))

    await leader.rotate(JANE, newer(await leader.read(JANE.uid), "rotated"))
    moody.open.set()
    await giving

    assert await token_of(api, namespace) == "rotated"


async def test_an_unwritten_token_of_a_consent_outlives_the_lost_answer_to_that_consent(
    grants: ClusterGrants, moody: Moody, api: ApiServer, namespace: str
) -> None:
    moody.moods.extend(["slowly mute", "away"])
    giving = asyncio.create_task(grants.accept(JANE, GIVEN, ""))
    used = await eventually(lambda: grants.read(JANE.uid))
    await grants.rotate(JANE, newer(used, "rotated"))
    moody.open.set()
    await giving

    await grants.write_all()

    assert await token_of(api, namespace) == "rotated"


async def test_a_consent_is_written_again_while_the_cluster_is_away(
    grants: ClusterGrants, moody: Moody
) -> None:
    moody.moods.extend(["away", "away"])

    await grants.accept(JANE, GIVEN, "")

    assert await grants.read(JANE.uid) is not None


async def test_a_consent_that_cannot_be_kept_is_not_taken(
    grants: ClusterGrants, moody: Moody
) -> None:
    moody.moods.extend(["away"] * 10)

    with pytest.raises(Postponed):
        await grants.accept(JANE, GIVEN, "")

    assert await grants.read(JANE.uid) is None


async def test_a_mailbox_has_no_grant_at_first(grants: ClusterGrants) -> None:
    assert await grants.read(JANE.uid) is None


async def test_a_token_unwritten_is_written_although_its_mailbox_is_gone(
    moody: Moody, api: ApiServer, namespace: str
) -> None:
    there: set[str] = {JANE.uid}
    grants = replace(replica(moody, namespace), exists=there.__contains__)
    await grants.accept(JANE, GIVEN, "")
    used = await grants.read(JANE.uid)
    moody.moods.append("away")
    await grants.rotate(JANE, newer(used, "only valid one"))

    there.clear()

    assert await grants.write_all() == set()
    assert await token_of(api, namespace) == "only valid one"


@pytest.mark.parametrize(
    ("there", "tries", "left"),
    [
        pytest.param(
            {JANE.uid}, MOST_TRIES_WITHOUT_MAILBOX + 1, {JANE.uid}, id="a Mailbox that is there"
        ),
        pytest.param(set[str](), MOST_TRIES_WITHOUT_MAILBOX - 1, {JANE.uid}, id="one that is gone"),
        pytest.param(
            set[str](), MOST_TRIES_WITHOUT_MAILBOX, set[str](), id="one that is gone for an hour"
        ),
    ],
)
async def test_a_token_that_is_refused_is_kept_for_a_mailbox_and_for_an_hour_after_its_end(
    moody: Moody, namespace: str, there: set[str], tries: int, left: set[str]
) -> None:
    grants = replace(replica(moody, namespace), exists=there.__contains__)
    moody.moods.extend(["away"] * tries)
    await grants.rotate(JANE, StoredGrant("second", origin="digest"))

    outcomes = [await grants.write_all() for _ in range(tries - 1)]

    assert outcomes[-1] == left


async def test_a_token_too_long_to_be_read_again_is_not_written(grants: ClusterGrants) -> None:
    await grants.accept(JANE, GIVEN, "")
    used = await grants.read(JANE.uid)

    await grants.rotate(JANE, newer(used, "x" * 20_000))

    assert await grants.read(JANE.uid) == used


async def test_a_token_unwritten_is_written_without_anybody_asking_for_it(
    moody: Moody, api: ApiServer, namespace: str
) -> None:
    grants = replace(replica(moody, namespace), again_seconds=0.1)
    await grants.accept(JANE, GIVEN, "")
    used = await grants.read(JANE.uid)
    moody.moods.extend(["away", "away"])
    await grants.rotate(JANE, newer(used, "second"))

    writing = asyncio.create_task(grants.run())

    await eventually(lambda: token_of(api, namespace), lambda token: token == "second")
    writing.cancel()


async def test_a_token_unwritten_is_written_before_the_end(
    grants: ClusterGrants, moody: Moody, api: ApiServer, namespace: str
) -> None:
    await grants.accept(JANE, GIVEN, "")
    used = await grants.read(JANE.uid)
    moody.moods.append("away")
    await grants.rotate(JANE, newer(used, "second"))

    await grants.flush()

    assert await token_of(api, namespace) == "second"


async def test_the_newest_token_wins_over_one_whose_write_is_under_way(
    grants: ClusterGrants, moody: Moody, api: ApiServer, namespace: str
) -> None:
    await grants.accept(JANE, GIVEN, "")
    used = await grants.read(JANE.uid)
    moody.moods.append("slow")
    first = asyncio.create_task(grants.rotate(JANE, newer(used, "second")))
    await eventually(lambda: token_of(api, namespace), lambda token: token == "second")

    second = asyncio.create_task(grants.rotate(JANE, newer(used, "third")))
    await asyncio.wait([second], timeout=0.2)
    moody.open.set()
    await asyncio.gather(first, second)

    assert await token_of(api, namespace) == "third"


async def test_a_token_is_written_over_one_whose_answer_was_lost(
    grants: ClusterGrants, moody: Moody, api: ApiServer, namespace: str
) -> None:
    await grants.accept(JANE, GIVEN, "")
    used = await grants.read(JANE.uid)
    moody.moods.append("mute")
    await grants.rotate(JANE, newer(used, "second"))

    await grants.rotate(JANE, newer(used, "third"))

    assert await token_of(api, namespace) == "third"


async def test_a_token_that_died_with_its_process_leaves_the_one_before(
    grants: ClusterGrants, moody: Moody, namespace: str
) -> None:
    await grants.accept(JANE, GIVEN, "")
    used = await grants.read(JANE.uid)
    moody.moods.append("away")
    await grants.rotate(JANE, newer(used, "second"))

    found = await replica(moody, namespace).read(JANE.uid)

    assert found is not None
    assert found.refresh_token == "first"
