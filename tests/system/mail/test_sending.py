"""Real mail servers get messages of every shape as they are, many of them by one login."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Final

import pytest
import pytest_asyncio

from lab.attempts import until
from lab.servers.authority import Authority
from lab.servers.oauth import Behaviour as OAuthBehaviour, OAuthServer
from lab.servers.oauth_ledger import Grant
from lab.servers.postfix import RealMailServer
from lab.servers.smtp import Behaviour, SmtpServer
from mailbox_operator.connect.sending.opening import Opener
from mailbox_operator.connect.sending.wayout import SmtpWayOut
from mailbox_operator.connect.smtp.credentials import Bearer, Credential
from mailbox_operator.connect.smtp.proof import Target
from mailbox_operator.decide.sending.delivery import NotSent, Outcome, Refused, Route, Taken
from mailbox_operator.decide.words import Security
from system.connect.cases import JANE, JANES, case, smtp
from system.connect.sending.senders import OneWay, message
from system.mail.peers import PATIENCE_SECONDS, USERS, Peer, exim, opensmtpd

pytestmark = pytest.mark.asyncio(loop_scope="module")  # starting the pair takes seconds

SCOPE: Final = "https://mail.google.com/"
BEHIND: Final = Behaviour(senders=(JANE,), proxied=True)
HEADER: Final = (
    b"From: jane@acme.example\r\nTo: bob@elsewhere.example\r\nSubject: %s\r\n"
    b"Message-ID: <%s@acme.example>\r\nDate: Fri, 27 Nov 2026 03:00:00 +0000\r\n\r\n"
)
BODIES: Final = {
    b"dots": b".\r\n..\r\n.a\r\n\r\n.\r\nend.\r\n",
    b"commands": b"QUIT\r\n.\r\nMAIL FROM:<x@y.example>\r\nRSET\r\n",
    b"long-lines": (b"x" * 990 + b"\r\n") * 5 + b"." * 990 + b"\r\n",
    b"blank-lines": b"\r\n" * 200,
    b"eight-bits": bytes(range(128, 256)) + b"\r\n" + "grüße 你好\r\n".encode(),
    b"large": b"".join(b".%d %s\r\n" % (n, b"z" * (n % 900)) for n in range(21_000)),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sending:
    """A way out to a real server, and what a server behind it gets."""

    way_out: SmtpWayOut

    async def send(self, name: bytes) -> Outcome:
        """Send the message of that name."""
        content = HEADER % (name, name) + BODIES[name]
        return await self.way_out.send(Route(case()), message(content))


def sending(peer: Peer, credential: Credential = JANES) -> Sending:
    """Build a way out to a server."""
    ways = OneWay(Target(peer.at(Security.STARTTLS), peer.authority.client_context()), credential)
    opener = Opener(smtp(seconds=PATIENCE_SECONDS), monotonic)
    return Sending(SmtpWayOut(opener, ways, monotonic))


def body_of(received: bytes) -> bytes:
    """Take the header off, to which each server adds."""
    return received.partition(b"\r\n\r\n")[2]


@dataclass(frozen=True, slots=True)
class Pair:
    """Postfix with Dovecot, a server behind it, and what its tokens are worth."""

    peer: Peer
    behind: SmtpServer
    oauth: OAuthServer
    log: Path


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def pair() -> AsyncIterator[Pair]:
    authority = Authority()
    with tempfile.TemporaryDirectory(prefix="mail-") as directory:
        async with (
            OAuthServer(authority.server_context(), OAuthBehaviour()) as oauth,
            SmtpServer(authority.server_context(), BEHIND) as behind,
            RealMailServer.start(
                Path(directory), authority, USERS, f"{oauth.url}/introspect",
                {"kept": (f"content_filter = smtp:[127.0.0.1]:{behind.port}",)},
            ) as mail,
        ):  # fmt: skip
            peer = Peer(mail.variants["kept"], authority)
            yield Pair(peer, behind, oauth, Path(directory) / "log")


@pytest.mark.parametrize("name", BODIES, ids=bytes.decode)
async def test_postfix_gets_a_message_as_it_is(pair: Pair, name: bytes) -> None:
    out = sending(pair.peer)
    before = len(pair.behind.messages)

    outcome = await out.send(name)

    assert isinstance(outcome, Taken), outcome
    await until(lambda: len(pair.behind.messages) > before)
    await out.way_out.close()
    assert body_of(pair.behind.messages[-1]) == BODIES[name]


async def test_postfix_takes_many_messages_by_one_login(pair: Pair) -> None:
    out = sending(pair.peer)

    outcomes = await asyncio.gather(*(out.send(b"dots") for _ in range(30)))
    await out.way_out.close()

    assert {type(each) for each in outcomes} == {Taken}
    told = "ehlo=2 starttls=1 auth=1 mail=30 rcpt=30 data=30 quit=1"
    await until(lambda: told in pair.log.read_text())


async def test_dovecot_takes_a_token_for_mail(pair: Pair) -> None:
    token = pair.oauth.ledger.issue_access("ya29.", Grant("app", JANE, SCOPE), 3600)
    out = sending(pair.peer, Bearer(JANE, token))

    outcomes = [await out.send(b"dots"), await out.send(b"eight-bits")]
    await out.way_out.close()

    assert {type(each) for each in outcomes} == {Taken}


async def test_dovecot_s_refusal_of_a_token_sends_nothing(pair: Pair) -> None:
    out = sending(pair.peer, Bearer(JANE, "ya29.unknown"))

    outcome = await out.send(b"dots")

    assert isinstance(outcome, NotSent)


async def test_postfix_s_refusal_of_the_size_is_about_the_message(pair: Pair) -> None:
    out = sending(pair.peer)
    huge = replace(message(b"x" * 70 + b"\r\n" * 6_000_000))

    outcome = await out.way_out.send(Route(case()), huge)
    again = await out.send(b"dots")
    await out.way_out.close()

    assert isinstance(outcome, Refused)
    assert (outcome.answer.code, outcome.trouble) == (552, None)
    assert isinstance(again, Taken)


async def test_opensmtpd_gets_messages_as_they_are_by_one_login() -> None:
    authority = Authority()
    async with (
        SmtpServer(authority.server_context(), BEHIND) as behind,
        opensmtpd(via=f"smtp://127.0.0.1:{behind.port}") as peer,
    ):
        out = sending(peer)
        outcomes = [await out.send(name) for name in BODIES]
        await until(lambda: len(behind.messages) == len(BODIES))
        await out.way_out.close()

    assert {type(each) for each in outcomes} == {Taken}
    assert sorted(map(body_of, behind.messages)) == sorted(BODIES.values())


async def test_exim_gets_messages_as_they_are() -> None:
    async with exim("acl_smtp_data = recipient", "queue_only", "message_size_limit = 50M") as peer:
        out = sending(peer)
        outcomes = [await out.send(name) for name in BODIES]
        await out.way_out.close()
        spool = peer.directory / "spool" / "input"
        kept = [each.read_bytes().partition(b"\n")[2] for each in spool.rglob("*-D")]

    assert {type(each) for each in outcomes} == {Taken}
    assert sorted(kept) == sorted(each.replace(b"\r\n", b"\n") for each in BODIES.values())
