"""A gateway as its own process, and applications that send through it."""

import asyncio
import base64
import smtplib
import ssl
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Final, Self

from lab.stand.cluster import Cluster
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.operator_process import NUMBERS, START_SECONDS, Line, Operator, process_of

HOST: Final = "localhost"
COMPLETED: Final = 250
SECTION: Final[Mapping[str, Any]] = {
    "host": HOST,
    "listen": {"address": "127.0.0.1", "port": 0, "tlsPort": 0},
}
"""The gateway's part of the configuration; each gateway listens where a port is free."""


@dataclass(slots=True)
class Gateway(Operator):
    """The gateway as tests see it."""

    @classmethod
    @asynccontextmanager
    async def serve(
        cls,
        installation: Installation,
        configuration: Path,
        *,
        interpreter: Sequence[str] = (),
        **variables: str,
    ) -> AsyncIterator[Self]:
        """Start a gateway; it is gone when the block ends.

        Args:
            installation: Where it belongs; it acts as the gateway's own ServiceAccount.
            configuration: Its file.
            interpreter: Arguments for Python, such as those of a profiler.
            variables: More of them for its environment.
        """
        own = await installation.as_gateway()
        acting = cls.act_as(own, configuration, interpreter=interpreter, **variables)
        async with acting as gateway:
            yield gateway

    @classmethod
    @asynccontextmanager
    async def act_as(
        cls,
        own: Installation,
        configuration: Path,
        *,
        interpreter: Sequence[str] = (),
        **variables: str,
    ) -> AsyncIterator[Self]:
        """Start a gateway as somebody, who may reach the cluster in a way of their own."""
        log = own.directory / f"{own.namespace}.gateway.{next(NUMBERS)}.log"
        process = process_of(
            own.kubeconfig, configuration, log, part="gateway", interpreter=interpreter, **variables
        )
        gateway = cls(own, process)
        process.start()
        try:
            yield gateway
        finally:
            await gateway.terminate()

    async def ports(self) -> tuple[int, int]:
        """Tell where it listens: with STARTTLS, and with TLS from the beginning."""
        found = await eventually(self._opened, within=START_SECONDS, tell=self.tail)
        return found[0]["port"], found[0]["tls_port"]

    async def _opened(self) -> list[Line]:
        return self.lines("the gateway listens")


@dataclass(frozen=True, slots=True)
class Application:
    """An application that knows nothing but what is in its Secret.

    Attributes:
        login: The keys of the Secret.
        port: Where the gateway of the test listens; its host is this machine.
    """

    login: Mapping[str, str]
    port: int

    async def send(self, to: str = "joe@other.example", **more: str) -> tuple[int, str]:
        """Send one message; return the last reply, the one that refuses if there is one.

        It has a thread of its own: applications that wait keep no other one from sending.

        Args:
            to: The recipient.
            more: Fields of the header that are other than usual, in small letters.
        """
        own = ThreadPoolExecutor(1)
        try:
            return await asyncio.get_running_loop().run_in_executor(own, self._send, to, more)
        finally:
            own.shutdown(wait=False)

    def _send(self, to: str, more: dict[str, str]) -> tuple[int, str]:
        message = EmailMessage()
        for name, value in (
            {"from": self.login["from"], "to": to, "subject": "hello"} | more
        ).items():
            message[name] = value
        message.set_content("A message of an application.")
        trust = ssl.create_default_context(cadata=self.login["certificates"])
        with smtplib.SMTP(HOST, self.port, timeout=30) as client:
            client.starttls(context=trust)
            try:
                client.login(self.login["username"], self.login["password"])
                code, text = client.mail(self.login["from"])
                if code == COMPLETED:
                    code, text = client.rcpt(to)
                if code != COMPLETED:
                    return code, _text(text)
                code, text = client.data(message.as_bytes())
            except smtplib.SMTPResponseException as refusal:
                return refusal.smtp_code, _text(refusal.smtp_error)
            with suppress(smtplib.SMTPException):
                client.quit()
        return code, _text(text)


async def login_of(cluster: Cluster, namespace: str, name: str) -> dict[str, str]:
    """Read the Secret of a Sender."""
    found = await cluster.find("Secret", name, namespace)
    assert found is not None
    return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}


def _text(reply: bytes | str) -> str:
    return reply.decode() if isinstance(reply, bytes) else reply
