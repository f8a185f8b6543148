"""Takes in what kopf lists and watches as it arrives; kopf learns how far that is, and nothing else.

kopf takes in one object per turn of the event loop, and starts a task for each. Behind the first
listing, or behind the echo of ten thousand statuses, a new Mailbox would wait for half a minute. So
kopf lists, watches, waits and begins again as ever, but gets pages without objects and bookmarks in
place of events. An object that cannot be read goes on to its handlers.
"""

import asyncio
import json
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import aiohttp

from mailbox_operator.cluster.answers import MIB, MOST_ANSWER_BYTES, Lines, OversizeError
from mailbox_operator.cluster.unanswered import trouble
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.informer import NOT_UNDERSTOOD, misunderstanding
from mailbox_operator.watch.intake import Body
from mailbox_operator.watch.takes import Take

WATCH_AGAIN_SECONDS: Final = 2.0
PAGE: Final = 100
"""How many objects kopf asks for at once."""
PAGE_OF_LARGE: Final = 10
"""The same, once so many turned out to have more than `MOST_PAGE_BYTES`."""
MOST_PAGE_BYTES: Final = MIB
GIVE_WAY_AFTER: Final = 50
"""So many objects are taken in before anything else has a turn."""

BROKEN_OFF: Final = "the watch broke off"
GONE_EVENT: Final = b'{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}\n'
"""After this kopf lists again."""

log = logging.getLogger(__name__)


class AgainError(aiohttp.ClientPayloadError):
    """kopf is to begin again with the listing, or with a watch from where it was."""


class BrokenOffError(Exception):
    """A watch cannot go on from where it is."""


@dataclass(frozen=True, slots=True)
class Stream:
    """What kopf's connections bring.

    Attributes:
        hearing: Takes note of how the watches go.
        takes: What takes in the objects of a path.
        again_seconds: Before kopf asks again for what could not be read.
        large: The paths that have large objects.
    """

    hearing: Hearing
    takes: Mapping[str, Take]
    again_seconds: float = WATCH_AGAIN_SECONDS
    large: set[str] = field(default_factory=set)

    def page(self, path: str) -> int:
        """Say how many objects a page of a listing has."""
        return PAGE_OF_LARGE if path in self.large else PAGE

    def is_taken(self, path: str, body: Body, *, deleted: bool = False) -> bool:
        """Take in an object; say whether that could be done."""
        try:
            self.takes[path](body, deleted)
        except NOT_UNDERSTOOD as error:
            log.warning(
                "object left to kopf", extra={"path": path, "error": misunderstanding(error)}
            )
            return False
        return True


@dataclass(frozen=True, slots=True)
class Listed:
    """A page of a listing, which kopf reads whole."""

    content: aiohttp.StreamReader
    stream: Stream
    path: str

    async def read(self) -> bytes:
        """Take in the objects of the page, and return it without them.

        Raises:
            AgainError: It is too large, or cannot be read.
        """
        try:
            found = json.loads(await self._bytes())
            items, left = found["items"] or (), list[Body]()
            for count, item in enumerate(items, 1):
                if not self.stream.is_taken(self.path, item):
                    left.append(item)
                if not count % GIVE_WAY_AFTER:
                    await asyncio.sleep(0)
            return json.dumps({**found, "items": left}).encode()
        except NOT_UNDERSTOOD as error:
            self.stream.hearing.failed(self.path, misunderstanding(error), is_listing=True)
            await asyncio.sleep(self.stream.again_seconds)
            raise AgainError(misunderstanding(error)) from error

    async def _bytes(self) -> bytes:
        """Read the page; one that is too large is asked for again, with fewer objects."""
        is_large = self.path in self.stream.large
        most, found = MOST_ANSWER_BYTES if is_large else MOST_PAGE_BYTES, bytearray()
        async for piece in self.content.iter_any():
            found += piece
            if len(found) <= most:
                continue
            self.stream.large.add(self.path)
            if is_large:
                raise ValueError(len(found))
            raise AgainError(f"more than {most} bytes")
        return bytes(found)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.content, name)


@dataclass(frozen=True, slots=True)
class Watched:
    """A watch, which kopf reads in pieces."""

    content: aiohttp.StreamReader
    stream: Stream
    path: str

    async def iter_chunked(self, size: int) -> AsyncIterator[bytes]:
        """Take in what arrives, and return how far that is.

        kopf ends the process at an error event that is not 410, such as those of an etcd that elects
        a leader; it is to list again instead.
        """
        lines, hearing = Lines(), self.stream.hearing
        async with aclosing(self._pieces(size)) as pieces:
            async for piece in pieces:
                try:
                    passed = await self._taken(lines.cut(piece))
                except (BrokenOffError, OversizeError, *NOT_UNDERSTOOD) as error:
                    await self._broken_off(error)
                    yield GONE_EVENT
                    return
                hearing.told(self.path)
                if passed:
                    yield b"\n".join([*passed, b""])
        hearing.ended(self.path)

    async def _taken(self, lines: list[bytes]) -> list[bytes]:
        """Take in events; return those that are left to kopf, and a bookmark behind them.

        Raises:
            BrokenOffError: One of them says so.
        """
        left, version = list[bytes](), ""
        for count, line in enumerate(lines, 1):
            event = json.loads(line)
            told, body = event["type"], event["object"]
            if told == "ERROR":
                if body.get("code") != HTTPStatus.GONE:
                    raise BrokenOffError(BROKEN_OFF)
                return [*left, line]
            version = body["metadata"]["resourceVersion"]
            if told != "BOOKMARK" and not self._is_taken(told, body):
                left.append(line)
            if not count % GIVE_WAY_AFTER:
                await asyncio.sleep(0)
        return [*left, bookmark(version)] if version else left

    def _is_taken(self, told: str, body: Body) -> bool:
        """Take in an event; of those that are new to Kubernetes nothing is known."""
        is_known = told in {"ADDED", "MODIFIED", "DELETED"}
        return is_known and self.stream.is_taken(self.path, body, deleted=told == "DELETED")

    async def _broken_off(self, error: Exception) -> None:
        """Take note that kopf has to list again; not at once, if it might find the same again."""
        is_said = isinstance(error, BrokenOffError | OversizeError)
        why = str(error) if is_said else misunderstanding(error)
        self.stream.hearing.failed(self.path, why, is_listing=False)
        await asyncio.sleep(0 if isinstance(error, BrokenOffError) else self.stream.again_seconds)

    async def _pieces(self, size: int) -> AsyncGenerator[bytes]:
        hearing = self.stream.hearing
        try:
            async for piece in self.content.iter_chunked(size):
                yield piece
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            hearing.failed(self.path, trouble(error), is_listing=False)
            raise
        except asyncio.CancelledError:  # kopf waits for a word for so long and no longer
            hearing.given_up(self.path)
            raise
        except RuntimeError as error:  # kopf closed the session that another watch had trouble with
            raise AgainError("the connection was closed") from error

    def __getattr__(self, name: str) -> Any:
        return getattr(self.content, name)


@dataclass(frozen=True, slots=True)
class Gone:
    """The watch of a version that is too old, as an event in place of a status."""

    content: aiohttp.StreamReader

    async def iter_chunked(self, _size: int) -> AsyncIterator[bytes]:
        """Say that it is too old."""
        yield GONE_EVENT

    def __getattr__(self, name: str) -> Any:
        return getattr(self.content, name)


def bookmark(version: str) -> bytes:
    """Return the event after which kopf goes on from a resourceVersion."""
    event = {"type": "BOOKMARK", "object": {"metadata": {"resourceVersion": version}}}
    return json.dumps(event).encode()
