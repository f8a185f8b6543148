"""Secrets are followed by their metadata, through everything that may befall a watch."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from lab.servers.scripted import answering
from lab.stand.eventually import eventually
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.informer import RELEVANT, Informer
from mailbox_operator.watch.intake import Intake, ignore_name
from mailbox_operator.watch.refs import Name, Topic
from mailbox_operator.watch.store import Store


class Nobody:
    def changed(self, key: Key, change: Change) -> None: ...

    def gone(self, key: Key) -> None: ...

    def oversize(self, subject: Subject) -> None: ...


def metadata(name: str, version: int = 1) -> dict[str, Any]:
    known = {"namespace": "acme", "name": name, "uid": f"uid-{name}"}
    return {"metadata": {**known, "resourceVersion": str(version)}}


def event(told: str, **item: Any) -> bytes:
    return json.dumps({"type": told, "object": item}).encode() + b"\n"


@dataclass
class Script:
    """What an API server says.

    Attributes:
        there: What it lists.
        watches: What each watch, one after the other, is answered: lines, or a status.
        asked: With which queries.
        refusing: Whether all is answered 403.
        patient: Whether a watch without a script stays open.
        retry_after: The header of that name beside a status.
    """

    there: list[dict[str, Any]] = field(default_factory=list)
    watches: list[int | list[bytes]] = field(default_factory=list)
    asked: list[Mapping[str, str]] = field(default_factory=list)
    refusing: bool = False
    patient: bool = True
    retry_after: str = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer a listing, or a watch; one without a script says nothing for ever."""
        self.asked.append(dict(request.query))
        if self.refusing:
            return web.Response(status=403)
        if "watch" not in request.query:
            return web.json_response({"metadata": {"resourceVersion": "10"}, "items": self.there})
        answer = self.watches.pop(0) if self.watches else []
        if isinstance(answer, int):
            return web.Response(status=answer, headers={"Retry-After": self.retry_after})
        response = web.StreamResponse()
        await response.prepare(request)
        for line in answer:
            await response.write(line)
        if not self.watches and self.patient:
            await asyncio.sleep(3600)
        return response

    @property
    def listed(self) -> int:
        """How often it was asked for a list."""
        return sum("watch" not in each for each in self.asked)

    @property
    def watched(self) -> list[str]:
        """From which versions it was watched."""
        return [each["resourceVersion"] for each in self.asked if "watch" in each]


@asynccontextmanager
async def following(
    script: Script, heard: Callable[[Name], None] = ignore_name, **more: Any
) -> AsyncIterator[Store]:
    intake = Intake(Store("operators"), Nobody(), on_heard=heard)
    async with answering(script.answer) as api:
        informer = Informer(api, intake, longest_wait_seconds=0.01, **more)
        task = asyncio.create_task(informer.run())
        yield intake.store
        task.cancel()
        await asyncio.wait([task])


async def until_known(store: Store, *names: str) -> None:
    async def look() -> list[str]:
        return sorted(name for _, name in store.versions.secrets(""))

    await eventually(look, lambda seen: seen == sorted(names))


async def test_what_is_listed_is_known_and_watched_from_there() -> None:
    script = Script([metadata("a"), metadata("b")])

    async with following(script) as store:
        await until_known(store, "a", "b")
        await eventually(lambda: asyncio.sleep(0, script.watched))

    assert (script.listed, script.watched) == (1, ["10"])
    assert all(each["fieldSelector"] == RELEVANT for each in script.asked)


async def test_events_are_taken_in() -> None:
    told = [
        event("ADDED", **metadata("b", 11)),
        event("MODIFIED", **metadata("b", 12)),
        event("DELETED", **metadata("a", 13)),
    ]

    async with following(Script([metadata("a")], [told])) as store:
        await until_known(store, "b")


async def test_the_counter_of_events_hears_of_each_event() -> None:
    bookmark = event("BOOKMARK", kind="Secret", metadata={"resourceVersion": "12"})
    told = [event("ADDED", **metadata("b", 11)), bookmark, event("DELETED", **metadata("a", 13))]
    heard: list[Name] = []

    async with following(Script([metadata("a")], [told]), heard.append) as store:
        await until_known(store, "b")

    assert heard == [(Topic.SECRET, "acme", "b"), (Topic.SECRET, "acme", "a")]


