"""A session that is open goes on on the loop of those who send, with all that the server said."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Coroutine
from contextlib import closing
from typing import Any, Final

import pytest

from lab.attempts import until
from lab.servers.authority import Authority
from lab.servers.talker import talking_beside
from lab.servers.welcoming import ACCEPTED, Talk, welcoming
from mailbox_operator.connect.network.mailthread import MailThread, Result
from mailbox_operator.connect.smtp.client import Client
from mailbox_operator.connect.smtp.meter import Meter
from mailbox_operator.connect.smtp.proof import Opened, Target
from mailbox_operator.connect.smtp.transaction import DeliveryTimeouts, Ended, Transaction
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.sending.delivery import Outcome, Taken
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import GOOD, JANE, JANES, smtp, target
from system.connect.conftest import Serve
from system.connect.sending.senders import MESSAGE, message

CLOSED: Final = -1
AT_ONCE: Final = struct.pack("ii", 1, 0)
"""Of SO_LINGER: the connection is reset when it is closed."""

REPLIES: Final = b"250 ok\r\n250 ok\r\n354 go ahead\r\n"


def takes(secured: ssl.SSLSocket) -> None:
    """Take one message."""
    secured.recv(1000)
    secured.sendall(REPLIES)
    received = b""
    while not received.endswith(b"\r\n.\r\n"):
        received += secured.recv(100_000)
    secured.sendall(b"250 2.0.0 taken\r\n")


def resets(secured: ssl.SSLSocket) -> None:
    """Cut the connection."""
    secured.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
    secured.close()


def nothing(_: ssl.SSLSocket) -> None:
    """Say nothing."""


async def sent(opened: Opened, content: bytes = MESSAGE.content) -> Outcome | Ended:
    """Send a message in a session."""
    timeouts = DeliveryTimeouts(block_seconds=5, final_seconds=5)
    work = Transaction(opened.client, opened.exchange, message(content), timeouts)
    return await opened.run(work.run())


async def sent_to(
    authority: Authority, then: Talk, accepted: bytes = ACCEPTED
) -> Outcome | Ended | Fault:
    """Open a session with a server, and send a message; tell what came of it."""
    async with welcoming(authority.server_context(), then, accepted) as port:
        aim = Target(Endpoint("127.0.0.1", port, Security.TLS), authority.client_context())
        try:
            async with smtp(seconds=5).open(aim, JANES, JANE, here=True) as opened:
                return await sent(opened)
        except Fault as fault:
            return fault


async def test_messages_are_sent_on_the_loop_of_those_who_send(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(GOOD)

    async with smtp().open(target(server, authority), JANES, JANE, here=True) as opened:
        outcomes = [await sent(opened) for _ in range(3)]
        assert opened.client.loop is asyncio.get_running_loop()

    assert [type(each) for each in outcomes] == [Taken] * 3
    assert (server.auths, len(server.messages)) == (1, 3)


async def test_a_message_of_many_records_arrives(serve: Serve, authority: Authority) -> None:
    server = await serve(GOOD)
    content = MESSAGE.content + b"a line of a large message\r\n" * 40_000

    async with smtp().open(target(server, authority), JANES, JANE, here=True) as opened:
        assert isinstance(await sent(opened, content), Taken)

    assert server.messages == [content]


async def test_a_farewell_that_came_with_the_login_is_heard(authority: Authority) -> None:
    async with asyncio.timeout(4):
        outcome = await sent_to(authority, nothing, ACCEPTED + b"421 4.3.2 not now\r\n")

    assert isinstance(outcome, Ended)


class Detained(MailThread):
    """Runs parts of a session where it lives, and comes back from none of them."""

    def __init__(self, inner: MailThread) -> None:
        super().__init__()
        self.inner, self.went = inner, asyncio.Event()

    async def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        result = await self.inner.run(work)
        self.went.set()
        await asyncio.Event().wait()
        return result


async def test_a_session_that_is_given_up_on_its_way_leaves_no_connection(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(GOOD)
    async with smtp().open(target(server, authority), JANES, JANE) as opened:
        assert opened.elsewhere is not None
        home, opened.elsewhere = opened.elsewhere, (detained := Detained(opened.elsewhere))
        coming = asyncio.create_task(opened.come_here())
        await detained.went.wait()
        opened.elsewhere, on_its_way = home, opened.client.sock

        coming.cancel()
        await asyncio.wait([coming])

        assert on_its_way is not None
        assert on_its_way.fileno() == CLOSED
    await until(lambda: server.open_now == 0)


async def test_a_server_that_takes_messages_takes_this_one(authority: Authority) -> None:
    assert isinstance(await sent_to(authority, takes), Taken)


@pytest.mark.parametrize("end", [resets, ssl.SSLSocket.unwrap, ssl.SSLSocket.close])
async def test_a_connection_that_ends_behind_the_login_is_not_waited_for(
    authority: Authority, end: Talk
) -> None:
    async with asyncio.timeout(4):
        outcome = await sent_to(authority, end)

    assert isinstance(outcome, Ended | Fault)


async def test_a_greeting_in_one_piece_with_the_end_of_the_handshake_is_heard(
    authority: Authority,
) -> None:
    context = authority.server_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2  # there a server has the last word

    def talk(connection: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        secured = context.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            try:
                secured.do_handshake()
                break
            except ssl.SSLWantReadError:
                connection.sendall(outgoing.read())
                incoming.write(connection.recv(10_000))
        secured.write(b"220 mail.test\r\n")
        connection.sendall(outgoing.read())

    async with talking_beside(talk) as port:
        dialled = socket.create_connection(("127.0.0.1", port))
        client = Client(
            hostname="127.0.0.1",
            sock=Meter(dialled),
            timeout=5,
            use_tls=True,
            start_tls=False,
            tls_context=authority.client_context(),
        )
        with closing(client):
            await client.begin()
            await client.read_greeting()
