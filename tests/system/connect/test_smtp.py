"""A login is proved by one mechanism, once, and the sender with it; nothing is sent."""

import socket
from dataclasses import replace

import pytest

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.smtp import Mischief, OAuthStyle, Security, SmtpServer, Stage
from mailbox_operator.connect.smtp.credentials import Bearer, Credential, Password
from mailbox_operator.decide.failure.reasons import Reason
from system.connect.cases import GOOD, JANE, JANES, JOE, PASSWORD, TOKEN, refusal_of, smtp, target
from system.connect.conftest import Serve

TOKENS = Bearer(JANE, TOKEN)
SECURITIES = pytest.mark.parametrize("security", list(Security))


@SECURITIES
@pytest.mark.parametrize(
    ("credential", "mechanism"), [(JANES, "PLAIN"), (JANES, "LOGIN"), (TOKENS, "XOAUTH2")]
)
async def test_the_smtp_client_proves_a_login(
    serve: Serve, authority: Authority, security: Security, credential: Credential, mechanism: str
) -> None:
    server = await serve(replace(GOOD, security=security, mechanisms=(mechanism,)))

    await smtp().prove(target(server, authority), credential, JANE)

    (attempt,) = server.attempts
    assert (attempt.mechanism, attempt.auths, attempt.username) == (mechanism, 1, JANE)
    assert (attempt.accepted, attempt.sender, attempt.stage) == (True, JANE, Stage.QUIT)


async def test_resets_before_it_leaves(serve: Serve, authority: Authority) -> None:
    server = await serve(replace(GOOD, mischief={Stage.RSET: Mischief.DROP}))

    await smtp().prove(target(server, authority), JANES, JANE)

    assert server.attempts[0].stage is Stage.RSET


async def test_the_smtp_client_proves_a_login_without_a_sender(
    serve: Serve, authority: Authority
) -> None:
    server = await serve()

    await smtp().prove(target(server, authority), JANES, None)

    assert server.attempts[0].sender is None
    assert server.attempts[0].stage is Stage.QUIT


async def test_the_smtp_client_prefers_plain(serve: Serve, authority: Authority) -> None:
    server = await serve(replace(GOOD, mechanisms=("CRAM-MD5", "LOGIN", "XOAUTH2", "PLAIN")))

    await smtp().prove(target(server, authority), JANES, JANE)

    assert server.attempts[0].mechanism == "PLAIN"


async def test_understands_the_old_way_to_offer_mechanisms(
    serve: Serve, authority: Authority
) -> None:
    told = b"250-mail.test\r\n250 AUTH=LOGIN"
    server = await serve(replace(GOOD, replies={Stage.EHLO: (None, told)}))

    await smtp().prove(target(server, authority), JANES, JANE)

    assert server.attempts[0].mechanism == "LOGIN"


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN"])
async def test_the_smtp_client_guesses_no_password_twice(
    serve: Serve, authority: Authority, mechanism: str
) -> None:
    server = await serve(replace(GOOD, mechanisms=(mechanism,)))

    fault = await refusal_of(server, authority, Password(JANE, "wrong"))

    assert fault.reason is Reason.INVALID_CREDENTIALS
    assert (server.connections, server.auths) == (1, 1)


async def test_the_smtp_client_asks_for_an_app_password_where_one_is_wanted(
    serve: Serve, authority: Authority
) -> None:
    server = await serve()

    fault = await refusal_of(server, authority, Password(JANE, "wrong", app_password=True))

    assert fault.reason is Reason.APP_PASSWORD_REQUIRED


@pytest.mark.parametrize("credential", [JANES, TOKENS])
async def test_the_smtp_client_sends_no_credentials_to_a_server_that_offers_no_mechanism(
    serve: Serve, authority: Authority, credential: Credential
) -> None:
    server = await serve(replace(GOOD, mechanisms=("GSSAPI",)))

    fault = await refusal_of(server, authority, credential)

    assert (fault.reason, server.auths) == (Reason.SMTP_AUTH_DISABLED, 0)
    assert fault.facts["code"] == "it offers GSSAPI"


async def test_the_smtp_client_reports_a_refused_sender(serve: Serve, authority: Authority) -> None:
    server = await serve(replace(GOOD, senders=(JOE,)))

    fault = await refusal_of(server, authority)

    assert (fault.reason, fault.facts["code"]) == (Reason.SENDER_NOT_ALLOWED, "553 5.7.1")


