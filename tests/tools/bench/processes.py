"""The processes of the bench beside the control plane, seen from outside."""

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiohttp

from lab.stand.exposition import total
from tools.bench.usage import Usage, usage
from tools.demo.program import OPERATOR, Program

PATHS: Final = {"PYTHONPATH": f"{OPERATOR}:{OPERATOR.parent / 'tests'}"}


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server."""

    program: Program
    port: int
    bundle: Path

    @classmethod
    @contextmanager
    def running(cls, directory: Path, size: int) -> Iterator["Mail"]:
        """Run it for as long as the block."""
        bundle = directory / "authority.pem"
        command = [sys.executable, "-m", "tools.bench.mail_server", str(bundle), str(size)]
        with Program.start(command, directory / "mail.log", PATHS, spoken_to=True) as program:
            yield cls(program, json.loads(program.output.readline())["port"], bundle)

    async def connections(self) -> int:
        """Tell how often it was dialled so far."""
        self.program.input.write("\n")
        self.program.input.flush()
        told = await asyncio.to_thread(self.program.output.readline)
        return int(json.loads(told)["connections"])


@dataclass(frozen=True, slots=True)
class Operator:
    """The operator, seen from outside.

    Attributes:
        began: Monotonic time of its start.
    """

    program: Program
    port: int
    began: float

    @property
    def usage(self) -> Usage:
        """What it has used so far."""
        return usage(self.program.process.pid)

    async def get(self, path: str) -> tuple[int, str]:
        """Ask its port; status 0 says that nobody answers."""
        try:
            async with (
                aiohttp.ClientSession() as http,
                http.get(f"http://127.0.0.1:{self.port}{path}") as response,
            ):
                return response.status, await response.text()
        except aiohttp.ClientConnectionError:
            return 0, ""

    async def figure(self, name: str) -> float:
        """Read one of its metrics, added up over all labels."""
        return total((await self.get("/metrics"))[1], name)

    async def knows(self, count: int) -> bool:
        """Whether it is ready, leads, and knows so many Mailboxes."""
        if (await self.get("/readyz"))[0] != HTTPStatus.OK:
            return False
        _, text = await self.get("/metrics")
        leads = total(text, "mailbox_operator_leader") == 1
        return leads and total(text, "mailbox_operator_mailboxes") >= count

    def pause(self) -> None:
        """Put it to sleep."""
        self.program.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Wake it up."""
        self.program.process.send_signal(signal.SIGCONT)
