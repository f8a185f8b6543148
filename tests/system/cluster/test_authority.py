"""The gateway's certificate in two Secrets of a real API server: made, repaired, not taken over."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Final

import pytest
import yaml

from lab.controlplane.plane import ControlPlane
from mailbox_operator import clock
from mailbox_operator.cluster.apiserver import ApiServer, connect
from mailbox_operator.cluster.authority import BroughtAuthority, OwnAuthority
from mailbox_operator.cluster.known_authorities import (
    ForeignSecretError,
    KnownAuthorities,
    Names,
)
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.signing import read_certificates
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.sending.certificates import LEAF_LIFE

pytestmark = pytest.mark.cluster

SECRETS: Final = Names("gateway-tls", "gateway-authority")
BOTH: Final = (SECRETS.leaf, SECRETS.authority)
NAMES: Final = ("mailbox-gateway.mail.svc",)


def own(api: ApiServer, namespace: str) -> OwnAuthority:
    """Build the authority of one replica."""
    return OwnAuthority(api, namespace, SECRETS, NAMES, clock.now)


async def read(api: ApiServer, namespace: str, names: Sequence[str] = BOTH) -> list[Any]:
    """Read Secrets without what changes with each write."""
    found = [await api.get(secret_path(namespace, name)) for name in names]
    return [(each["metadata"]["resourceVersion"], each["data"]) for each in found]


async def test_the_key_of_the_authority_is_not_in_the_secret_that_the_gateway_reads(
    api: ApiServer, namespace: str
) -> None:
    await own(api, namespace).keep()

    leaf, authority = [await api.get(secret_path(namespace, name)) for name in BOTH]
    assert leaf["type"] == "kubernetes.io/tls"
    assert leaf["data"].keys() == {"tls.crt", "tls.key", "ca.crt"}
    assert authority["data"].keys() == {"ca.crt", "ca.key"}


async def test_a_second_look_writes_nothing(plane: ControlPlane, namespace: str) -> None:
    requests: list[str] = []
    async with await connect(
        str(plane.kubeconfig), lambda method, _status, _seconds: requests.append(method)
    ) as counted:
        first = await own(counted, namespace).keep()
        requests.clear()

        second = await own(counted, namespace).keep()

    assert first == second
    assert requests == ["GET", "GET"]


async def test_two_leaders_at_once_agree_on_one_authority(api: ApiServer, namespace: str) -> None:
    found = await asyncio.gather(*(own(api, namespace).keep() for _ in range(4)))

    assert len(set(found)) == 1
    assert await own(api, namespace).keep() == found[0]
    assert len(read_certificates(found[0])) == 1


@pytest.mark.parametrize("name", BOTH)
async def test_a_deleted_secret_is_made_again_and_the_authority_before_stays_trusted(
    api: ApiServer, namespace: str, plane: ControlPlane, name: str
) -> None:
    before = await own(api, namespace).keep()
    plane.kubectl("delete", "secret", name, f"--namespace={namespace}")

    after = await own(api, namespace).keep()

    assert before in after
    assert len(await read(api, namespace)) == len(BOTH)


@pytest.mark.parametrize("name", BOTH)
@pytest.mark.parametrize("key", ["ca.crt", "ca.key", "tls.crt", "tls.key"])
async def test_a_damaged_secret_is_repaired(
    api: ApiServer, namespace: str, name: str, key: str
) -> None:
    before = await own(api, namespace).keep()
    damage = {"data": {key: "ZGFtYWdlZA=="}}
    await api.patch(secret_path(namespace, name), damage)

    after = await own(api, namespace).keep()

    assert before in after
    repaired = await api.get(secret_path(namespace, name))
    assert repaired["data"].get(key) != damage["data"][key]


@pytest.mark.parametrize("name", BOTH)
async def test_a_foreign_secret_of_the_name_is_left_alone(
    api: ApiServer, namespace: str, plane: ControlPlane, name: str
) -> None:
    made = {"apiVersion": "v1", "kind": "Secret", "stringData": {"tls.crt": "theirs"}}
    named = made | {"metadata": {"name": name, "namespace": namespace}}
    plane.kubectl("create", "-f", "-", input=yaml.safe_dump(named))
    before = await read(api, namespace, [name])

    with pytest.raises(ForeignSecretError, match=f"{namespace}/{name} is not the operator's own"):
        await own(api, namespace).keep()

    assert await read(api, namespace, [name]) == before


async def test_a_certificate_is_renewed_at_two_thirds_by_any_leader(
    api: ApiServer, namespace: str
) -> None:
    first = own(api, namespace)
    before = await first.keep()
    leaf, authority = await read(api, namespace)

    later = replace(first, now=lambda: clock.now() + LEAF_LIFE * 2 / 3)
    assert await later.keep() == before

    renewed, unchanged = await read(api, namespace)
    assert renewed[1]["tls.crt"] != leaf[1]["tls.crt"]
    assert unchanged == authority


async def test_a_certificate_for_other_names_is_made_at_once(
    api: ApiServer, namespace: str
) -> None:
    await own(api, namespace).keep()
    (before,) = await read(api, namespace, [SECRETS.leaf])

    await replace(own(api, namespace), names=("smtp.platform.example",)).keep()

    assert await read(api, namespace, [SECRETS.leaf]) != [before]


async def test_an_authority_that_the_platform_brings_is_read_without_its_keys(
    api: ApiServer, namespace: str
) -> None:
    bundle = await own(api, namespace).keep()

    assert await BroughtAuthority(api, namespace, SECRETS.leaf).read() == bundle


async def test_a_brought_certificate_without_an_authority_needs_none(
    api: ApiServer, namespace: str
) -> None:
    await own(api, namespace).keep()
    await api.patch(secret_path(namespace, SECRETS.leaf), {"data": {"ca.crt": None}})

    assert await BroughtAuthority(api, namespace, SECRETS.leaf).read() == b""


async def test_applications_are_told_of_another_authority_once(
    api: ApiServer, namespace: str
) -> None:
    told: list[bytes] = []
    known = KnownAuthorities(own(api, namespace).keep, lambda: told.append(known.pem))

    await known.load()
    await known.look()

    assert told == [known.pem]
    assert read_certificates(known.pem)


async def test_a_secret_that_is_not_there_keeps_no_leader_waiting(
    api: ApiServer, namespace: str
) -> None:
    known = KnownAuthorities(BroughtAuthority(api, namespace, "none").read)

    await known.load()

    assert known.pem == b""


async def test_while_the_api_server_does_not_answer_the_authorities_that_are_known_count() -> None:
    answers: list[bytes | ApiServerError] = [
        ApiServerError(0, "no answer"),
        b"first",
        ApiServerError(503, "busy"),
        b"first",
    ]

    async def find() -> bytes:
        answer = answers.pop(0)
        if isinstance(answer, bytes):
            return answer
        raise answer

    told: list[bytes] = []
    known = KnownAuthorities(find, lambda: told.append(known.pem), again_seconds=0.0)

    await known.load()
    was_unanswered = await known.look()
    await known.look()

    assert was_unanswered
    assert told == [b"first"]
