"""Secrets are read when they are needed, and kept no longer than they are good."""

import base64
from typing import Any

import pytest
from aiohttp import web

from lab.servers.scripted import answering
from mailbox_operator.cluster.digestkey import DigestKey
from mailbox_operator.cluster.secrets import NOT_READABLE, ClusterSecrets
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.failure.fault import Fault, Postponed


class There:
    """One Secret, and how often it was asked for."""

    def __init__(self, status: int = 200, **body: Any) -> None:
        self.status, self.asked, self.watched = status, 0, "u/1"
        self.body = {"metadata": {"uid": "u", "resourceVersion": "1"}, **body}

    async def answer(self, _: web.Request) -> web.Response:
        self.asked += 1
        return web.json_response(self.body, status=self.status)

    def version(self, *_: str) -> str:
        return self.watched


def password(word: str) -> dict[str, str]:
    return {"password": base64.b64encode(word.encode()).decode()}


async def test_what_was_read_is_kept_until_the_watch_tells_of_another_version() -> None:
    there = There(data=password("one"))

    async with answering(there.answer) as api:
        secrets = ClusterSecrets(api, "operators", there.version)
        await secrets.read("acme", "jane")
        await secrets.read("acme", "jane")
        there.watched = "u/2"
        there.body["data"] = password("two")
        found = await secrets.read("acme", "jane")

    assert (there.asked, found.text("password")) == (2, "two")


async def test_what_nobody_watches_is_not_kept() -> None:
    there = There(data=password("one"), type="helm.sh/release.v1")

    async with answering(there.answer) as api:
        secrets = ClusterSecrets(api, "operators", there.version)
        await secrets.read("acme", "jane")
        await secrets.read("acme", "jane")

    assert there.asked == 2


@pytest.mark.parametrize("data", [None, [], {"password": "%"}, {"password": 1}, "text"])
async def test_whatever_a_secret_holds_it_is_read(data: Any) -> None:
    there = There(data=data)

    async with answering(there.answer) as api:
        found = await ClusterSecrets(api, "operators", there.version).read("acme", "jane")

    assert dict(found.content) == {}


async def test_a_right_that_a_namespace_has_not_given_is_the_owners_to_see() -> None:
    async with answering(There(403).answer) as api:
        secrets = ClusterSecrets(api, "operators", lambda *_: "", namespaced=True)

        with pytest.raises(Fault) as caught:
            await secrets.read("acme", "jane")

    assert caught.value.facts["problem"] == NOT_READABLE


@pytest.mark.parametrize(("namespace", "namespaced"), [("acme", False), ("operators", True)])
async def test_a_right_that_the_whole_operator_lacks_is_waited_for(
    namespace: str, *, namespaced: bool
) -> None:
    async with answering(There(403).answer) as api:
        secrets = ClusterSecrets(api, "operators", lambda *_: "", namespaced=namespaced)

        with pytest.raises(Postponed):
            await secrets.read(namespace, "jane")


@pytest.mark.parametrize("status", [403, 422])
async def test_a_key_that_cannot_be_kept_is_good_for_this_process(status: int) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=404 if request.method == "GET" else status)

    async with answering(answer) as api:
        key = DigestKey(api, "operators", "key")
        await key.load()

    assert key.digest("acme", Secret("jane", {"password": b"p"}))