async def test_the_smtp_client_offers_its_address_as_a_recipient_and_sends_nothing(
    serve: Serve, authority: Authority
) -> None:
    server = await serve()

    await smtp().prove(target(server, authority), JANES, JANE)

    assert (server.attempts[0].recipient, server.attempts[0].stage) == (JANE, Stage.QUIT)


@pytest.mark.parametrize(
    "reply",
    [
        b"550 User <jane> unknown",
        b"550 Invalid recipient",
        b"550 5.7.1 <jane@acme.example>: Recipient address rejected: Access denied",
        b"554 5.7.1 <jane@acme.example>: Relay access denied",
        b"550 5.7.1 RESOLVER.RST.RecipNotAuthorized; sender is not authorized to send to the recipient",
        b"550 5.2.1 The email account that you tried to reach is disabled",
        b"450 4.2.0 <jane@acme.example>: Recipient address rejected: Greylisted",
        b"451 4.7.1 Greylisting in action, come back later",
        b"452 4.2.2 The recipient's mailbox is full",
        b"502 5.5.1 Command not implemented",
        b"421 4.3.2 Closing",
    ],
)
async def test_a_refused_recipient_is_no_news(
    serve: Serve, authority: Authority, reply: bytes
) -> None:
    server = await serve(replace(GOOD, replies={Stage.RCPT: reply}))

    await smtp().prove(target(server, authority), JANES, JANE)

    assert server.attempts[0].recipient == JANE


@pytest.mark.parametrize(("status", "challenge"), [("400", "400"), ("401", "401"), ("777", "")])
async def test_the_smtp_client_tells_googles_challenge(
    serve: Serve, authority: Authority, status: str, challenge: str
) -> None:
    server = await serve(replace(GOOD, oauth_status=status))

    fault = await refusal_of(server, authority, Bearer(JANE, "bad"))

    assert (fault.reason, fault.facts["challenge"]) == (Reason.GRANT_REVOKED, challenge)
    assert server.auths == 1


async def test_the_smtp_client_reads_microsofts_refusal(serve: Serve, authority: Authority) -> None:
    server = await serve(replace(GOOD, oauth_style=OAuthStyle.MICROSOFT))

    fault = await refusal_of(server, authority, Bearer(JANE, "bad"))

    assert (fault.reason, server.auths) == (Reason.IDENTITY_MISMATCH, 1)


@pytest.mark.parametrize("style", list(OAuthStyle))
async def test_the_smtp_client_reads_the_refusal_of_an_app(
    serve: Serve, authority: Authority, style: OAuthStyle
) -> None:
    server = await serve(replace(GOOD, oauth_style=style))

    fault = await refusal_of(server, authority, Bearer(JANE, "bad", app_only=True))

    assert (fault.reason, server.auths) == (Reason.DELEGATION_NOT_GRANTED, 1)


@pytest.mark.parametrize("challenge", [b"334 ", b"334 e30=", b"334 W10=", b"334 !!"])
async def test_the_smtp_client_survives_a_challenge_that_makes_no_sense(
    serve: Serve, authority: Authority, challenge: bytes
) -> None:
    server = await serve(replace(GOOD, replies={Stage.AUTH: (challenge, None)}))

    fault = await refusal_of(server, authority, TOKENS)

    assert (fault.reason, fault.facts["challenge"]) == (Reason.GRANT_REVOKED, "")


async def test_the_smtp_client_dials_a_name_and_holds_the_certificate_to_it(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(context=authority.server_context("localhost"))
    named = SmtpServer(server.context, GOOD, host="localhost", port=server.port)

    await smtp().prove(target(named, authority), JANES, JANE)
    fault = await refusal(smtp().prove(target(server, authority), JANES, JANE))

    assert fault.reason is Reason.TLS_VERIFICATION_FAILED
    assert fault.facts["problem"] == "it is for localhost, not for 127.0.0.1"


def has_ipv6() -> bool:
    try:
        with socket.create_server(("::1", 0), family=socket.AF_INET6):
            return True
    except OSError:
        return False


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
async def test_the_smtp_client_speaks_ipv6(authority: Authority) -> None:
    async with SmtpServer(authority.server_context("::1"), GOOD, host="::1") as server:
        await smtp().prove(replace(target(server, authority), trusted=True), JANES, JANE)

    assert server.attempts[0].accepted


def test_the_smtp_client_shows_no_secret_of_a_credential() -> None:
    shown = repr((JANES, TOKENS))

    assert [secret for secret in (JANE, PASSWORD, TOKEN) if secret in shown] == []
