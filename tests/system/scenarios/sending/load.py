"""Applications that send all the time, and what the reply to each message was."""

import asyncio
import smtplib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from secrets import token_hex
from typing import Self

from lab.servers.smtp import SmtpServer
from lab.stand.eventually import eventually
from lab.stand.gateway_process import COMPLETED, Application


@dataclass(slots=True)
class Load:
    """Messages that are sent one after the other, each with a subject of its own.

    Attributes:
        replies: What each application was told, by the subject of the message.
        lost: Messages whose connection broke off before the reply.
    """

    replies: dict[str, tuple[int, str]] = field(default_factory=dict)
    lost: set[str] = field(default_factory=set)
    _name: str = field(default_factory=lambda: token_hex(4))
    _numbers: "count[int]" = field(default_factory=count)

    @classmethod
    @asynccontextmanager
    async def of(cls, *applications: Application) -> AsyncIterator[Self]:
        """Have applications send until the block ends."""
        load, ending = cls(), asyncio.Event()
        senders = [
            asyncio.create_task(load._send(application, ending)) for application in applications
        ]
        try:
            yield load
        finally:
            ending.set()
            await asyncio.gather(*senders)

    @property
    def acknowledged(self) -> set[str]:
        """The messages that are said to be sent."""
        return {subject for subject, (code, _) in self.replies.items() if code == COMPLETED}

    @property
    def codes(self) -> set[int]:
        """All codes that any message got."""
        return {code for code, _ in self.replies.values()}

    async def until_acknowledged(self, more: int, within: float = 30) -> None:
        """Wait until so many more messages are said to be sent."""
        wanted = len(self.acknowledged) + more

        async def look() -> int:
            return len(self.acknowledged)

        await eventually(look, lambda seen: seen >= wanted, within, lambda: str(self.codes))

    async def _send(self, application: Application, ending: asyncio.Event) -> None:
        while not ending.is_set():
            subject = f"message {self._name}-{next(self._numbers)}"
            try:
                self.replies[subject] = await application.send(subject=subject)
            except (OSError, smtplib.SMTPException):
                self.lost.add(subject)
                await asyncio.sleep(0.05)


def subjects(server: SmtpServer) -> list[str]:
    """Read which messages a provider took."""
    lines = [line for message in server.messages for line in message.splitlines()]
    return [line[9:].decode() for line in lines if line.lower().startswith(b"subject: ")]
