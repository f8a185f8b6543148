"""A programmable SMTP server on the loopback: fast, cheap in hundreds, and bad when told to be.

It keeps what it accepts in memory, and hands it on to nobody.
"""

import asyncio
import ssl
from datetime import UTC, datetime
from functools import partial
from itertools import accumulate
from types import TracebackType
from typing import Self

from lab.servers.smtp_script import (
    HANG_UP,
    Attempt,
    Behaviour,
    Mischief,
    OAuthStyle,
    Script,
    Security,
    Stage,
    StartTls,
    TokenValid,
)
from lab.servers.smtp_session import Session

__all__ = [
    "HANG_UP",
    "Attempt",
    "Behaviour",
    "Mischief",
    "OAuthStyle",
    "Security",
    "SmtpServer",
    "Stage",
    "StartTls",
]


class SmtpServer:
    """An SMTP server; `async with` starts and stops it.

    Attributes:
        host: The address it listens on.
        port: The port; chosen at the first start and kept for all later ones.
        attempts: Every connection since the beginning, oldest first.
        open_now: Connections open at this moment.
        most_open: The most that were ever open at once.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        behaviour: Behaviour | None = None,
        token_valid: TokenValid | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.host = host
        self.port = port
        self.attempts: list[Attempt] = []
        self.open_now = 0
        self.most_open = 0
        self._script = Script(context, behaviour or Behaviour(), token_valid)
        self._sessions: set[asyncio.Task[None]] = set()
        self._talks: set[Session] = set()
        self._server: asyncio.Server | None = None

    @property
    def behaviour(self) -> Behaviour:
        """What it does now; assign a changed copy at any time."""
        return self._script.behaviour

    @behaviour.setter
    def behaviour(self, behaviour: Behaviour) -> None:
        self._script.behaviour = behaviour

    @property
    def context(self) -> ssl.SSLContext:
        """The certificate of new connections; assign another to let it expire or be renewed."""
        return self._script.context

    @context.setter
    def context(self, context: ssl.SSLContext) -> None:
        self._script.context = context

    @property
    def connections(self) -> int:
        """How often it was dialled."""
        return len(self.attempts)

    @property
    def auths(self) -> int:
        """How many AUTH commands came, refused ones included."""
        return sum(attempt.auths for attempt in self.attempts)

    @property
    def messages(self) -> list[bytes]:
        """What it accepted, oldest session first."""
        return [each for attempt in self.attempts for each in attempt.messages]

    def speak_unasked(self, line: bytes) -> None:
        """Say something in every session that is open."""
        for talk in self._talks:
            talk.say(line)

    def hang_up(self) -> None:
        """Cut every session that is open."""
        for session in self._sessions:
            session.cancel()

    @property
    def most_open_of_one_user(self) -> int:
        """The most connections one user had open at once; 1 says nobody was there twice."""
        return max((_most_at_once(own) for own in self._by_user().values()), default=0)

    async def start(self) -> None:
        """Listen; after `stop`, on the same port again."""
        self._server = await asyncio.start_server(self._accept, self.host, self.port, backlog=1024)
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        """Stop listening and cut every open connection."""
        if self._server is None:
            return
        self._server.close()
        for session in self._sessions:
            session.cancel()
        await asyncio.gather(*self._sessions, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        attempt = Attempt(datetime.now(UTC))
        self.attempts.append(attempt)
        self.open_now += 1
        self.most_open = max(self.most_open, self.open_now)
        session = asyncio.create_task(self._serve(attempt, reader, writer))
        self._sessions.add(session)
        session.add_done_callback(self._sessions.discard)

    async def _serve(
        self, attempt: Attempt, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        over = partial(self._over, attempt)
        talk = Session(self._script, attempt, reader, writer, over)
        self._talks.add(talk)
        try:
            await talk.run()
        finally:
            self._talks.discard(talk)
            over()

    def _over(self, attempt: Attempt) -> None:
        if attempt.ended is None:
            attempt.ended = datetime.now(UTC)
            self.open_now -= 1

    def _by_user(self) -> dict[str, list[Attempt]]:
        users: dict[str, list[Attempt]] = {}
        for attempt in self.attempts:
            if attempt.username is not None:
                users.setdefault(attempt.username, []).append(attempt)
        return users


def _most_at_once(attempts: list[Attempt]) -> int:
    begun = [(attempt.at, 1) for attempt in attempts]
    ended = [(attempt.ended, -1) for attempt in attempts if attempt.ended is not None]
    return max(accumulate(change for _, change in sorted(begun + ended)))
