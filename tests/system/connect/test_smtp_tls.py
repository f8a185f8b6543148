"""TLS always, verified, 1.2 or newer; whatever is wrong with it is named, and no login follows."""

import socket
import ssl
from dataclasses import replace

import pytest

from lab.attempts import refusal
from lab.servers import smtp as servers
from lab.servers.authority import Authority, self_signed, server_context, weak_key
from lab.servers.plain_tls import shaking_hands
from lab.servers.smtp import Stage, StartTls
from lab.servers.talker import talking
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.smtp.handshakes import (
    BROKEN,
    CLIENT_CERTIFICATE,
    FALSE_OFFER,
    HUNG_UP,
    NOTHING_SHARED,
    OLD,
)
from mailbox_operator.connect.smtp.proof import Target
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import GOOD, JANE, JANES, SOON, endpoint, refusal_of, smtp, target
from system.connect.conftest import Serve

TLS_1_1 = ssl.TLSVersion.TLSv1_1
NO_STARTTLS = b"502 5.5.1 Command not implemented"


def bad_context(authority: Authority, what: str) -> ssl.SSLContext:
    match what:
        case "expired":
            return authority.server_context(expired=True)
        case "not yet valid":
            return server_context(authority.certificate(not_yet_valid=True))
        case "wrong name":
            return authority.server_context("mail.example")
        case "weak key":
            return server_context(authority.certificate(key=weak_key()), security_level=0)
        case "self-signed":
            return server_context(self_signed())
        case _:
            return Authority("Somebody else").server_context()


@pytest.mark.parametrize("security", list(servers.Security))
@pytest.mark.parametrize(
    ("what", "finding", "problem"),
    [
        ("expired", Finding.CERTIFICATE_EXPIRED, "it expired on "),
        ("not yet valid", Finding.CERTIFICATE_NOT_YET_VALID, "it is not valid yet"),
        (
            "wrong name",
            Finding.NAME_NOT_ON_CERTIFICATE,
            "it is for mail.example, not for 127.0.0.1",
        ),
        ("self-signed", Finding.AUTHORITY_UNKNOWN, "it is self-signed"),
        (
            "unknown authority",
            Finding.ISSUER_UNKNOWN,
            "its issuer (Somebody else) is not known here, and the server sends no intermediate",
        ),
        ("weak key", Finding.CERTIFICATE_TOO_WEAK, "its key is too weak"),
    ],
)
async def test_the_smtp_client_refuses_a_bad_certificate(
    serve: Serve, authority: Authority, security: servers.Security, what: str, finding: Finding,
    problem: str,
) -> None:  # fmt: skip
    server = await serve(replace(GOOD, security=security), bad_context(authority, what))
    fault = await refusal_of(server, authority)

    assert fault.reason is Reason.TLS_VERIFICATION_FAILED
    assert fault.finding is finding
    assert fault.facts["problem"].startswith(problem)
    assert (server.auths, server.connections) == (0, 2)


@pytest.mark.parametrize("security", list(Security))
async def test_the_smtp_client_refuses_old_tls(authority: Authority, security: Security) -> None:
    old = authority.server_context(minimum=TLS_1_1, maximum=TLS_1_1)

    fault = await refusal_by_hand(old, authority, security)

    assert fault.facts["problem"] == OLD


@pytest.mark.parametrize("security", list(Security))
async def test_a_server_without_a_cipher_of_ours_is_its_administrators(
    authority: Authority, security: Security
) -> None:
    choosy = authority.server_context(maximum=ssl.TLSVersion.TLSv1_2)
    choosy.set_ciphers("ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0")

    fault = await refusal_by_hand(choosy, authority, security)

    assert fault.facts["problem"] == NOTHING_SHARED


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
@pytest.mark.parametrize("security", list(Security))
async def test_a_server_that_wants_a_client_certificate_is_its_administrators(
    authority: Authority, security: Security, version: ssl.TLSVersion
) -> None:
    strict = authority.server_context(maximum=version)
    strict.verify_mode = ssl.CERT_REQUIRED

    fault = await refusal_by_hand(strict, authority, security)

    told = {ssl.TLSVersion.TLSv1_2: NOTHING_SHARED, ssl.TLSVersion.TLSv1_3: CLIENT_CERTIFICATE}
    assert fault.facts["problem"] == told[version]


@pytest.mark.parametrize(
    ("alert", "problem", "certain"),
    [
        (40, NOTHING_SHARED, True),
        (49, "the handshake breaks off (access denied)", True),
        (70, OLD, True),
        (71, NOTHING_SHARED, True),
        (80, BROKEN, False),
        (112, "it serves no host of this name", True),
        (121, "the handshake breaks off (without a reason)", True),
    ],
)
async def test_an_alert_is_no_matter_of_the_port(
    authority: Authority,
    alert: int,
    problem: str,
    certain: bool,  # noqa: FBT001 - a column
) -> None:
    def refuse(connection: socket.socket) -> None:
        connection.recv(4096)
        connection.sendall(bytes((0x15, 3, 3, 0, 2, 2, alert)))

    with talking(refuse) as port:
        aim = Target(Endpoint("127.0.0.1", port, Security.TLS), authority.client_context())
        fault = await refusal(smtp().prove(aim, JANES, JANE))

    assert (fault.reason, fault.certain) == (Reason.TLS_HANDSHAKE_FAILED, certain)
    assert fault.facts["problem"] == problem


