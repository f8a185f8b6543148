"""The applications: connections that send message after message, and wait for each reply."""

import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from lab.controlplane.process import Process, ProcessError
from tools.bench.gateway.options import MESSAGE_BYTES
from tools.bench.gateway.programs import built
from tools.bench.gateway.relay import Relay
from tools.bench.speech import ask


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of some messages.

    Attributes:
        sent: Those that were accepted.
        errors: What went wrong, and how often.
        began_at: When the first was begun, in nanoseconds since 1970.
        p50, p99: Milliseconds from MAIL to the last reply.
    """

    sent: int
    errors: Mapping[str, int]
    began_at: int
    p50: float
    p99: float


@dataclass(frozen=True, slots=True)
class Applications:
    """Some that are connected to one relay, logged in, and have sent one message each."""

    relay: Relay
    process: Process

    @classmethod
    @asynccontextmanager
    async def connected(
        cls, relay: Relay, connections: int, directory: Path
    ) -> AsyncIterator[Self]:
        """Connect them for as long as the block."""
        log = directory / "applications.log"
        log.unlink(missing_ok=True)
        with Process([str(built("load"))], log, is_spoken_to=True) as process:
            applications = cls(relay, process)
            await applications._connect(connections)
            yield applications

    async def send(self, messages: int) -> Sent:
        """Have so many messages sent in all.

        Raises:
            ProcessError: The relay ended, or a message was refused.
        """
        told = await ask(self.process, str(messages))
        self.relay.check()
        sent = Sent(**{name: told[name] for name in Sent.__slots__})
        if sent.errors:
            raise ProcessError(f"{self.relay.name}: {sent.errors}\n{self.relay.tails()}")
        return sent

    async def _connect(self, connections: int) -> None:
        logins = [
            {"username": each.username, "password": each.password, "from": each.sender}
            for each in self.relay.logins
        ]
        plan = {
            "port": self.relay.port,
            "certificates": self.relay.certificates,
            "size": MESSAGE_BYTES,
            "connections": connections,
            "logins": logins,
        }
        try:
            await ask(self.process, json.dumps(plan))
        except ProcessError as error:
            self.relay.check()
            raise ProcessError(f"{self.relay.name}: {error}\n{self.relay.tails()}") from None
