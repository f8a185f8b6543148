"""What an attacker on the wire, or beside it, cannot do."""

import asyncio
import socket
import ssl
import struct
from collections.abc import Coroutine
from typing import Any

import pytest

from lab.servers.authority import Authority
from mailbox_operator.decide.sending.answers import Answer, Situation
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.gateway.bounds import Bounds
from mailbox_operator.gateway.house import House
from system.gateway.gates import HOST, TAKEN, Gate, gateway, server_context
from system.gateway.wires import ENVELOPE, Wire, login

INJECTED = b"EHLO x\r\n" + login() + ENVELOPE + b"bad\r\n.\r\n"


async def test_commands_behind_starttls_are_dropped() -> None:
    async with gateway() as running:
        wire = await Wire.plain(running)
        await wire.reply()
        wire.send(b"STARTTLS\r\nNOOP\r\n" + INJECTED)
        assert await wire.reply() == "220"

        await wire.upgrade(running)

        assert await wire.asks(b"VRFY x\r\n") == "252"
        assert running.gate.messages == []


async def test_commands_in_plain_text_after_starttls_end_the_connection() -> None:
    async with gateway() as running:
        wire = await Wire.plain(running)
        await wire.reply()
        await wire.asks(b"STARTTLS\r\n")

        wire.send(INJECTED)

        assert not (await wire.rest()).startswith(b"250")
        await running.wait_for(lambda: len(running.listener) == 0)
        assert running.gate.messages == []


