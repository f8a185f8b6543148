"""A gate that knows a few logins and keeps what it is given, behind a real listener."""

import asyncio
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final

from lab.clients.programs import Login
from lab.servers.authority import Authority
from mailbox_operator.decide.sending.answers import ANSWERS, Answer, Situation, answer
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.gateway.bounds import Bounds
from mailbox_operator.gateway.buffers import Buffers
from mailbox_operator.gateway.certificates import Pair, context_of
from mailbox_operator.gateway.guessing import Guesses
from mailbox_operator.gateway.house import House
from mailbox_operator.gateway.listener import Listener
from mailbox_operator.gateway.ports import Submission
from mailbox_operator.gateway.session import Terms

HOST: Final = "127.0.0.1"
USERNAME: Final = "acme.keycloak"
SIBLING: Final = "acme.shop"
OTHER: Final = "umbrella.shop"
PASSWORD: Final = "q" * 43
ADDRESS: Final = "noreply@acme.example"
TAKEN: Final = Answer(250, "2.0.0", "OK taken")
PATIENCE: Final = 20.0


async def at_once(_: Message) -> Answer:
    """Send a message in no time."""
    return TAKEN


@dataclass(slots=True)
class Gate:
    """Logins, submissions and the observer in one.

    Attributes:
        send: What becomes of a message.
        learns: What it learns by looking again: another login.
        is_sure: Whether it can be sure that a login is wrong.
        messages: What was handed on.
        refused: The refusals that were counted.
    """

    send: Callable[[Message], Awaitable[Answer]] = at_once
    learns: str = ""
    is_sure: bool = True
    known: set[str] = field(default_factory=lambda: {USERNAME, SIBLING, OTHER})
    messages: list[Message] = field(default_factory=list)
    refusals: list[Situation] = field(default_factory=list)

    def authenticate(self, username: str, password: str, source: str) -> Submission | Answer:
        """Take the logins that are known."""
        if username in self.known and password == PASSWORD:
            return self
        return ANSWERS[Situation.LOGIN_WRONG]

    async def look_again(self) -> bool:
        """Learn a login."""
        self.known.add(self.learns)
        return self.is_sure

    def begin(self, sender: str) -> Answer | None:
        """Take one address."""
        if sender == ADDRESS:
            return None
        return answer(Situation.FOREIGN_SENDER, address=sender, sender="acme/keycloak")

    async def accept(self, message: Message) -> Answer:
        """Keep a message."""
        self.messages.append(message)
        return await self.send(message)

    def refused(self, situation: Situation) -> None:
        """Keep a refusal."""
        self.refusals.append(situation)

    def welcomed(self) -> None:
        """Take no note."""


@dataclass(frozen=True, slots=True)
class Gateway:
    """A listener that listens.

    Attributes:
        port: With STARTTLS.
        tls_port: With TLS from the beginning.
        trust: The client's side of TLS.
    """

    gate: Gate
    listener: Listener
    port: int
    tls_port: int
    trust: ssl.SSLContext
    ca_pem: bytes
    _opened: list[asyncio.StreamWriter] = field(default_factory=list)

    @property
    def login(self) -> Login:
        """What the Secret of a Sender would say."""
        pem = self.ca_pem.decode()
        return Login("localhost", self.port, self.tls_port, USERNAME, PASSWORD, ADDRESS, pem)

    async def connect(
        self, port: int, trust: ssl.SSLContext | None = None
    ) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection, which is closed with the gateway at the latest."""
        reader, writer = await asyncio.open_connection(HOST, port, ssl=trust)
        self._opened.append(writer)
        return reader, writer

    def close(self) -> None:
        """Close all connections."""
        for writer in self._opened:
            writer.transport.abort()

    async def wait_for(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        async with asyncio.timeout(PATIENCE):
            while not holds():  # noqa: ASYNC110 - the gateway tells nobody
                await asyncio.sleep(0.01)


@asynccontextmanager
async def gateway(  # noqa: PLR0913, PLR0917 - each is what one test is about
    gate: Gate | None = None,
    bounds: Bounds | None = None,
    terms: Terms | None = None,
    memory: int = 256 * 1024 * 1024,
    guesses: Guesses | None = None,
    names: Iterable[str] = (),
    of: type[House] = House,
) -> AsyncIterator[Gateway]:
    """Listen as long as the block lasts; the certificate is for the loopback unless told."""
    authority, gate = Authority(), gate or Gate()
    house = of(
        terms or Terms("gateway.test"),
        bounds or Bounds(ending_seconds=1.0),
        gate,
        gate,
        Buffers(memory),
        guesses or Guesses(time.monotonic, pause_seconds=0.0),
        server_context(authority, *names),
    )
    listener = Listener(house)
    ports = await listener.start(HOST, 0, 0)
    trust = ssl.create_default_context(cadata=authority.ca_pem.decode())
    opened = Gateway(gate, listener, *ports, trust, authority.ca_pem)
    try:
        yield opened
    finally:
        opened.close()
        await listener.stop()


def server_context(authority: Authority, *names: str) -> ssl.SSLContext:
    """Build the server's side of TLS, with a certificate for the loopback unless told."""
    pair = authority.certificate(*names)
    return context_of(Pair(pair.cert, pair.key))
