"""Each real mail server, with its own defaults, and the operator agree on what went well or wrong."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest
import pytest_asyncio

from lab.servers.authority import Authority
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.smtp.credentials import Password
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Provider, Security
from system.connect.cases import JANE, JOE, case
from system.connect.oauth import World
from system.mail.peers import Peer, chasquid, dovecot, exim, nginx, opensmtpd, postfix

pytestmark = pytest.mark.asyncio(loop_scope="module")  # most servers take a second to start

SECURITIES: Final = pytest.mark.parametrize("security", list(Security))


@dataclass(frozen=True, slots=True)
class Server:
    """A kind of server.

    Attributes:
        wrong_password: The codes that refuse one.
        foreign_sender: Where another's address is refused, and the codes; None if nowhere.
        http_offered: What is said where a client offers it HTTP by ALPN; None if it does not care.
    """

    run: Callable[[], AbstractAsyncContextManager[Peer]]
    wrong_password: str
    foreign_sender: tuple[str, str] | None
    http_offered: Reason | None = None


SERVERS: Final = {
    "Postfix": Server(postfix, "535 5.7.8", ("RCPT", "553 5.7.1")),
    "Exim": Server(exim, "535", ("RCPT", "550"), Reason.TLS_HANDSHAKE_FAILED),
    "OpenSMTPD": Server(opensmtpd, "535", ("MAIL", "530")),
    "chasquid": Server(chasquid, "535 5.7.8", None),
    "Dovecot": Server(dovecot, "535 5.7.8", ("MAIL", "553 5.0.0")),
    "nginx": Server(nginx, "535 5.7.0", ("MAIL", "553 5.7.1"), Reason.TLS_HANDSHAKE_FAILED),
}


@dataclass(frozen=True, slots=True)
class Met:
    """A running server and its kind."""

    kind: Server
    peer: Peer


@pytest_asyncio.fixture(scope="module", loop_scope="module", params=SERVERS)
async def met(request: pytest.FixtureRequest) -> AsyncIterator[Met]:
    kind = SERVERS[request.param]
    async with kind.run() as peer:
        yield Met(kind, peer)


@SECURITIES
async def test_a_right_login_is_proved(met: Met, security: Security) -> None:
    await met.peer.prove(security=security)


async def test_a_wrong_password_is_the_owners(met: Met) -> None:
    fault = await met.peer.refusal(Password(JANE, "wrong"))

    assert (fault.reason, fault.certain) == (Reason.INVALID_CREDENTIALS, True)
    assert fault.facts["code"] == met.kind.wrong_password


async def test_an_unknown_user_is_refused_as_a_wrong_password_is(met: Met) -> None:
    fault = await met.peer.refusal(Password("nobody@acme.example", "wrong"))

    assert (fault.reason, fault.certain) == (Reason.INVALID_CREDENTIALS, True)


async def test_a_foreign_sender_is_not_connected_where_the_server_judges_senders(met: Met) -> None:
    assert await judged(met.peer, JOE) == met.kind.foreign_sender


async def judged(peer: Peer, sender: str) -> tuple[str, str] | None:
    """Try to send as somebody; tell where the server refused it, and the codes."""
    try:
        await peer.prove(sender=sender)
    except Fault as fault:
        if fault.reason is not Reason.SENDER_NOT_ALLOWED:
            raise
        return fault.detail.split()[0], fault.facts["code"]
    return None


async def test_starttls_at_the_port_of_tls_is_a_mismatch(met: Met) -> None:
    wrong = replace(met.peer.at(Security.TLS), security=Security.STARTTLS)

    fault = await met.peer.refusal(endpoint=wrong, seconds=1)

    assert fault.reason is Reason.TLS_MODE_MISMATCH
    assert fault.facts["other"] == ", but TLS from its first byte"


async def test_tls_at_the_port_of_starttls_is_a_mismatch(met: Met) -> None:
    wrong = replace(met.peer.at(Security.STARTTLS), security=Security.TLS)

    fault = await met.peer.refusal(endpoint=wrong)

    assert fault.reason is Reason.TLS_MODE_MISMATCH
    assert fault.facts["other"] == ", but STARTTLS answers there: use that"


@SECURITIES
async def test_a_certificate_of_an_unknown_authority_is_named(met: Met, security: Security) -> None:
    other = Authority("Somebody else").client_context()

    fault = await met.peer.refusal(security=security, tls=other)

    assert fault.reason is Reason.TLS_VERIFICATION_FAILED
    assert fault.facts["problem"].startswith("its issuer (Throw-away authority) is not known here")


async def test_a_certificate_for_another_name_is_named(met: Met) -> None:
    fault = await met.peer.refusal(certificate_name="mail.elsewhere.example")

    assert (fault.reason, fault.finding) == (
        Reason.TLS_VERIFICATION_FAILED,
        Finding.NAME_NOT_ON_CERTIFICATE,
    )


async def test_a_request_for_a_token_changes_no_later_login(met: Met, tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(met.peer.authority.ca_pem)
    trust = Trust(bundle)
    async with World.running(met.peer.authority, trust) as world:
        await world.google.connect(case(Provider.GOOGLE))

    await met.peer.prove(tls=trust.context())


@SECURITIES
async def test_a_server_that_is_strict_about_alpn_turns_a_client_of_http_away(
    met: Met, security: Security
) -> None:
    offering_http = met.peer.authority.client_context()
    offering_http.set_alpn_protocols(["http/1.1"])

    assert await met.peer.reason(security=security, tls=offering_http) is met.kind.http_offered