class Slow(House):
    """Begins a handshake when it is told to."""

    may_begin = asyncio.Event()

    def spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Have work wait."""

        async def later() -> None:
            await self.may_begin.wait()
            await work

        House.spawn(self, later())


async def test_plain_text_that_overtakes_a_handshake_is_not_run_under_tls() -> None:
    Slow.may_begin = asyncio.Event()
    async with gateway(of=Slow) as running:
        wire = await Wire.plain(running)
        await wire.reply()
        await wire.asks(b"STARTTLS\r\n")
        wire.send(INJECTED)
        for _ in range(20):
            await asyncio.sleep(0)

        Slow.may_begin.set()

        with pytest.raises((ssl.SSLError, ConnectionError)):
            await wire.upgrade(running)
        await running.wait_for(lambda: len(running.listener) == 0)
        assert running.gate.messages == []


async def test_a_login_in_plain_text_is_refused() -> None:
    async with gateway() as running:
        wire = await Wire.plain(running)
        await wire.reply()
        wire.send(login())
        await wire.reply()

        assert await wire.reply() == "538"


async def test_what_comes_with_the_end_of_a_handshake_is_answered_under_tls() -> None:
    async with gateway() as running:

        async def upgraded() -> str:
            wire = await Wire.plain(running)
            await wire.reply()
            await wire.asks(b"STARTTLS\r\n")
            await wire.upgrade(running)
            return await wire.asks(b"EHLO app\r\n")

        codes = await asyncio.gather(*(upgraded() for _ in range(100)))

        assert set(codes) == {"250"}


async def test_a_whole_submission_in_one_piece_is_answered_in_order() -> None:
    async with gateway() as running:
        wire = await Wire.secure(running)

        wire.send(login() + ENVELOPE + b"hello\r\n.\r\n" + ENVELOPE + b"again\r\n.\r\nQUIT\r\n")

        codes = [await wire.reply() for _ in range(11)]
        assert codes == ["250", "235", *["250", "250", "354", "250"] * 2, "221"]
        contents = [message.content for message in running.gate.messages]
        assert contents == [b"hello\r\n", b"again\r\n"]


async def test_nobody_sends_without_a_login() -> None:
    async with gateway() as running:
        wire = await Wire.secure(running)
        wire.send(b"EHLO x\r\n" + ENVELOPE + b"spam\r\n.\r\nQUIT\r\n")

        said = await wire.rest()

        assert b"530 5.7.0 log in first\r\n" in said
        assert b"354" not in said
        assert running.gate.messages == []


async def test_a_message_that_is_being_sent_is_not_overtaken_by_what_follows() -> None:
    go = asyncio.Event()

    async def when_told(_: Message) -> Answer:
        await go.wait()
        return TAKEN

    async with gateway(Gate(when_told)) as running:
        wire = await Wire.logged_in(running)
        await wire.begin_message()
        wire.send(b"hello\r\n.\r\n")
        await running.wait_for(lambda: len(running.gate.messages) == 1)

        wire.send(b"NOOP\r\n" * 1_000)
        wire.send(ENVELOPE + b"again\r\n.\r\n")
        go.set()

        codes = [await wire.reply() for _ in range(1_005)]
        assert codes[0] == "250"
        assert codes[-2:] == ["354", "250"]
        assert len(running.gate.messages) == 2


async def test_a_message_of_an_application_that_hung_up_goes_on_and_its_room_is_returned() -> None:
    go, sent = asyncio.Event(), asyncio.Event()

    async def when_told(_: Message) -> Answer:
        await go.wait()
        sent.set()
        return TAKEN

    async with gateway(Gate(when_told)) as running:
        wire = await Wire.logged_in(running)
        await wire.begin_message()
        wire.send(b"hello\r\n.\r\n")
        await running.wait_for(lambda: len(running.gate.messages) == 1)

        wire.close()
        await running.wait_for(lambda: len(running.listener) == 0)
        go.set()

        await running.wait_for(sent.is_set)
        await running.wait_for(lambda: running.listener.house.buffers.held == 0)


async def test_a_failure_of_the_gateway_is_answered_as_not_now(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def fail(_: Message) -> Answer:
        raise ValueError("a bug")

    async with gateway(Gate(fail)) as running:
        wire = await Wire.logged_in(running)
        await wire.begin_message()

        assert await wire.asks(b"hello\r\n.\r\n") == "451"
        assert await wire.asks(b"NOOP\r\n") == "250"


def old_tls(running_trust: ssl.SSLContext) -> ssl.SSLContext:
    """Speak nothing newer than TLS 1.1."""
    running_trust.set_ciphers("ALL:@SECLEVEL=0")
    running_trust.minimum_version = ssl.TLSVersion.TLSv1
    running_trust.maximum_version = ssl.TLSVersion.TLSv1_1
    return running_trust


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion.*deprecated:DeprecationWarning")
async def test_old_tls_is_refused() -> None:
    async with gateway() as running:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await Wire.secure(running, old_tls(running.trust))


async def test_a_client_cannot_choose_a_costly_handshake() -> None:
    async with gateway() as running:
        process = await asyncio.create_subprocess_exec(
            *("openssl", "s_client", "-connect", f"{HOST}:{running.tls_port}"),
            *("-groups", "ffdhe8192", "-tls1_3"),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        said, _ = await process.communicate()

        assert b"Cipher is (NONE)" in said
        await running.wait_for(lambda: len(running.listener) == 0)


async def test_a_certificate_is_replaced_without_dropping_a_connection() -> None:
    async with gateway() as running:
        before = await Wire.logged_in(running)
        other = Authority()

        running.listener.use(server_context(other))

        trust = ssl.create_default_context(cadata=other.ca_pem.decode())
        assert await (await Wire.secure(running, trust)).asks(b"NOOP\r\n") == "250"
        with pytest.raises(ssl.SSLCertVerificationError):
            await Wire.secure(running)
        assert await before.asks(b"NOOP\r\n") == "250"


async def test_an_idle_application_is_told_that_the_gateway_shuts_down() -> None:
    async with gateway() as running:
        idle, stranger = await Wire.logged_in(running), await Wire.plain(running)
        await stranger.reply()

        await running.listener.stop()

        assert await idle.rest() == b"421 4.3.2 the gateway is shutting down, try again\r\n"
        assert await stranger.reply() == "421"
        with pytest.raises(ConnectionError):
            await Wire.plain(running)


async def test_a_message_under_way_is_finished_when_the_gateway_shuts_down() -> None:
    go = asyncio.Event()

    async def when_told(_: Message) -> Answer:
        await go.wait()
        return TAKEN

    async with gateway(Gate(when_told), Bounds(ending_seconds=60)) as running:
        sending, receiving = [await Wire.logged_in(running) for _ in range(2)]
        for wire in (sending, receiving):
            await wire.begin_message()
        sending.send(b"hello\r\n.\r\n")
        await running.wait_for(lambda: len(running.gate.messages) == 1)
        stopping = asyncio.create_task(running.listener.stop())

        go.set()
        code = await receiving.asks(b"hello\r\n.\r\n")
        await stopping

        assert (await sending.rest()).splitlines()[0] == b"250 2.0.0 OK taken"
        assert code == "250"
        assert (await receiving.rest()).startswith(b"421 4.3.2")


async def test_a_message_that_takes_too_long_is_cut_off_at_the_end() -> None:
    async def never(_: Message) -> Answer:
        await asyncio.Event().wait()
        return TAKEN

    async with gateway(Gate(never), Bounds(ending_seconds=0.2)) as running:
        wire = await Wire.logged_in(running)
        await wire.begin_message()
        wire.send(b"hello\r\n.\r\n")
        await running.wait_for(lambda: len(running.gate.messages) == 1)

        await running.listener.stop()

        assert await wire.rest() == b""
        assert running.listener.house.buffers.held == 0


async def test_a_handshake_that_fails_leaves_nothing_behind() -> None:
    async with gateway() as running:
        for _ in range(5):
            with pytest.raises(ssl.SSLCertVerificationError):
                await Wire.secure(running, ssl.create_default_context())

        await running.wait_for(lambda: not running.listener.house.connections)


async def test_a_connection_that_is_reset_within_its_handshake_leaves_nothing_behind() -> None:
    async with gateway() as running:
        wire = await Wire.plain(running)
        await wire.reply()
        await wire.asks(b"STARTTLS\r\n")
        at_once = struct.pack("ii", 1, 0)
        wire.writer.get_extra_info("socket").setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, at_once
        )

        wire.close()

        await running.wait_for(lambda: not running.listener.house.connections)
        assert len(running.listener) == 0


async def test_errors_of_a_stranger_end_the_connection() -> None:
    async with gateway() as running:
        wire = await Wire.plain(running)

        wire.send(b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 50 + b"\r\n")

        assert (await wire.rest()).endswith(b"421 4.7.0 too many errors\r\n")
        assert running.gate.refusals[-1] is Situation.TOO_MANY_ERRORS
