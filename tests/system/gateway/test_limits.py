"""Whatever applications and strangers do, others can send."""

import asyncio
import resource
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest

from mailbox_operator.decide.sending.answers import Answer, Situation
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.gateway.bounds import Bounds
from mailbox_operator.gateway.guessing import Guesses
from mailbox_operator.gateway.session import Terms
from system.gateway.gates import OTHER, SIBLING, TAKEN, USERNAME, Gate, Gateway, gateway
from system.gateway.wires import ENVELOPE, Wire, login

MANY = 500
MOST_READ_AT_ONCE = 530_000
"""Twice 256 KiB: so much asyncio takes off a socket at once, and holds back in TLS."""


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process have a file for each end of many connections."""
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(4_096, before[1]), before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


class Eager(Gate):
    """Notes how many commands were judged when it was the turn of others for the first time."""

    begun = 0
    begun_at_the_next_turn = 0

    def begin(self, sender: str) -> Answer | None:
        """Judge a sender."""
        if not self.begun:
            asyncio.get_running_loop().call_soon(self._turn)
        self.begun += 1
        return Gate.begin(self, sender)

    def _turn(self) -> None:
        self.begun_at_the_next_turn = self.begun


async def drip(wire: Wire, text: bytes) -> bytes:
    """Send a byte at a time until the gateway has ended the connection, and return what it said."""
    said = asyncio.ensure_future(wire.rest())
    while not said.done():
        wire.send(text)
        await asyncio.wait([said], timeout=0.02)
    return said.result()


def unread(running: Gateway) -> int:
    """Count the bytes of commands that were taken in and are not answered yet."""
    connections: list[Any] = list(running.listener.house.connections)
    return sum(len(each._dialogue._lines._waiting) for each in connections)  # noqa: SLF001 - its memory


async def send_one(running: Gateway, username: str = USERNAME) -> str:
    """Log in and send a message."""
    wire = await Wire.logged_in(running, username)
    await wire.begin_message()
    code = await wire.asks(b"Subject: hi\r\n\r\nhello\r\n.\r\n")
    wire.close()
    return code


async def test_an_application_sends_while_strangers_take_every_place() -> None:
    async with gateway(bounds=Bounds(connections=10, connections_each=10)) as running:
        strangers = [await Wire.plain(running) for _ in range(5)]
        strangers += [await Wire.secure(running) for _ in range(5)]
        for wire in strangers:
            wire.send(b"E")

        assert await send_one(running) == "250"


async def test_an_application_sends_while_handshakes_that_never_end_take_every_place() -> None:
    async with gateway(bounds=Bounds(connections=5, connections_each=5)) as running:
        for _ in range(20):
            await running.connect(running.tls_port)

        assert await send_one(running) == "250"


async def test_a_command_that_drips_in_is_not_waited_for() -> None:
    async with gateway(bounds=Bounds(command_seconds=0.3)) as running:
        wire = await Wire.logged_in(running)

        assert await drip(wire, b"N") == b"421 4.4.2 nothing came in time\r\n"


async def test_a_message_that_drips_in_is_not_waited_for() -> None:
    async with gateway(bounds=Bounds(message_seconds=0.3)) as running:
        wire = await Wire.logged_in(running)
        await wire.begin_message()

        assert await drip(wire, b"x") == b"421 4.4.2 nothing came in time\r\n"
        assert running.gate.messages == []


async def test_a_message_has_an_end_however_fast_it_comes_in() -> None:
    bounds = Bounds(message_longest_seconds=0.3)
    async with gateway(bounds=bounds) as running:
        wire = await Wire.logged_in(running)
        await wire.begin_message()

        assert (await drip(wire, b"x" * 5_000)).startswith(b"421 4.4.2")


async def test_a_stranger_who_does_not_log_in_has_to_leave() -> None:
    async with gateway(bounds=Bounds(login_seconds=0.3)) as running:
        wire = await Wire.secure(running)

        assert (await drip(wire, b"NOOP\r\n")).endswith(b"421 4.4.2 nothing came in time\r\n")


async def test_a_handshake_that_does_not_come_is_not_waited_for() -> None:
    async with gateway(bounds=Bounds(handshake_seconds=0.2)) as running:
        await running.connect(running.tls_port)
        await running.wait_for(lambda: len(running.listener) == 1)

        await running.wait_for(lambda: len(running.listener) == 0)


async def test_an_application_that_does_not_read_is_cut_off() -> None:
    async with gateway(bounds=Bounds(reading_seconds=0.5)) as running:
        wire = await Wire.logged_in(running)
        taken: socket.socket = wire.writer.get_extra_info("socket")
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # or the kernel takes megabytes
        wire.reader._transport.pause_reading()  # type: ignore[attr-defined] # noqa: SLF001 - the one who does not read
        wire.send(b"NOOP\r\n" * 500_000)

        await running.wait_for(lambda: len(running.listener) == 0)
        wire.close()


async def test_five_hundred_applications_send_at_once(many_files: None) -> None:
    async with gateway(bounds=Bounds(connections=2 * MANY, connections_each=MANY)) as running:
        wires = await asyncio.gather(*(Wire.logged_in(running) for _ in range(MANY)))
        await asyncio.gather(*(wire.begin_message() for wire in wires))
        codes = await asyncio.gather(*(wire.asks(b"hi\r\n.\r\n") for wire in wires))

        assert set(codes) == {"250"}
        assert len(running.gate.messages) == MANY
        assert len(running.listener) == MANY
        for wire in wires:
            wire.close()


async def test_a_connection_too_many_is_told_so() -> None:
    async with gateway(bounds=Bounds(connections=2)) as running:
        kept = [await Wire.logged_in(running, each) for each in (USERNAME, OTHER)]

        assert await (await Wire.plain(running)).rest() == (
            b"421 4.3.2 too many connections, try again\r\n"
        )
        with pytest.raises(ConnectionError):
            await Wire.secure(running)
        assert running.gate.refusals == [Situation.TOO_MANY_CONNECTIONS] * 2
        assert await kept[0].asks(b"NOOP\r\n") == "250"


async def test_a_source_has_a_limit_of_its_own_before_its_logins() -> None:
    async with gateway(bounds=Bounds(connections_each=1)) as running:
        await Wire.logged_in(running)
        first = await Wire.plain(running)
        await first.reply()

        second = await Wire.plain(running)

        assert await first.reply() == "421"
        assert await second.reply() == "220"


@pytest.mark.parametrize("hold", [b"", b"MAIL FROM:<noreply@acme.example>\r\n", ENVELOPE + b"x"])
async def test_an_application_sends_while_another_tenant_holds_all_connections_it_can_get(
    hold: bytes,
) -> None:
    async with gateway(bounds=Bounds(connections=10, connections_each=10)) as running:
        for _ in range(5):
            (await Wire.logged_in(running)).send(hold)
        refused = await Wire.secure(running)
        refused.send(login())

        assert (await refused.rest()).endswith(b"421 4.3.2 too many connections, try again\r\n")
        assert await send_one(running, OTHER) == "250"


async def test_too_many_wrong_logins_end_the_connection_and_the_right_one_is_taken() -> None:
    guesses = Guesses(time.monotonic, most=2, pause_seconds=0.0)
    async with gateway(guesses=guesses) as running:
        for expected in ("535", "535", "421"):
            wire = await Wire.secure(running)
            wire.send(login(password="wrong"))
            await wire.reply()
            assert await wire.reply() == expected

        assert await send_one(running) == "250"
        assert running.gate.refusals[-1] is Situation.TOO_MANY_LOGINS


async def test_a_wrong_login_that_is_held_back_is_answered() -> None:
    async with gateway(guesses=Guesses(time.monotonic, pause_seconds=0.05)) as running:
        wire = await Wire.secure(running)
        wire.send(login(password="wrong") + login(password="wrong") + b"NOOP\r\n")

        codes = [await wire.reply() for _ in range(5)]

    assert codes == ["250", "535", "250", "535", "250"]


async def test_a_login_that_was_written_a_moment_ago_is_looked_at_again_and_taken() -> None:
    async with gateway(Gate(learns="acme.new")) as running:
        wire = await Wire.secure(running)
        wire.send(login("acme.new") + b"NOOP\r\n")

        codes = [await wire.reply() for _ in range(3)]

        assert codes == ["250", "235", "250"]
        assert running.gate.refusals == []


async def test_no_login_is_wrong_while_nobody_can_be_sure_of_that() -> None:
    async with gateway(Gate(is_sure=False)) as running:
        wire = await Wire.secure(running)
        wire.send(login(password="wrong") * 3 + login())

        codes = [await wire.reply() for _ in range(8)]

        assert codes[1::2] == ["454"] * 3 + ["235"]
        assert running.gate.refusals == [Situation.LOGINS_UNKNOWN_YET] * 3


async def test_messages_beyond_the_memory_are_refused_for_now_and_others_have_room() -> None:
    async with gateway(memory=1_000_000) as running:
        greedy = [await Wire.logged_in(running) for _ in range(3)]
        for wire in greedy:
            await wire.begin_message()
            wire.send(b"x" * 300_000)
        await running.wait_for(lambda: running.listener.house.buffers.held >= 300_000)
        small = await Wire.logged_in(running, OTHER)
        await small.begin_message()

        assert await small.asks(b"x" * 50_000 + b"\r\n.\r\n") == "250"
        codes = [await wire.asks(b"\r\n.\r\n") for wire in greedy]
        assert sorted(codes) == ["250", "452", "452"]
        assert running.listener.house.buffers.held == 0


async def test_a_tenant_gets_no_more_memory_by_more_logins() -> None:
    async with gateway(memory=1_000_000) as running:
        first, second = [await Wire.logged_in(running, each) for each in (USERNAME, SIBLING)]
        for wire in (first, second):
            await wire.begin_message()
        first.send(b"x" * 300_000)
        await running.wait_for(lambda: running.listener.house.buffers.held >= 300_000)

        assert await second.asks(b"x" * 300_000 + b"\r\n.\r\n") == "452"


async def test_the_memory_is_not_exceeded_by_messages_that_are_being_sent() -> None:
    go = asyncio.Event()

    async def when_told(_: Message) -> Answer:
        await go.wait()
        return TAKEN

    async with gateway(Gate(when_told), memory=1_000_000) as running:
        first, second = [await Wire.logged_in(running) for _ in range(2)]
        for wire in (first, second):
            await wire.begin_message()
        first.send(b"x" * 400_000 + b"\r\n.\r\n")
        await running.wait_for(lambda: len(running.gate.messages) == 1)

        assert await second.asks(b"x" * 400_000 + b"\r\n.\r\n") == "452"
        go.set()
        assert await first.reply() == "250"


async def test_messages_of_applications_that_hang_up_are_bounded_in_number() -> None:
    go = asyncio.Event()

    async def when_told(_: Message) -> Answer:
        await go.wait()
        return TAKEN

    async with gateway(Gate(when_told), memory=100_000) as running:
        for wire in [await Wire.logged_in(running) for _ in range(3)]:
            await wire.begin_message()
            wire.send(b"hi\r\n.\r\n")
        await running.wait_for(lambda: len(running.gate.messages) == 3)
        running.close()
        await running.wait_for(lambda: len(running.listener) == 0)

        assert await send_one(running) == "452"
        go.set()
        assert await send_one(running, OTHER) == "250"


async def test_a_message_that_comes_in_one_piece_with_its_envelope_takes_memory_as_well() -> None:
    async with gateway(memory=10_000) as running:
        wire = await Wire.logged_in(running)

        wire.send(ENVELOPE + b"x" * 8_000 + b"\r\n.\r\n")

        assert [await wire.reply() for _ in range(4)] == ["250", "250", "354", "452"]
        assert running.gate.messages == []


async def test_others_have_a_turn_while_one_sends_many_commands_at_once() -> None:
    gate = Eager()
    async with gateway(gate) as running:
        wire = await Wire.logged_in(running)

        wire.send(b"MAIL FROM:<boss@acme.example>\r\n" * 300)
        await running.wait_for(lambda: gate.begun == 300)

        assert gate.begun_at_the_next_turn < 300


@pytest.mark.parametrize("connect", [Wire.plain, Wire.logged_in])
async def test_commands_that_come_faster_than_they_are_answered_are_not_kept(
    connect: Callable[[Gateway], Awaitable[Wire]],
) -> None:
    async with gateway() as running:
        wire = await connect(running)
        reading = asyncio.ensure_future(wire.rest())

        wire.send(b"NOOP\r\n" * 120_000 + b"QUIT\r\n")
        most = 0
        while not reading.done():
            most = max(most, unread(running))
            await asyncio.sleep(0)

        assert (await reading).endswith(b"221 2.0.0 goodbye\r\n")
        assert 0 < most <= MOST_READ_AT_ONCE


async def test_a_message_that_has_no_room_is_refused_before_it_is_sent() -> None:
    async with gateway(memory=100_000) as running:
        wire = await Wire.logged_in(running)

        assert await wire.asks(b"MAIL FROM:<noreply@acme.example> SIZE=60000\r\n") == "452"


async def test_a_message_that_is_too_large_takes_no_memory_and_is_answered() -> None:
    async with gateway(terms=Terms("gateway.test", most_bytes=100_000)) as running:
        wire = await Wire.logged_in(running)
        await wire.begin_message()

        code = await wire.asks(b"x" * 5_000_000 + b"\r\n.\r\n")

        assert code == "552"
        assert await wire.asks(b"NOOP\r\n") == "250"
        assert running.listener.house.buffers.held == 0


async def test_a_message_of_the_largest_size_is_handed_on_whole_and_a_larger_one_is_refused() -> (
    None
):
    most = Terms("gateway.test").most_bytes
    content = b"x" * (most - 4) + b"\r\n\r\n"
    async with gateway() as running:
        wire, other = [await Wire.logged_in(running, each) for each in (USERNAME, OTHER)]
        await wire.begin_message()
        sending = asyncio.create_task(wire.asks(content + b".\r\n"))
        answered = await other.asks(b"NOOP\r\n")

        assert (answered, await sending) == ("250", "250")
        assert running.gate.messages[0].content == content
        await wire.begin_message()
        assert await wire.asks(b"x" + content + b".\r\n") == "552"
        assert running.listener.house.buffers.held == 0
