"""What a bad SMTP server does in place of a reply."""

import asyncio
from collections.abc import Mapping
from typing import Final, NoReturn, assert_never

from lab.servers.smtp_script import Behaviour, Mischief, Stage

SUCCESS: Final[Mapping[Stage, bytes]] = {
    Stage.BANNER: b"220",
    Stage.EHLO: b"250",
    Stage.STARTTLS: b"220",
    Stage.AUTH: b"235",
    Stage.MAIL: b"250",
    Stage.RCPT: b"250",
    Stage.DATA: b"354",
    Stage.MESSAGE: b"250",
    Stage.RSET: b"250",
    Stage.QUIT: b"221",
}


class Hangup(Exception):  # noqa: N818 - it ends a conversation, it reports no error
    """The conversation is over."""


async def misbehave(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    behaviour: Behaviour,
    stage: Stage,
    line: bytes,
) -> None:
    """Do the mischief of a stage, if there is any; else send the line."""
    match behaviour.mischief.get(stage):
        case None:
            writer.write(line)
        case Mischief.HANG:
            await reader.read()
            raise Hangup
        case Mischief.DROP:
            writer.transport.abort()
            raise Hangup
        case Mischief.DRIP:
            await _drip(writer, line, behaviour.drip_seconds)
        case Mischief.ENDLESS_LINES:
            await _flood(writer, (SUCCESS[stage] + b"-and so on\r\n") * 64)
        case Mischief.ENDLESS_LINE:
            writer.write(SUCCESS[stage] + b" ")
            await _flood(writer, b"and so on " * 64)
        case other:
            assert_never(other)


async def _drip(writer: asyncio.StreamWriter, line: bytes, pause_seconds: float) -> None:
    for byte in line[:-1]:
        writer.write(bytes([byte]))
        await asyncio.sleep(pause_seconds)
    writer.write(line[-1:])  # nothing may come between the last byte and TLS


async def _flood(writer: asyncio.StreamWriter, chunk: bytes) -> NoReturn:
    while True:
        writer.write(chunk)
        await writer.drain()
        await asyncio.sleep(0)  # drain() never waits where the client has cut TLS off