async def test_a_watch_that_ends_is_taken_up_where_it_was() -> None:
    bookmark = event("BOOKMARK", kind="Secret", metadata={"resourceVersion": "12"})
    script = Script([], [[event("ADDED", **metadata("a", 11))], [bookmark], []])

    async with following(script):
        await eventually(lambda: asyncio.sleep(0, len(script.watched) == 3))

    assert (script.listed, script.watched) == (1, ["10", "11", "12"])


@pytest.mark.parametrize(
    "gone", [410, [event("ERROR", code=410, reason="Expired")]], ids=["answer", "event"]
)
async def test_an_expired_version_is_listed_again_and_what_is_gone_is_found(gone: Any) -> None:
    script = Script([metadata("a"), metadata("b")], [[], gone, []])

    async with following(script) as store:
        await until_known(store, "a", "b")
        script.there = [metadata("b", 2), metadata("c")]
        await until_known(store, "b", "c")

    assert script.listed >= 2


@pytest.mark.parametrize(
    "trouble",
    [
        500,
        429,
        403,
        [b"no json\n"],
        [b'{"type": "ADDED"}\n'],
        [b"[" * 100_000 + b"\n"],
        [event("ERROR", code=500, reason="etcd has no leader")],
        [b'{"type": "ADDED", "object": {"metadata": {}}}\n'],
    ],
)
async def test_a_watch_outlives_trouble(trouble: Any) -> None:
    script = Script([], [trouble, trouble, [event("ADDED", **metadata("a", 11))]])

    async with following(script) as store:
        await until_known(store, "a")


async def test_a_busy_api_server_is_watched_again_when_it_says() -> None:
    script = Script([], [429, [event("ADDED", **metadata("a", 11))]], retry_after="2")
    began = asyncio.get_running_loop().time()

    async with following(script) as store:
        await until_known(store, "a")

    assert asyncio.get_running_loop().time() - began >= 2


async def test_a_watch_is_heard_while_it_is_open_and_deaf_while_it_is_refused() -> None:
    late, script = [0.0], Script([metadata("a")], patient=False)
    hearing = Hearing(lambda: late[0])

    async with following(script, hearing=hearing) as store:
        await until_known(store, "a")
        before = hearing.troubles()
        script.refusing = True
        asked = len(script.asked)
        await eventually(lambda: asyncio.sleep(0, len(script.asked) > asked + 3))
        late[0] = 60
        deaf = hearing.troubles()
        script.refusing = False
        await eventually(lambda: asyncio.sleep(0, not hearing.troubles()))

    assert before == []
    assert [each.startswith("the watch of secrets is deaf: 403 Forbidden") for each in deaf] == [
        True
    ]


async def test_a_namespace_that_admits_the_operator_no_more_is_not_a_deaf_watch() -> None:
    late, script = [0.0], Script([metadata("a")], patient=False)
    hearing = Hearing(lambda: late[0])

    async with following(script, hearing=hearing, namespace="acme", optional=True) as store:
        await until_known(store, "a")
        script.refusing = True
        await until_known(store)
        late[0] = 1000

        assert (hearing.troubles(), list(hearing.dead())) == ([], [])


async def test_a_right_that_is_withdrawn_takes_its_secrets_out_of_sight_until_it_is_back() -> None:
    script = Script([metadata("a")], patient=False)

    async with following(script, optional=True) as store:
        await until_known(store, "a")
        script.refusing = True
        await until_known(store)
        script.refusing = False
        await until_known(store, "a")


async def test_a_right_that_everybody_needs_is_waited_for() -> None:
    script = Script([metadata("a")], patient=False)

    async with following(script) as store:
        await until_known(store, "a")
        script.refusing = True
        before = len(script.asked)
        await eventually(lambda: asyncio.sleep(0, len(script.asked) > before + 5))

        assert list(store.versions.secrets("")) == [("acme", "a")]
