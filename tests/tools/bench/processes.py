"""The processes of the bench beside the control plane, seen from outside."""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final

from lab.controlplane.process import Process
from lab.stand.exposition import total
from lab.stand.operator_process import Operator, environment
from lab.stand.program import SOURCES
from tools.bench.usage import Usage, usage

PATHS: Final = {"PYTHONPATH": f"{SOURCES}:{SOURCES.parent / 'tests'}"}


def spoken_to(module: str, log: Path, *arguments: str) -> Process:
    """Say how a module of the bench is run as a process of its own, which speaks by lines of JSON."""
    command = [sys.executable, "-m", f"tools.bench.{module}", *arguments]
    return Process(command, log, environment() | PATHS, is_spoken_to=True)


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server."""

    process: Process
    port: int
    bundle: Path

    @classmethod
    @contextmanager
    def running(cls, directory: Path, size: int) -> Iterator["Mail"]:
        """Run it for as long as the block."""
        bundle = directory / "authority.pem"
        log = directory / "mail.log"
        with spoken_to("mail_server", log, str(bundle), str(size)) as process:
            yield cls(process, json.loads(process.output.readline())["port"], bundle)

    async def connections(self) -> int:
        """Tell how often it was dialled so far."""
        self.process.input.write("\n")
        self.process.input.flush()
        told = await asyncio.to_thread(self.process.output.readline)
        return int(json.loads(told)["connections"])


@dataclass(slots=True)
class Measured(Operator):
    """The operator under measurement.

    Attributes:
        began: Monotonic time of its start.
    """

    began: float = field(default_factory=time.monotonic, init=False)

    @property
    def usage(self) -> Usage:
        """What it has used so far."""
        return usage(self.process.pid)

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
