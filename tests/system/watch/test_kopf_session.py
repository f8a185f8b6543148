"""What kopf asks for goes out as the operator's own requests do, and what becomes of it is noted."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from kubernetes.aio import client

from lab.servers.scripted import Answer, serving
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.connection import kopf_session
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.refs import Topic
from mailbox_operator.watch.store import Store
from mailbox_operator.watch.stream import MOST_PAGE_BYTES, PAGE, PAGE_OF_LARGE, Stream
from mailbox_operator.watch.takes import takes

PATH = "/api/v1/namespaces"
KINDS = "/apis/mailbox-operator.io/v1alpha1"
SHORT = aiohttp.ClientTimeout(0.2)


class Nobody:
    def changed(self, key: Key, change: Change) -> None: ...

    def gone(self, key: Key) -> None: ...

    def oversize(self, subject: Subject) -> None: ...


@dataclass
class Stage:
    """A session of kopf's, and what is noted and taken in.

    Attributes:
        late: Seconds that have passed for the hearing.
    """

    url: str
    http: aiohttp.ClientSession = field(init=False)
    late: float = 0.0
    hearing: Hearing = field(init=False)
    store: Store = field(default_factory=lambda: Store("operators"))

    def __post_init__(self) -> None:
        self.hearing = Hearing(lambda: self.late)
        self.hearing.want(PATH)

    def stream(self) -> Stream:
        """Return what takes in namespaces."""
        return Stream(self.hearing, takes(Intake(self.store, Nobody()), Scope()))

    def knows(self, name: str) -> str:
        """Return the version of a namespace that is known."""
        return self.store.known((Topic.NAMESPACE, "", name))


@asynccontextmanager
async def staged(answer: Answer, below: str = "") -> AsyncIterator[Stage]:
    async with serving(answer) as url:
        configuration = client.Configuration(host=f"{url}{below}")
        configuration.api_key = {"BearerToken": "Bearer token"}
        async with ApiServer(client.ApiClient(configuration)) as api:
            stage = Stage(f"{url}{below}")
            async with kopf_session(api, stage.stream()) as stage.http:
                yield stage


async def silent(_: web.Request) -> web.Response:
    await asyncio.sleep(3600)
    return web.Response()


@pytest.mark.parametrize("path", [PATH, f"{PATH}?watch=true", KINDS])
@pytest.mark.parametrize("seconds", [0.2, 60])
async def test_a_request_that_nobody_answers_is_noted(path: str, seconds: float) -> None:
    limit = aiohttp.ClientTimeout(
        seconds
    )  # kopf limits listings so, and watches by cancelling them
    async with staged(silent) as stage:
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.4):
                await stage.http.get(f"{stage.url}{path}", timeout=limit)

        stage.late = 60

        (trouble,) = stage.hearing.troubles()
        assert trouble.startswith("the watch of namespaces is deaf: ")
        assert trouble.endswith("no answer in time")


async def test_what_kinds_there_are_does_not_trouble_a_watch_that_is_open() -> None:
    async with staged(silent) as stage:
        stage.hearing.listed(PATH)
        stage.hearing.opened(PATH)
        with pytest.raises(TimeoutError):
            await stage.http.get(f"{stage.url}{KINDS}", timeout=SHORT)

        stage.late = 41

        assert stage.hearing.troubles() == []


@pytest.mark.parametrize(
    ("path", "kind"), [(KINDS, aiohttp.ClientConnectionError), (PATH, aiohttp.ClientPayloadError)]
)
async def test_a_page_in_place_of_an_answer_is_an_error_that_kopf_survives(
    path: str, kind: type[Exception]
) -> None:
    async def page(_: web.Request) -> web.Response:
        return web.Response(text="<html>Sign in</html>", content_type="text/html")

    async with staged(page) as stage:
        with pytest.raises(kind):
            await stage.http.get(f"{stage.url}{path}")


async def test_the_present_token_goes_with_each_request_below_a_path_as_well() -> None:
    seen = []

    async def answer(request: web.Request) -> web.Response:
        seen.append((request.path, request.headers["Authorization"]))
        return web.json_response({})

    async with staged(answer, "/clusters/c1") as stage:
        await stage.http.get(f"{stage.url}{PATH}")

        assert stage.hearing.troubles() == []
    assert seen == [(f"/clusters/c1{PATH}", "Bearer token")]


def acme(version: str) -> dict[str, Any]:
    return {"metadata": {"name": "acme", "resourceVersion": version, "labels": {"a": "b"}}}


async def test_kopf_gets_a_page_without_objects_which_are_taken_in() -> None:
    async def answer(request: web.Request) -> web.Response:
        asked.append((request.query["limit"], request.headers["Accept-Encoding"]))
        return web.json_response({"metadata": {"resourceVersion": "9"}, "items": [acme("7")]})

    asked = list[tuple[str, str]]()
    async with staged(answer) as stage:
        async with stage.http.get(f"{stage.url}{PATH}?limit=1000") as response:
            seen = await response.json()

        assert stage.knows("acme") == "7"
    assert seen == {"metadata": {"resourceVersion": "9"}, "items": []}
    assert asked == [(str(PAGE), "identity")]


async def test_kopf_gets_a_bookmark_in_place_of_an_event_which_is_taken_in() -> None:
    async def answer(_: web.Request) -> web.Response:
        line = json.dumps({"type": "ADDED", "object": acme("7")})
        return web.Response(text=f"{line}\n", content_type="application/json")

    async with staged(answer) as stage:
        async with stage.http.get(f"{stage.url}{PATH}?watch=true") as response:
            (seen,) = [json.loads(each) async for each in response.content.iter_chunked(2**20)]

        assert stage.knows("acme") == "7"
        assert stage.hearing.troubles() == []
    assert seen == {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": "7"}}}


async def test_large_objects_are_listed_fewer_at_once_from_then_on() -> None:
    async def answer(request: web.Request) -> web.Response:
        asked.append(request.query["limit"])
        padding = "x" * MOST_PAGE_BYTES
        return web.json_response({"metadata": {"padding": padding}, "items": [acme("7")]})

    asked = list[str]()
    async with staged(answer) as stage:
        async with stage.http.get(f"{stage.url}{PATH}") as response:
            with pytest.raises(aiohttp.ClientPayloadError):
                await response.json()
        async with stage.http.get(f"{stage.url}{PATH}") as response:
            await response.json()

        assert stage.knows("acme") == "7"
    assert asked == [str(PAGE), str(PAGE_OF_LARGE)]
