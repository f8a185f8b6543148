"""Applications that send through the gateway's Service, and keep each message until it is taken."""

import asyncio
import smtplib
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from itertools import count
from typing import Final, Self

from lab.stand.eventually import eventually

LOOPBACK: Final = "127.0.0.1"
COMPLETED: Final = 250
BROKEN: Final = 0
FINAL: Final = 500
AGAIN_SECONDS: Final = 0.05
PATIENCE_SECONDS: Final = 30
Reply = tuple[int, bytes | str]


class Near:
    """Dials this machine's loopback, under the name that a Service and its certificate have."""

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        del host
        return super()._get_socket(LOOPBACK, port, timeout)  # type: ignore[misc,no-any-return] # of smtplib


class Plain(Near, smtplib.SMTP):
    """Begins TLS by STARTTLS."""


class Secure(Near, smtplib.SMTP_SSL):
    """Begins with TLS."""


@dataclass(slots=True)
class Courier:
    """An application that knows nothing but what is in its Secret.

    Attributes:
        login: The keys of the Secret.
        port: Where the Service of the test is.
        is_tls: Whether that is its port of TLS.
        lasts: Whether one connection takes all messages, for as long as it is open.
    """

    login: Mapping[str, str]
    port: int
    is_tls: bool = False
    lasts: bool = False
    _client: smtplib.SMTP | None = None

    async def send(self, subject: str = "hello") -> Reply:
        """Send one message; return the last reply, which has code 0 if the connection broke off."""
        return await asyncio.to_thread(self._send, subject)

    async def close(self) -> None:
        """Leave."""
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._client is not None:
            with suppress(OSError, smtplib.SMTPException):
                self._client.quit()
        self._client = None

    async def certificate(self) -> bytes:
        """Say which certificate a new connection meets, in DER."""
        return await asyncio.to_thread(self._certificate)

    def _certificate(self) -> bytes:
        client = self._connect()
        assert isinstance(client.sock, ssl.SSLSocket)
        found = client.sock.getpeercert(binary_form=True) or b""
        client.close()
        return found

    def _connect(self) -> smtplib.SMTP:
        trust = ssl.create_default_context(cadata=self.login["certificates"])
        host, client = self.login["host"], smtplib.SMTP()
        if self.is_tls:
            client = Secure(host, self.port, timeout=PATIENCE_SECONDS, context=trust)
        else:
            client = Plain(host, self.port, timeout=PATIENCE_SECONDS)
            client.starttls(context=trust)
        client.login(self.login["username"], self.login["password"])
        return client

    def _send(self, subject: str) -> Reply:
        if self._client is not None and self._begin()[0] != COMPLETED:
            self._close()  # the gateway has left, or is about to; nothing was sent
        try:
            if self._client is None:
                self._client = self._connect()
                reply = self._begin()
                if reply[0] != COMPLETED:
                    return reply
            reply = self._client.rcpt("joe@other.example")
            return self._client.data(self._message(subject)) if reply[0] == COMPLETED else reply
        except smtplib.SMTPResponseException as refusal:
            return refusal.smtp_code, refusal.smtp_error
        except (OSError, smtplib.SMTPException) as error:
            return BROKEN, str(error)
        finally:
            if not self.lasts:
                self._close()

    def _begin(self) -> Reply:
        assert self._client is not None
        try:
            return self._client.mail(self.login["from"])
        except (OSError, smtplib.SMTPException) as error:
            return BROKEN, str(error)

    def _message(self, subject: str) -> bytes:
        message = EmailMessage()
        message["From"], message["To"] = self.login["from"], "joe@other.example"
        message["Subject"] = subject
        message.set_content("A message of an application.")
        return message.as_bytes()


@dataclass(slots=True)
class Queue:
    """Sends without a pause, and tries each message until it is taken, as a mail queue does.

    Attributes:
        taken: Subjects of the messages that were acknowledged, one entry for each acknowledgement.
        replies: How often which other code came; 0 stands for a connection that broke off.
    """

    taken: list[str] = field(default_factory=list)
    replies: "Counter[int]" = field(default_factory=Counter)
    _numbers: "count[int]" = field(default_factory=count)

    @classmethod
    @asynccontextmanager
    async def of(cls, *couriers: Courier) -> AsyncIterator[Self]:
        """Have applications send until the block ends; what is begun is brought to its end."""
        queue, ending = cls(), asyncio.Event()
        working = [asyncio.create_task(queue._work(each, ending)) for each in couriers]
        try:
            yield queue
        finally:
            ending.set()
            await asyncio.gather(*working)

    async def until_taken(self, more: int, within: float = 30) -> None:
        """Wait until so many more messages are acknowledged."""
        wanted = len(self.taken) + more

        async def look() -> int:
            return len(self.taken)

        await eventually(look, lambda seen: seen >= wanted, within, lambda: str(self.replies))

    async def _work(self, courier: Courier, ending: asyncio.Event) -> None:
        while not ending.is_set():
            subject = f"message {next(self._numbers)}"
            while (reply := await courier.send(subject))[0] != COMPLETED:
                self.replies[reply[0]] += 1
                assert reply[0] < FINAL, f"{subject}: {reply}"
                await asyncio.sleep(AGAIN_SECONDS)
            self.taken.append(subject)
        await courier.close()


def subjects(messages: Sequence[bytes]) -> list[str]:
    """Read the subjects of messages, in order, each as often as it is there."""
    lines = sorted(line for message in messages for line in message.splitlines())
    return [line[9:].decode() for line in lines if line.lower().startswith(b"subject: ")]
