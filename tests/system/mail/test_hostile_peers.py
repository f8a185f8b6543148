"""Nothing that a mail server does holds the operator's event loop.

What is measured is the processor time of the loop's own thread between two of its turns: a busy machine
delays the turns, but does not lengthen that.
"""

import asyncio
import contextlib
import shutil
import socket
import ssl
import subprocess
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractContextManager, asynccontextmanager
from pathlib import Path
from threading import Event
from time import thread_time
from typing import Final

import pytest

from lab.attempts import until
from lab.servers.authority import Authority
from lab.servers.silence import closed_port
from lab.servers.talker import Talk, talking
from lab.servers.welcoming import welcoming
from mailbox_operator.connect.network.trust import own_context
from mailbox_operator.connect.smtp.proof import Target
from mailbox_operator.connect.smtp.transaction import DeliveryTimeouts, Transaction
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.sending.delivery import Taken
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import JANE, JANES, smtp
from system.connect.sending.senders import MESSAGE

MISSING: Final = (
    "OpenSSL's own server is missing: apt-get install -y --no-install-recommends openssl"
)
MOST_SECONDS: Final = 0.05
PATIENCE: Final = 2
BANNER: Final = b"220 mail.test\r\n"
LETTERS: Final = b"a" * 8000


@asynccontextmanager
async def watched() -> AsyncIterator[Callable[[], float]]:
    """Tell the most processor seconds that one turn of the loop took while the block lasted."""
    turns = [0.0]

    async def look() -> None:
        while True:
            began = thread_time()
            await asyncio.sleep(0.001)
            turns.append(thread_time() - began)

    looking = asyncio.create_task(look())
    try:
        yield lambda: max(turns)
    finally:
        looking.cancel()


def after_ehlo(*pieces: bytes, pause_seconds: float = 0) -> Talk:
    def talk(connection: socket.socket) -> None:
        connection.sendall(BANNER)
        connection.recv(100)
        for piece in pieces:
            connection.sendall(piece)
            Event().wait(pause_seconds)

    return talk


def at_once(words: bytes) -> Talk:
    return lambda connection: connection.sendall(words)


PEERS: Final = {
    "a refusal of 32 KB": after_ehlo(
        (b"454-" + LETTERS + b"\r\n") * 3 + b"454 " + LETTERS + b"\r\n"
    ),
    "a refusal of 32 KB in lines": after_ehlo((b"454-" + b"a" * 330 + b"\r\n") * 95 + b"454 x\r\n"),
    "a banner of 32 KB": at_once(b"220 " + LETTERS * 4 + b"\r\n"),
    "a banner without an end": at_once(b"220 " + LETTERS * 400),
    "EHLO in drips": after_ehlo(*[b"250-\r\n"] * 5400, b"250 x\r\n", pause_seconds=0.0005),
    "EHLO of many lines": after_ehlo(b"250-x\r\n" * 5400 + b"250 x\r\n"),
    "words between the commands": at_once(BANNER + LETTERS * 400),
    "a wrong protocol": at_once(b"\x16\x03\x01" + bytes(30_000)),
    "a line of digits": at_once(b"9" * 32_000 + b"\r\n"),
}


IN_MAIL: Final[dict[str, Sequence[bytes]]] = {
    "a refusal of 32 KB in lines": [b"454-" + b"a" * 330 + b"\r\n"] * 95 + [b"454 x\r\n"],
    "a refusal of 32 KB in lines, in one piece": [
        (b"454-" + b"a" * 330 + b"\r\n") * 95 + b"454 x\r\n"
    ],
    "a reply without an end": [b"250 " + LETTERS * 40],
    "a reply of many lines": [b"250-x\r\n" * 40_000 + b"250 x\r\n"],
    "a record of TLS for each letter": [b"2", b"5", b"0", *[b"-"] * 5000],
    "more replies than commands": [b"250 ok\r\n" * 30_000],
}


@contextlib.contextmanager
def large_group(authority: Authority, path: Path) -> Iterator[int]:
    """Run a TLS 1.3 server that insists on the largest group of finite-field Diffie-Hellman."""
    assert shutil.which("openssl"), MISSING
    pair, port = authority.certificate().write(path / "pair.pem"), closed_port()
    where = ("-accept", f"127.0.0.1:{port}", "-cert", pair, "-key", pair, "-quiet")
    command = ("openssl", "s_server", *where, "-tls1_3", "-groups", "ffdhe8192")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL) as server:
        try:
            yield port
        finally:
            server.kill()


async def held_by(peer: AbstractContextManager[int], authority: Authority, how: Security) -> float:
    tls = own_context("ca", authority.ca_pem.decode())
    with peer as port:
        if how is Security.TLS:
            await until(lambda: is_open(port))
        async with watched() as most:
            with contextlib.suppress(Fault):
                aim = Target(Endpoint("127.0.0.1", port, how), tls)
                await smtp(seconds=PATIENCE).prove(aim, JANES, JANE)
            await asyncio.sleep(0.01)  # the turn that has just ended is to be told as well
            return most()


def is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.mark.parametrize("name", PEERS)
async def test_a_hostile_server_does_not_hold_the_loop(authority: Authority, name: str) -> None:
    held = await held_by(talking(PEERS[name]), authority, Security.STARTTLS)

    assert held < MOST_SECONDS


async def test_a_handshake_with_the_largest_group_does_not_hold_the_loop(
    authority: Authority, tmp_path: Path
) -> None:
    held = await held_by(large_group(authority, tmp_path), authority, Security.TLS)

    assert held < MOST_SECONDS


@pytest.mark.parametrize("name", IN_MAIL)
async def test_a_hostile_server_does_not_hold_the_loop_that_sends_mail(
    authority: Authority, name: str
) -> None:
    def talk(secured: ssl.SSLSocket) -> None:
        secured.recv(1000)
        for piece in IN_MAIL[name]:
            secured.sendall(piece)

    timeouts = DeliveryTimeouts(PATIENCE, PATIENCE)
    async with welcoming(authority.server_context(), talk) as port:
        aim = Target(Endpoint("127.0.0.1", port, Security.TLS), authority.client_context())
        opening = smtp(seconds=PATIENCE).open(aim, JANES, JANE, here=True)
        async with opening as opened, watched() as most:
            transaction = Transaction(opened.client, opened.exchange, MESSAGE, timeouts)
            outcome = await opened.run(transaction.run())
            await asyncio.sleep(0.01)  # as above
            held = most()

    assert not isinstance(outcome, Taken)
    assert held < MOST_SECONDS