@pytest.mark.parametrize("security", list(Security))
async def test_a_server_that_hangs_up_in_the_handshake_is_told(
    authority: Authority, security: Security
) -> None:
    def hang_up(connection: socket.socket) -> None:
        if security is Security.STARTTLS:
            connection.sendall(b"220 mail.test\r\n")
            for word in (b"250-mail.test\r\n250 STARTTLS\r\n", b"220 Go ahead\r\n"):
                connection.recv(1024)
                connection.sendall(word)
        connection.recv(1024)
        connection.shutdown(socket.SHUT_RDWR)

    with talking(hang_up) as port:
        aim = Target(Endpoint("127.0.0.1", port, security), authority.client_context())
        fault = await refusal(smtp().prove(aim, JANES, JANE))

    assert (fault.reason, fault.facts["code"]) == (Reason.PROVIDER_UNAVAILABLE, HUNG_UP)


async def test_plain_text_after_starttls_is_the_servers(authority: Authority) -> None:
    def lie(connection: socket.socket) -> None:
        connection.sendall(b"220 mail.test\r\n")
        for word in (b"250-mail.test\r\n250 STARTTLS\r\n", b"220 Go ahead\r\n", b"250 Hello\r\n"):
            connection.recv(1024)
            connection.sendall(word)

    with talking(lie) as port:
        aim = Target(Endpoint("127.0.0.1", port, Security.STARTTLS), authority.client_context())
        fault = await refusal(smtp().prove(aim, JANES, JANE))

    assert fault.reason is Reason.TLS_HANDSHAKE_FAILED
    assert fault.facts["problem"] == FALSE_OFFER


async def refusal_by_hand(
    context: ssl.SSLContext, authority: Authority, security: Security
) -> Fault:
    with shaking_hands(context, starttls=security is Security.STARTTLS) as port:
        aim = Target(Endpoint("127.0.0.1", port, security), authority.client_context())
        fault = await refusal(smtp().prove(aim, JANES, JANE))
    assert fault.reason is Reason.TLS_HANDSHAKE_FAILED
    return fault


@pytest.mark.parametrize("starttls", [StartTls.STRIPPED, StartTls.REFUSED])
async def test_the_smtp_client_never_logs_in_without_tls(
    serve: Serve, authority: Authority, starttls: StartTls
) -> None:
    server = await serve(replace(GOOD, starttls=starttls))

    fault = await refusal_of(server, authority)

    passing = starttls is StartTls.REFUSED  # 454
    assert fault.reason is (Reason.PROVIDER_UNAVAILABLE if passing else Reason.TLS_MODE_MISMATCH)
    assert server.auths == 0


async def test_the_smtp_client_takes_a_lasting_refusal_of_starttls_for_a_mismatch(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(replace(GOOD, replies={Stage.STARTTLS: NO_STARTTLS}))

    fault = await refusal_of(server, authority)

    assert (fault.reason, server.auths) == (Reason.TLS_MODE_MISMATCH, 0)


async def test_the_smtp_client_recognizes_plain_text_on_a_tls_port(
    serve: Serve, authority: Authority
) -> None:
    server = await serve()

    fault = await refusal(smtp().prove(target(server, authority, Security.TLS), JANES, JANE))

    assert (fault.reason, fault.facts["security"]) == (Reason.TLS_MODE_MISMATCH, "TLS")


@pytest.mark.parametrize(
    ("said", "reason", "detail"),
    [
        (b"421 Too many connections\r\n", Reason.RATE_LIMITED, "BANNER 421 Too many connections"),
        (b"554-No\r\n554 service\r\n", Reason.ACCESS_BLOCKED, "BANNER 554 No service"),
        (b"454 4.3.0 Later\r\n", Reason.PROVIDER_UNAVAILABLE, "BANNER 454 4.3.0 Later"),
    ],
)
async def test_a_refusal_in_plain_text_at_the_port_of_tls_is_read(
    authority: Authority, said: bytes, reason: Reason, detail: str
) -> None:
    with talking(lambda connection: connection.sendall(said)) as port:
        aim = Target(Endpoint("127.0.0.1", port, Security.TLS), authority.client_context())
        fault = await refusal(smtp().prove(aim, JANES, JANE))

    assert (fault.reason, fault.detail) == (reason, detail)


async def test_the_smtp_client_recognizes_tls_where_starttls_was_expected(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(replace(GOOD, security=servers.Security.TLS))

    aim = target(server, authority, Security.STARTTLS)
    fault = await refusal(smtp(seconds=SOON).prove(aim, JANES, JANE))

    assert fault.reason is Reason.TLS_MODE_MISMATCH
    assert fault.facts["other"] == ", but TLS from its first byte"
    assert (server.connections, server.auths) == (2, 0)


async def test_an_intermediate_authority_is_trusted_as_it_is(serve: Serve, trust: Trust) -> None:
    issuing = Authority("Issuing", issuer=Authority("Root"))
    server = await serve(context=issuing.server_context())

    trusting = await trust.load_context(Secret("ca", {"ca.crt": issuing.ca_pem}))
    await smtp().prove(Target(endpoint(server), trusting), JANES, JANE)

    assert server.attempts[0].accepted


async def test_the_smtp_client_trusts_the_authority_of_a_secret_alone(
    serve: Serve, trust: Trust
) -> None:
    own = Authority("The tenant's own")
    server = await serve(context=own.server_context())
    secret = {"ca.crt": b"# Zertifikat f\xc3\xbcr uns\n" + own.ca_pem}

    trusting = await trust.load_context(Secret("ca", secret))
    await smtp().prove(Target(endpoint(server), trusting), JANES, JANE)

    assert server.attempts[0].accepted
