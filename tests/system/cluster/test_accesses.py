"""Access records in a real API server: what the leader hands over is what a gateway reads."""

from dataclasses import replace
from typing import Final

import pytest

from mailbox_operator.cluster.accesses import RECORD, Accesses, HandedOver
from mailbox_operator.cluster.apiserver import MERGE_PATCH, ApiServer
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.secretdata import encoded_value
from mailbox_operator.decide.names import access_name
from mailbox_operator.decide.sending.accessrecord import AccessRecord, KeptAccess
from unit.make import ENDPOINT, mailbox, oauth_spec

pytestmark = pytest.mark.cluster

JANE: Final = replace(mailbox(oauth_spec()), uid="a-uid")
NOW: Final = 1_800_000_000.0
FIRST: Final = AccessRecord("jane@acme.example", "first", ENDPOINT, NOW + 3600)
KEPT: Final = KeptAccess.of("v1", FIRST, NOW)
PLACE: Final = secret_path("default", access_name(JANE.uid))


@pytest.fixture
def handed(api: ApiServer) -> HandedOver:
    return HandedOver(api, "default")


@pytest.fixture
def read(api: ApiServer) -> Accesses:
    return Accesses(api, "default")


@pytest.fixture(autouse=True)
async def _tidy(handed: HandedOver) -> None:
    await handed.remove(JANE.uid)


async def test_a_gateway_reads_the_record_that_was_handed_over(
    handed: HandedOver, read: Accesses
) -> None:
    record = replace(FIRST, app_only=True)

    await handed.keep(JANE, record, KEPT)

    assert await read.read(JANE.uid) == record


async def test_a_newer_record_takes_the_place_of_the_one_before(
    handed: HandedOver, read: Accesses
) -> None:
    second = replace(FIRST, token="second", expires_at=NOW + 7200)
    await handed.keep(JANE, FIRST, KEPT)

    await handed.keep(JANE, second, KeptAccess.of("v2", second, NOW))

    assert await read.read(JANE.uid) == second
    assert await handed.kept() == {JANE.uid: KeptAccess.of("v2", second, NOW)}


async def test_a_record_that_was_taken_back_is_gone(handed: HandedOver, read: Accesses) -> None:
    await handed.keep(JANE, FIRST, KEPT)

    await handed.remove(JANE.uid)

    assert await read.read(JANE.uid) is None
    assert await handed.kept() == {}


@pytest.mark.parametrize("value", ["", "{}", "[]", '{"endpoint": 1}', "no JSON"])
async def test_a_record_that_somebody_damaged_is_none(
    handed: HandedOver, read: Accesses, api: ApiServer, value: str
) -> None:
    await handed.keep(JANE, FIRST, KEPT)
    notes = {f"mailbox-operator.io/access-{name}": "soon" for name in ("renewed-at", "expires-at")}
    body = {"metadata": {"annotations": notes}, "data": {RECORD: encoded_value(value)}}
    await api.patch(PLACE, body, MERGE_PATCH)

    assert await read.read(JANE.uid) is None
    assert (await handed.kept())[JANE.uid].is_due("v1", NOW)


async def test_the_token_is_on_no_list_of_metadata(handed: HandedOver, api: ApiServer) -> None:
    await handed.keep(JANE, FIRST, KEPT)

    found = await api.get(PLACE, "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1")

    assert "first" not in str(found)
