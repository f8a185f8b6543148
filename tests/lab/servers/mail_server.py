"""What the real mail servers of the tests share: two ports, and a start that is waited for."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from lab.controlplane.ports import free_ports

START_SECONDS: Final = 60
HOST: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where a mail server listens.

    Attributes:
        submission_port: Begins in plain text and offers STARTTLS.
        smtps_port: Begins with TLS.
        host: The address of both.
    """

    submission_port: int
    smtps_port: int
    host: str = HOST

    @classmethod
    def at_free_ports(cls) -> Self:
        """Name two ports that nobody listens at."""
        submission, smtps = free_ports(2)
        return cls(submission, smtps)


@asynccontextmanager
async def running(
    log: Path, *command: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Run a program in the foreground as long as the block lasts; what it says goes to the log."""
    with log.open("ab") as out:
        process = await asyncio.create_subprocess_exec(
            *command, stdin=asyncio.subprocess.DEVNULL, stdout=out, stderr=out, env=environment
        )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        await process.wait()


async def started(
    name: str,
    process: asyncio.subprocess.Process,
    log: Path,
    answers: Callable[[], Awaitable[bool]],
) -> None:
    """Wait until a server answers.

    Raises:
        RuntimeError: It ended, or is not up in time; with the end of its log.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(START_SECONDS):
            while process.returncode is None:
                if await answers():
                    return
                await asyncio.sleep(0.05)
    ended = "is silent" if process.returncode is None else f"ended with {process.returncode}"
    raise RuntimeError(f"{name} would not start: it {ended}.\n{_end_of(log)}")


def _end_of(log: Path) -> str:
    return log.read_text(errors="replace")[-2000:]


async def greets(server: MailServer) -> bool:
    """Say whether a server says anything at its submission port."""
    return bool(await greeting(server))


async def greeting(server: MailServer) -> bytes:
    """Return the first line that a server says at its submission port; empty if none."""
    try:
        reader, writer = await asyncio.open_connection(server.host, server.submission_port)
    except OSError:
        return b""
    line = b""
    with contextlib.suppress(OSError):
        line = await reader.readline()
    writer.close()
    with contextlib.suppress(OSError):
        await writer.wait_closed()
    return line
