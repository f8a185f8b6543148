"""One conversation of the SMTP server of the tests: the commands and their replies."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Final

from lab.servers.smtp_auth import BAD_CREDENTIALS, credentials, verdict
from lab.servers.smtp_mischief import Hangup, misbehave
from lab.servers.smtp_script import (
    HANG_UP,
    Attempt,
    Behaviour,
    Mischief,
    Script,
    Security,
    Stage,
    StartTls,
)

UNTIMELY: Final = frozenset({Mischief.HANG, Mischief.DROP})
TLS_FIRST: Final = b"530 5.7.0 Must issue a STARTTLS command first"
LOGIN_FIRST: Final = b"530 5.7.0 Authentication required"
NO_SUCH_COMMAND: Final = b"502 5.5.1 Command not implemented"


class Session:
    """Talks to one client, and writes down in its attempt how far it came."""

    def __init__(
        self,
        script: Script,
        attempt: Attempt,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        over: Callable[[], None],
    ) -> None:
        self._script = script
        self._attempt = attempt
        self._reader = reader
        self._writer = writer
        self._over = over
        self._shaking_hands = False
        self._named = 0
        self._commands: Mapping[str, Callable[[str], Awaitable[None]]] = {
            "EHLO": self._ehlo,
            "HELO": self._ehlo,
            "STARTTLS": self._starttls,
            "AUTH": self._auth,
            "MAIL": self._mail,
            "RCPT": self._rcpt,
            "DATA": self._data,
            "RSET": self._rset,
            "XCLIENT": self._xclient,
            "QUIT": self._quit,
        }

    @property
    def _behaviour(self) -> Behaviour:
        return self._script.behaviour

    async def run(self) -> None:
        """Talk until either side has enough. Whatever the client does, nothing is raised."""
        try:
            with contextlib.suppress(OSError, EOFError, asyncio.LimitOverrunError, Hangup):
                await self._converse()
            self._writer.close()
            await self._closed()
        finally:
            self._writer.transport.abort()
            await self._closed()

    async def _closed(self) -> None:
        if not self._shaking_hands:  # asyncio never tells the end of a failed handshake
            with contextlib.suppress(OSError):
                await self._writer.wait_closed()

    async def _converse(self) -> None:
        if self._behaviour.security is Security.TLS:
            await self._begin_tls_at_once()
        await self._answer(Stage.BANNER, b"220 mail.test ESMTP")
        while True:
            line = await self._line()
            verb, _, rest = line.partition(" ")
            if verb.upper() != "AUTH":
                self._attempt.commands.append(line)
            await self._commands.get(verb.upper(), self._unknown)(rest)

    async def _begin_tls_at_once(self) -> None:
        if self._behaviour.mischief.get(Stage.BANNER) not in UNTIMELY:
            await self._encrypt()

    async def _ehlo(self, name: str) -> None:
        self._attempt.greeting = name
        offers = [b"mail.test", *(each.encode() for each in self._behaviour.extensions)]
        if self._attempt.encrypted:
            offers.append(b"AUTH " + " ".join(self._behaviour.mechanisms).encode())
        elif self._behaviour.starttls is not StartTls.STRIPPED:
            offers.append(b"STARTTLS")
        lines = [b"250-" + offer for offer in offers[:-1]] + [b"250 " + offers[-1]]
        await self._answer(Stage.EHLO, b"\r\n".join(lines))

    async def _starttls(self, _: str) -> None:
        usual = {
            StartTls.OFFERED: b"220 2.0.0 Ready to start TLS",
            StartTls.STRIPPED: NO_SUCH_COMMAND,
            StartTls.REFUSED: b"454 4.7.0 TLS not available due to local problem",
        }[self._behaviour.starttls]
        sent = await self._answer(Stage.STARTTLS, usual)
        if sent.startswith(b"220"):
            await self._encrypt()

    async def _auth(self, rest: str) -> None:
        mechanism, _, initial = rest.partition(" ")
        self._attempt.stage = Stage.AUTH
        self._attempt.auths += 1
        self._attempt.login_at = datetime.now(UTC)
        self._attempt.mechanism = mechanism.upper()
        self._attempt.code = 0
        sent = await self._answer(Stage.AUTH, await self._login(mechanism.upper(), initial))
        if sent.startswith(b"334"):
            await self._line()
            again = self._script.next_reply(Stage.AUTH)
            follow_up = BAD_CREDENTIALS if again in {None, sent} else again
            sent = await self._send(Stage.AUTH, follow_up or BAD_CREDENTIALS)
        self._attempt.code = int(sent[:3]) if sent[:3].isdigit() else 0
        self._attempt.accepted = sent.startswith(b"235")

    async def _login(self, mechanism: str, initial: str) -> bytes:
        if not self._attempt.encrypted:
            return TLS_FIRST
        if mechanism not in self._behaviour.mechanisms:
            return b"504 5.5.4 Unrecognized authentication type"
        try:
            given = await credentials(mechanism, initial, self._ask)
        except ValueError:
            return b"501 5.5.2 Cannot Decode response"
        self._attempt.username = given.username
        return verdict(self._script, given)

    async def _ask(self, challenge: bytes) -> str:
        self._writer.write(challenge + b"\r\n")
        return await self._line()

    async def _mail(self, rest: str) -> None:
        sender = rest.partition("<")[2].partition(">")[0]
        self._attempt.sender = sender
        self._named = 0
        await self._answer(Stage.MAIL, self._welcome(sender))

    async def _rcpt(self, rest: str) -> None:
        self._attempt.recipient = rest.partition("<")[2].partition(">")[0]
        sent = await self._answer(Stage.RCPT, b"250 2.1.5 Ok")
        self._named += sent.startswith(b"25")

    async def _data(self, _: str) -> None:
        usual = b"354 Go ahead" if self._named else b"554 5.5.1 No valid recipients"
        sent = await self._answer(Stage.DATA, usual)
        if not sent.startswith(b"354"):
            return
        content = await self._content()
        sent = await self._answer(Stage.MESSAGE, b"250 2.0.0 Ok: queued")
        if sent.startswith(b"250"):
            self._attempt.messages.append(content)

    async def _content(self) -> bytes:
        """Read a message up to its end, or as much of it as the server cares to."""
        if (most := self._behaviour.content_bytes) is not None:
            return await self._reader.readexactly(most)
        lines = list[bytes]()
        while (line := await self._reader.readuntil(b"\r\n")) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        return b"".join(lines)

    def say(self, line: bytes) -> None:
        """Say something that nobody asked for."""
        self._writer.write(line)

    def _welcome(self, sender: str) -> bytes:
        if not (self._attempt.accepted or self._behaviour.proxied):
            return LOGIN_FIRST if self._attempt.encrypted else TLS_FIRST
        if self._behaviour.senders is None or sender in self._behaviour.senders:
            return b"250 2.1.0 Ok"
        return b"553 5.7.1 Sender address rejected: not owned by user"

    async def _xclient(self, _: str) -> None:
        """Hear from a proxy who the client is; it greets again afterwards."""
        told = b"220 mail.test ESMTP" if self._behaviour.proxied else NO_SUCH_COMMAND
        self._writer.write(told + b"\r\n")

    async def _rset(self, _: str) -> None:
        await self._answer(Stage.RSET, b"250 2.0.0 Ok")

    async def _quit(self, _: str) -> None:
        await self._answer(Stage.QUIT, b"221 2.0.0 Bye")
        self._over()  # a client may dial again before this connection is gone
        raise Hangup

    async def _unknown(self, _: str) -> None:
        self._writer.write(NO_SUCH_COMMAND + b"\r\n")

    async def _line(self) -> str:
        line = await self._reader.readuntil(b"\n")
        return line.decode("utf-8", "replace").rstrip("\r\n")

    async def _encrypt(self) -> None:
        self._shaking_hands = True
        await self._writer.start_tls(self._script.context)
        self._shaking_hands = False
        self._attempt.encrypted = True

    async def _answer(self, stage: Stage, usual: bytes) -> bytes:
        self._attempt.stage = stage
        scripted = self._script.next_reply(stage)
        return await self._send(stage, usual if scripted is None else scripted)

    async def _send(self, stage: Stage, reply: bytes) -> bytes:
        await asyncio.sleep(self._behaviour.latency_seconds)
        if reply == HANG_UP:
            self._writer.transport.abort()
            raise Hangup
        line = reply if reply.endswith(b"\n") else reply + b"\r\n"
        await misbehave(self._reader, self._writer, self._behaviour, stage, line)
        await self._writer.drain()
        if reply.startswith(b"421"):
            raise Hangup
        return reply
