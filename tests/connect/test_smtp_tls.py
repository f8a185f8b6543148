"""TLS always, verified, 1.2 or newer; whatever is wrong with it is named, and no login follows."""

import ssl
from dataclasses import replace

import pytest

from connect.cases import GOOD, JANE, JANES, SOON, endpoint, refusal, refusal_of, smtp, target
from connect.conftest import Serve
from mailbox_operator.connect.smtp import Target
from mailbox_operator.connect.trust import Trust
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.secret import Secret
from mailbox_operator.decide.status import Endpoint
from mailbox_operator.decide.words import Security
from servers import smtp as servers
from servers.authority import Authority, self_signed, server_context
from servers.plain_tls import shaking_hands
from servers.smtp import Stage, StartTls

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
        case "self-signed":
            return server_context(self_signed())
        case _:
            return Authority("Somebody else").server_context()


@pytest.mark.parametrize("security", list(servers.Security))
@pytest.mark.parametrize(
    ("what", "problem"),
    [
        ("expired", "certificate has expired"),
        ("not yet valid", "certificate is not yet valid"),
        ("wrong name", "IP address mismatch, certificate is not valid for '127.0.0.1'"),
        ("self-signed", "self-signed certificate"),
        ("unknown authority", "unable to get local issuer certificate"),
    ],
)
async def test_refuses_a_bad_certificate(
    serve: Serve, trust: Trust, authority: Authority, security: servers.Security, what: str,
    problem: str,
) -> None:  # fmt: skip
    server = await serve(replace(GOOD, security=security), bad_context(authority, what))
    aim = Target(endpoint(server), trust.context())

    fault = await refusal(smtp().prove(aim, JANES, JANE))

    assert fault.reason is Reason.TLS_VERIFICATION_FAILED
    assert (fault.facts["problem"], server.auths) == (problem, 0)


@pytest.mark.parametrize("security", list(Security))
async def test_refuses_old_tls(authority: Authority, security: Security) -> None:
    old = authority.server_context(minimum=TLS_1_1, maximum=TLS_1_1)

    fault = await refusal_by_hand(old, authority, security)

    assert fault.facts["problem"] == "it offers no TLS 1.2 or newer"


@pytest.mark.parametrize("security", list(Security))
async def test_names_a_handshake_that_the_server_breaks_off(
    authority: Authority, security: Security
) -> None:
    choosy = authority.server_context(maximum=ssl.TLSVersion.TLSv1_2)
    choosy.set_ciphers("ECDHE-ECDSA-AES128-CCM8:@SECLEVEL=0")

    fault = await refusal_by_hand(choosy, authority, security)

    assert fault.facts["problem"] == "it broke off the TLS handshake"


async def refusal_by_hand(
    context: ssl.SSLContext, authority: Authority, security: Security
) -> Fault:
    with shaking_hands(context, starttls=security is Security.STARTTLS) as port:
        aim = Target(Endpoint("127.0.0.1", port, security), authority.client_context())
        fault = await refusal(smtp().prove(aim, JANES, JANE))
    assert fault.reason is Reason.TLS_VERIFICATION_FAILED
    return fault


@pytest.mark.parametrize("starttls", [StartTls.STRIPPED, StartTls.REFUSED])
async def test_never_logs_in_without_tls(
    serve: Serve, authority: Authority, starttls: StartTls
) -> None:
    server = await serve(replace(GOOD, starttls=starttls))

    fault = await refusal_of(server, authority)

    passing = starttls is StartTls.REFUSED  # 454
    assert fault.reason is (Reason.PROVIDER_UNAVAILABLE if passing else Reason.TLS_MODE_MISMATCH)
    assert server.auths == 0


async def test_takes_a_lasting_refusal_of_starttls_for_a_mismatch(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(replace(GOOD, replies={Stage.STARTTLS: NO_STARTTLS}))

    fault = await refusal_of(server, authority)

    assert (fault.reason, server.auths) == (Reason.TLS_MODE_MISMATCH, 0)


async def test_recognizes_plain_text_on_a_tls_port(serve: Serve, authority: Authority) -> None:
    server = await serve()

    fault = await refusal(smtp().prove(target(server, authority, Security.TLS), JANES, JANE))

    assert (fault.reason, fault.facts["security"]) == (Reason.TLS_MODE_MISMATCH, "TLS")


async def test_recognizes_tls_where_starttls_was_expected(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(replace(GOOD, security=servers.Security.TLS))

    aim = target(server, authority, Security.STARTTLS)
    fault = await refusal(smtp(seconds=SOON).prove(aim, JANES, JANE))

    assert fault.reason is Reason.TLS_MODE_MISMATCH
    assert fault.facts["other"] == ", but TLS from its first byte"
    assert (server.connections, server.auths) == (2, 0)


async def test_trusts_the_authority_of_a_secret_alone(serve: Serve, trust: Trust) -> None:
    own = Authority("The tenant's own")
    server = await serve(context=own.server_context())
    secret = {"ca.crt": b"# Zertifikat f\xc3\xbcr uns\n" + own.ca_pem}

    trusting = await trust.context_for(Secret("ca", secret))
    await smtp().prove(Target(endpoint(server), trusting), JANES, JANE)

    assert server.attempts[0].accepted
