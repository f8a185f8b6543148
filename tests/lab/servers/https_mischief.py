"""An HTTPS server whose responses drip, flood or unpack to much more than they seem."""

import asyncio
import contextlib
import itertools
import json
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

HEAD: Final = b"HTTP/1.1 %d Said so\r\nContent-Type: application/json\r\n"
PAUSE_SECONDS: Final = 0.02
WORDS_IN_BULK: Final = 1000
MANY: Final = 5000
Words = Callable[[], Iterable[bytes]]


@dataclass(slots=True)
class Wayward:
    """Says what a test has it say.

    Attributes:
        words: Makes the parts of a response; to a GET only where it does not discover.
        drips: Whether it pauses between parts.
        discovers: Whether a GET is answered with a good discovery document.
        sent: How many bytes it got rid of.
        open: How many connections it serves.
        heard: The heads of requests.
    """

    words: Words
    drips: bool = False
    discovers: bool = True
    sent: int = 0
    open: int = 0
    heard: list[str] = field(default_factory=list)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        self.open += 1
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                self.heard.append(head)
                if self.discovers and head.startswith("GET"):
                    writer.write(_discovery(head))
                    continue
                for word in self.words():
                    writer.write(word)
                    await writer.drain()
                    self.sent += len(word)
                    await asyncio.sleep(PAUSE_SECONDS if self.drips else 0)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            self.open -= 1
            writer.close()


@asynccontextmanager
async def wayward(context: ssl.SSLContext, server: Wayward) -> AsyncIterator[str]:
    """Run one as long as the block lasts; tells its URL, without a slash at the end."""
    talks: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        talks.add(asyncio.create_task(server.serve(reader, writer)))

    async with await asyncio.start_server(accept, "127.0.0.1", 0, ssl=context) as running:
        yield f"https://localhost:{running.sockets[0].getsockname()[1]}"
    for talk in talks:
        talk.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.gather(*talks, return_exceptions=True)


def whole(body: bytes, status: int = 200, more: bytes = b"") -> Words:
    """Write a response whose length is told."""
    return lambda: [HEAD % status + more + b"Content-Length: %d\r\n\r\n" % len(body), body]


def endless_body() -> Iterable[bytes]:
    """Begin a body that is long, and send it byte by byte."""
    yield HEAD % 200 + b"Content-Length: 9999999\r\n\r\n"
    yield from itertools.repeat(b" ")


def endless_chunks() -> Iterable[bytes]:
    """Begin a body of chunks that never ends, each of one byte."""
    yield HEAD % 200 + b"Transfer-Encoding: chunked\r\n\r\n"
    yield from itertools.repeat(b"1\r\n \r\n")


def many_chunks() -> Iterable[bytes]:
    """Write a body of little content in a great many chunks."""
    yield HEAD % 200 + b"Transfer-Encoding: chunked\r\n\r\n"
    yield from itertools.repeat(b"1\r\n \r\n", MANY)
    yield b"2\r\n{}\r\n0\r\n\r\n"


def endless_headers() -> Iterable[bytes]:
    """Begin a response whose headers never end."""
    yield HEAD % 200
    yield from itertools.repeat(b"X: y\r\n")


def endless_interim_responses() -> Iterable[bytes]:
    """Announce a response without end (RFC 9110 section 15.2)."""
    return itertools.repeat(b"HTTP/1.1 102 Wait\r\n\r\n")


def in_bulk(words: Words) -> Words:
    """Say the same in parts of many words."""

    def many() -> Iterable[bytes]:
        said = iter(words())
        while part := b"".join(itertools.islice(said, WORDS_IN_BULK)):
            yield part

    return many


def _discovery(head: str) -> bytes:
    host = next(line for line in head.splitlines() if line.lower().startswith("host:"))
    here = f"https://{host.partition(':')[2].strip()}/t"
    told = {"authorization_endpoint": here, "token_endpoint": here, "issuer": here}
    return b"".join(whole(json.dumps(told).encode())())
