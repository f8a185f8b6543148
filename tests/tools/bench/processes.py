"""The processes of the bench beside the control plane, seen from outside."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path

from lab.controlplane.process import Process
from lab.stand.exposition import total
from lab.stand.operator_process import Operator
from tools.bench.speech import ask, spoken_to
from tools.bench.usage import Usage, usage


@dataclass(frozen=True, slots=True)
class Mail:
    """The mail server."""

    process: Process
    port: int
    bundle: Path

    @classmethod
    @contextmanager
    def running(cls, directory: Path, accounts: int) -> Iterator["Mail"]:
        """Run it for as long as the block; so many may log in."""
        bundle = directory / "authority.pem"
        log = directory / "mail.log"
        with spoken_to("mail_server", log, str(bundle), str(accounts)) as process:
            yield cls(process, json.loads(process.output.readline())["port"], bundle)

    async def connections(self) -> int:
        """Tell how often it was dialled so far."""
        return int((await ask(self.process, ""))["connections"])


@dataclass(slots=True)
class Measured(Operator):
    """The operator under measurement.

    Attributes:
        began: Monotonic time of its start.
    """

    began: float = field(default_factory=time.monotonic, init=False)

    @property
    def usage(self) -> Usage:
        """What it has used so far; raises ProcessError if it ended."""
        self.process.check()
        return usage(self.process.pid)

    async def figure(self, name: str) -> float:
        """Read one of its metrics, added up over all labels."""
        return total(await self.scrape(), name)

    async def scrape(self) -> str:
        """Read its metrics; those of one moment are handed out for a second or two."""
        return (await self.get("/metrics"))[1]

    async def scrape_packed(self) -> bytes:
        """Read them as they are sent: unpacking megabytes would make the bench late itself."""
        url = f"{await self.url()}/metrics"
        http = self.installation.cluster.http
        async with http.get(url, headers={"Authorization": ""}, auto_decompress=False) as answer:
            return await answer.read()

    async def is_ready(self) -> bool:
        """Whether it says that it knows the cluster."""
        return (await self.get("/readyz"))[0] == HTTPStatus.OK

    async def knows(self, count: int) -> bool:
        """Whether it is ready, leads, and knows so many Mailboxes."""
        if not await self.is_ready():
            return False
        text = await self.scrape()
        leads = total(text, "mailbox_operator_leader") == 1
        return leads and total(text, "mailbox_operator_mailboxes") >= count
