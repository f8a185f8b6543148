"""Real mail servers, each started with its own defaults, and an operator that trusts them."""

import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import aiosmtplib

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.chasquid import Chasquid
from lab.servers.dovecot import DovecotSubmission
from lab.servers.endpoint import Answer
from lab.servers.exim import Exim
from lab.servers.mail_server import MailServer
from lab.servers.nginx import REFUSAL, Logins, NginxMail
from lab.servers.opensmtpd import OpenSmtpd
from lab.servers.postfix import RealMailServer
from lab.servers.smtp import Behaviour, SmtpServer
from mailbox_operator.connect.network.trust import own_context
from mailbox_operator.connect.smtp.credentials import Credential
from mailbox_operator.connect.smtp.proof import Target
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import JANE, JANES, JOE, PASSWORD, smtp

USERS: Final = {JANE: PASSWORD, JOE: "other"}
BEHIND: Final = Behaviour(senders=(JANE,), proxied=True)
PATIENCE_SECONDS: Final = 20

Start = Callable[[Path, Authority], AbstractAsyncContextManager[MailServer]]


@dataclass(frozen=True, slots=True)
class Peer:
    """A running mail server, and whom to trust for it.

    Attributes:
        directory: Where it keeps its files.
    """

    server: MailServer
    authority: Authority
    directory: Path = Path()

    def at(self, security: Security) -> Endpoint:
        """Name the port where this security is right."""
        implicit = security is Security.TLS
        port = self.server.smtps_port if implicit else self.server.submission_port
        return Endpoint(self.server.host, port, security)

    async def prove(
        self,
        credential: Credential = JANES,
        security: Security = Security.TLS,
        *,
        sender: str = JANE,
        seconds: float = PATIENCE_SECONDS,
        **aim: Any,
    ) -> None:
        """Prove a login; `aim` changes the target."""
        trusting = own_context("authority", self.authority.ca_pem.decode())
        usual = Target(self.at(security), trusting)
        await smtp(seconds=seconds).prove(replace(usual, **aim), credential, sender)

    async def refusal(self, *args: Any, **options: Any) -> Fault:
        """Fail to prove a login; tell the fault."""
        return await refusal(self.prove(*args, **options))

    async def reason(self, **options: Any) -> Reason | None:
        """Try to prove a login; tell why it failed, or None."""
        try:
            await self.prove(**options)
        except Fault as fault:
            return fault.reason
        return None


@asynccontextmanager
async def peer(start: Start) -> AsyncIterator[Peer]:
    """Run a server as long as the block lasts."""
    authority = Authority()
    with tempfile.TemporaryDirectory(prefix="mail-") as directory:
        async with start(Path(directory), authority) as server:
            yield Peer(server, authority, Path(directory))


@asynccontextmanager
async def logged_in(peer: Peer, number: int) -> AsyncIterator[None]:
    """Keep so many other sessions of Jane's open as long as the block lasts."""
    async with AsyncExitStack() as stack:
        for _ in range(number):
            client = aiosmtplib.SMTP(
                hostname=peer.server.host, port=peer.server.smtps_port, use_tls=True,
                tls_context=peer.authority.client_context(),
            )  # fmt: skip
            await stack.enter_async_context(client)
            await client.login(JANE, PASSWORD)
        yield


def postfix(**options: Any) -> AbstractAsyncContextManager[Peer]:
    """Run Postfix."""
    return peer(partial(RealMailServer.start, users=USERS, **options))


def exim(*settings: str, **options: Any) -> AbstractAsyncContextManager[Peer]:
    """Run Exim."""
    return peer(partial(Exim.start, users=USERS, settings=settings, **options))


def chasquid() -> AbstractAsyncContextManager[Peer]:
    """Run chasquid."""
    return peer(partial(Chasquid.start, users=USERS))


def opensmtpd(**options: Any) -> AbstractAsyncContextManager[Peer]:
    """Run OpenSMTPD."""
    return peer(partial(OpenSmtpd.start, users=USERS, **options))


def dovecot(
    *settings: str, users: Mapping[str, str] = USERS, behind: Behaviour = BEHIND
) -> AbstractAsyncContextManager[Peer]:
    """Run Dovecot's submission service before a scripted server."""

    @asynccontextmanager
    async def start(directory: Path, authority: Authority) -> AsyncIterator[MailServer]:
        async with (
            SmtpServer(authority.server_context(), behind) as inner,
            DovecotSubmission.start(directory, authority, users, inner.port, settings) as server,
        ):
            yield server

    return peer(start)


def nginx(
    *settings: str, ask: Answer | None = None, behind: Behaviour = BEHIND, **refusal: str
) -> AbstractAsyncContextManager[Peer]:
    """Run nginx before a scripted server.

    Args:
        settings: More of its directives.
        ask: Answers for its logins, in place of the usual.
        behind: What the scripted server does.
        refusal: How a login is refused, in place of the usual: `status` and `error_code`.
    """

    @asynccontextmanager
    async def start(directory: Path, authority: Authority) -> AsyncIterator[MailServer]:
        headers = {f"Auth-{name.title()}".replace("_", "-"): told for name, told in refusal.items()}
        async with SmtpServer(authority.server_context(), behind) as inner:
            logins = Logins(USERS, inner.port, headers or REFUSAL).answer
            async with NginxMail.start(directory, authority, ask or logins, settings) as server:
                yield server

    return peer(start)
