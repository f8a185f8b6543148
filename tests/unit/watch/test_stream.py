"""What kopf lists and watches is taken in before kopf sees it, whatever pieces it arrives in."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, field
from typing import Any, Final

import aiohttp
import pytest
from aiohttp.base_protocol import BaseProtocol

from mailbox_operator.cluster.answers import MOST_ANSWER_BYTES
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.refs import Name, Topic
from mailbox_operator.watch.store import Store
from mailbox_operator.watch.stream import (
    GONE_EVENT,
    MOST_PAGE_BYTES,
    PAGE,
    PAGE_OF_LARGE,
    AgainError,
    Listed,
    Stream,
    Watched,
    bookmark,
)
from mailbox_operator.watch.takes import takes

PATH: Final = "/apis/mailbox-operator.io/v1alpha1/mailboxes"
NAMESPACES: Final = "/api/v1/namespaces"
EXPIRED: Final = b'{"type":"ERROR","object":{"kind":"Status","code":410}}\n'


@dataclass
class Log:
    changed_keys: list[Key] = field(default_factory=list)

    def changed(self, key: Key, _: Change) -> None:
        self.changed_keys.append(key)

    def gone(self, key: Key) -> None: ...

    def oversize(self, subject: Subject) -> None: ...


@dataclass
class Desk:
    """A stream, and what comes of it.

    Attributes:
        late: Seconds that have passed for the hearing.
    """

    heard: list[Name] = field(default_factory=list)
    log: Log = field(default_factory=Log)
    store: Store = field(default_factory=lambda: Store("operators"))
    late: float = 0.0
    stream: Stream = field(init=False)

    def __post_init__(self) -> None:
        hearing = Hearing(lambda: self.late)
        hearing.want(PATH)
        intake = Intake(self.store, self.log, on_heard=self.heard.append)
        self.stream = Stream(hearing, takes(intake, Scope()), again_seconds=0)

    def watched(self, content: aiohttp.StreamReader, path: str = PATH) -> Watched:
        self.stream.hearing.opened(path)
        return Watched(content, self.stream, path)

    async def watch(self, told: bytes, size: int = 2**20, path: str = PATH) -> list[bytes]:
        """Return what kopf sees of a watch that told so, and ended."""
        return [each async for each in self.watched(content(told), path).iter_chunked(size)]

    async def listed(self, *items: Any, path: str = PATH) -> Any:
        """Return what kopf sees of a page."""
        page = {"kind": "MailboxList", "metadata": {"resourceVersion": "9", "continue": "more"}}
        told = json.dumps({**page, "items": items}).encode()
        return json.loads(await Listed(content(told), self.stream, path).read())

    def knows(self, name: str = "jane") -> str:
        return self.store.known(Key(Kind.MAILBOX, "acme", name))

    @property
    def troubles(self) -> list[str]:
        self.late = 60
        return self.stream.hearing.troubles()


def content(told: bytes) -> aiohttp.StreamReader:
    loop = asyncio.get_running_loop()
    reader = aiohttp.StreamReader(BaseProtocol(loop), 2**26, loop=loop)
    reader.feed_data(told)
    reader.feed_eof()
    return reader


def mailbox(version: int = 1, name: str = "jane", **metadata: Any) -> dict[str, Any]:
    known = {"name": name, "namespace": "acme", "uid": f"uid-{name}"}
    spec = {"address": f"{name}@acme.example", "provider": "Google", "infrastructure": "Managed"}
    return {"metadata": {**known, "resourceVersion": str(version), **metadata}, "spec": spec}


def events(*told: tuple[str, Any]) -> bytes:
    lines: Iterable[dict[str, Any]] = ({"type": each, "object": body} for each, body in told)
    return b"".join(json.dumps(line).encode() + b"\n" for line in lines)


def versions(seen: Iterable[bytes]) -> list[str]:
    """Return which versions kopf goes on from; it sees nothing else."""
    told = [json.loads(line) for line in b"".join(seen).splitlines()]
    assert {each["type"] for each in told} <= {"BOOKMARK"}
    return [each["object"]["metadata"]["resourceVersion"] for each in told]


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_an_event_is_taken_in_and_kopf_goes_on_from_its_version(desk: Desk) -> None:
    seen = await desk.watch(events(("ADDED", mailbox(7))))

    assert desk.knows() == "7"
    assert versions(seen) == ["7"]
    assert desk.heard == desk.log.changed_keys == [Key(Kind.MAILBOX, "acme", "jane")]


async def test_events_in_one_piece_make_one_bookmark_of_the_last_version(desk: Desk) -> None:
    told = events(*(("ADDED", mailbox(n, f"m{n}")) for n in range(1, 200)))

    seen = await desk.watch(told)

    assert versions(seen) == ["199"]
    assert len(desk.log.changed_keys) == 199


@pytest.mark.parametrize("size", [1, 7, 100, 300])
async def test_events_are_found_whatever_pieces_they_arrive_in(desk: Desk, size: int) -> None:
    told = events(("ADDED", mailbox(1)), ("ADDED", mailbox(2, "joe")), ("DELETED", mailbox(3)))

    seen = await desk.watch(told, size)

    assert versions(seen)[-1] == "3"
    assert (desk.knows(), desk.knows("joe")) == ("", "2")


async def test_a_large_object_is_taken_in(desk: Desk) -> None:
    told = events(("ADDED", mailbox(1, annotations={"a": "x" * 250_000})))

    seen = await desk.watch(told, 2**14)

    assert versions(seen) == ["1"]
    assert desk.knows() == "1"


async def test_a_bookmark_of_the_api_server_is_passed_on_and_nothing_is_taken_in(
    desk: Desk,
) -> None:
    seen = await desk.watch(bookmark("12") + b"\n")

    assert versions(seen) == ["12"]
    assert desk.heard == []


async def test_what_the_end_cuts_off_is_told_again_by_the_next_watch(desk: Desk) -> None:
    seen = await desk.watch(events(("ADDED", mailbox(1)), ("ADDED", mailbox(2, "joe")))[:-5])

    assert versions(seen) == ["1"]
    assert desk.troubles == []


async def test_a_namespace_is_taken_in(desk: Desk) -> None:
    acme = {"metadata": {"name": "acme", "resourceVersion": "4", "labels": {"a": "b"}}}

    await desk.watch(events(("ADDED", acme)), path=NAMESPACES)

    assert desk.heard == [(Topic.NAMESPACE, "", "acme")]
    assert desk.store.known(desk.heard[0]) == "4"


async def test_an_object_that_cannot_be_read_is_left_to_kopf(desk: Desk) -> None:
    unreadable = mailbox(2, "joe", labels=3, annotations=["no map"])

    first, last = b"".join(
        await desk.watch(events(("ADDED", unreadable), ("ADDED", mailbox(3))))
    ).splitlines()

    assert json.loads(first)["object"] == unreadable
    assert versions([last]) == ["3"]
    assert desk.knows() == "3"


async def test_a_kind_of_event_that_is_not_known_is_left_to_kopf(desk: Desk) -> None:
    told = events(("PAUSED", mailbox(2)))

    seen = await desk.watch(told)

    assert b"".join(seen).splitlines()[0] == told.strip()
    assert desk.knows() == ""


async def test_kopf_sees_that_a_version_is_too_old(desk: Desk) -> None:
    seen = await desk.watch(events(("ADDED", mailbox(1))) + EXPIRED)

    assert b"".join(seen).endswith(EXPIRED)
    assert desk.knows() == "1"
    assert desk.troubles == []


@pytest.mark.parametrize(
    ("told", "trouble"),
    [
        pytest.param(b'{"type":"ERROR","object":{"code":500}}\n', "broke off", id="an error"),
        pytest.param(b"<html>\n", "not understood: JSONDecodeError", id="no JSON"),
        pytest.param(b"[" * 100_000 + b"\n", "not understood: RecursionError", id="too deep"),
        pytest.param(b"[]\n", "not understood: TypeError", id="no event"),
        pytest.param(events(("ADDED", {})), "not understood: KeyError", id="no object"),
        pytest.param(b"x" * (MOST_ANSWER_BYTES + 1), "too large", id="a line without end"),
    ],
)
async def test_what_is_no_event_has_kopf_list_again(desk: Desk, told: bytes, trouble: str) -> None:
    seen = await desk.watch(events(("ADDED", mailbox(1))) + told)

    assert seen[-1] == GONE_EVENT
    (found,) = desk.troubles
    assert trouble in found


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        (aiohttp.ClientPayloadError(), aiohttp.ClientPayloadError),
        (asyncio.CancelledError(), asyncio.CancelledError),
        (RuntimeError("Session is closed"), AgainError),
    ],
)
async def test_kopf_has_the_bookmark_before_a_watch_breaks_off(
    desk: Desk, error: BaseException, raised: type[BaseException]
) -> None:
    class Breaking(aiohttp.StreamReader):
        async def iter_chunked(self, n: int) -> AsyncIterator[bytes]:  # type: ignore[override]
            yield events(("ADDED", mailbox(5)))[:n]
            raise error

    loop, seen = asyncio.get_running_loop(), list[bytes]()
    breaking = Breaking(BaseProtocol(loop), 2**26, loop=loop)

    with pytest.raises(raised):
        seen.extend([each async for each in desk.watched(breaking).iter_chunked(2**20)])

    assert desk.knows() == "5"


async def test_a_page_is_taken_in_and_kopf_sees_it_without_objects(desk: Desk) -> None:
    seen = await desk.listed(*(mailbox(n, f"m{n}") for n in range(1, 120)))

    assert seen["items"] == []
    assert seen["metadata"] == {"resourceVersion": "9", "continue": "more"}
    assert len(desk.heard) == 119


async def test_a_listed_object_that_cannot_be_read_is_left_to_kopf(desk: Desk) -> None:
    unreadable = mailbox(2, "joe", labels=3, annotations=["no map"])

    seen = await desk.listed(mailbox(1), unreadable)

    assert seen["items"] == [unreadable]
    assert desk.knows() == "1"


@pytest.mark.parametrize("told", [b"<html>", b"[]", b"{}", b"[" * 100_000])
async def test_a_page_that_cannot_be_read_is_asked_for_again(desk: Desk, told: bytes) -> None:
    with pytest.raises(AgainError):
        await Listed(content(told), desk.stream, PATH).read()

    (found,) = desk.troubles
    assert "not understood" in found


async def test_a_page_of_large_objects_is_asked_for_again_with_fewer(desk: Desk) -> None:
    before = desk.stream.page(PATH)
    with pytest.raises(AgainError):
        await Listed(content(b" " * (MOST_PAGE_BYTES + 1)), desk.stream, PATH).read()

    seen = await desk.listed(mailbox(1), {"padding": "x" * MOST_PAGE_BYTES})

    assert (before, desk.stream.page(PATH)) == (PAGE, PAGE_OF_LARGE)
    assert len(seen["items"]) == 1
    assert desk.stream.page(NAMESPACES) == PAGE


async def test_a_page_without_end_is_not_read(desk: Desk) -> None:
    desk.stream.large.add(PATH)

    with pytest.raises(AgainError):
        await Listed(content(b" " * (MOST_ANSWER_BYTES + 1)), desk.stream, PATH).read()

    (found,) = desk.troubles
    assert "not understood: ValueError" in found
