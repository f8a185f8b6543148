"""A bad server costs a bounded time and memory, and its trouble is told from ours."""

import asyncio
import tracemalloc
from dataclasses import replace

import pytest

from lab.attempts import refusal
from lab.servers import smtp as servers
from lab.servers.authority import Authority
from lab.servers.babbler import babbler
from lab.servers.silence import black_hole, closed_port
from lab.servers.smtp import Mischief, Stage
from mailbox_operator.connect.smtp.proof import Target
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import GOOD, JANE, JANES, SOON, refusal_of, smtp, target
from system.connect.conftest import Serve

SLOW = {Mischief.HANG, Mischief.DRIP}
PROVING = [Stage.BANNER, Stage.EHLO, Stage.STARTTLS, Stage.AUTH, Stage.MAIL]
ENDLESS = [Mischief.ENDLESS_LINE, Mischief.ENDLESS_LINES]
LIMIT = 10


async def refusal_at(port: int, authority: Authority, seconds: float = LIMIT) -> Fault:
    at = Endpoint("127.0.0.1", port, Security.STARTTLS)
    aim = Target(at, authority.client_context())
    async with asyncio.timeout(LIMIT):
        return await refusal(smtp(seconds=seconds).prove(aim, JANES, JANE))


async def test_the_smtp_client_reports_a_closed_port(authority: Authority) -> None:
    fault = await refusal_at(closed_port(), authority)

    assert (fault.reason, fault.facts["other"]) == (Reason.CONNECTION_REFUSED, "")


async def test_the_smtp_client_reports_a_host_that_does_not_answer(authority: Authority) -> None:
    with black_hole() as port:
        fault = await refusal_at(port, authority, SOON)

    assert fault.reason is Reason.CONNECTION_TIMEOUT


@pytest.mark.parametrize("stage", PROVING)
@pytest.mark.parametrize(
    ("mischief", "reason"),
    [
        (Mischief.HANG, Reason.PROVIDER_UNAVAILABLE),
        (Mischief.DRIP, Reason.PROVIDER_UNAVAILABLE),
        (Mischief.DROP, Reason.PROVIDER_UNAVAILABLE),
        (Mischief.ENDLESS_LINE, Reason.UNKNOWN),
        (Mischief.ENDLESS_LINES, Reason.UNKNOWN),
    ],
)
async def test_bears_with_a_bad_server(
    serve: Serve, authority: Authority, stage: Stage, mischief: Mischief, reason: Reason
) -> None:
    server = await serve(replace(GOOD, mischief={stage: mischief}))

    async with asyncio.timeout(LIMIT):
        patience = SOON if mischief in SLOW else LIMIT
        fault = await refusal_of(server, authority, seconds=patience)

    silent = stage is Stage.BANNER and mischief in SLOW
    assert fault.reason is (Reason.CONNECTION_TIMEOUT if silent else reason)
    assert server.auths == (stage in {Stage.AUTH, Stage.MAIL})


@pytest.mark.parametrize("stage", [Stage.BANNER, Stage.EHLO])
@pytest.mark.parametrize(
    ("mischief", "reason"),
    [
        (Mischief.HANG, Reason.PROVIDER_UNAVAILABLE),
        (Mischief.DROP, Reason.PROVIDER_UNAVAILABLE),
        (Mischief.ENDLESS_LINES, Reason.UNKNOWN),
    ],
)
async def test_bears_with_a_bad_server_on_a_tls_port(
    serve: Serve, authority: Authority, stage: Stage, mischief: Mischief, reason: Reason
) -> None:
    server = await serve(replace(GOOD, security=servers.Security.TLS, mischief={stage: mischief}))

    async with asyncio.timeout(LIMIT):
        patience = SOON if mischief in SLOW else LIMIT
        fault = await refusal_of(server, authority, seconds=patience)

    silent = stage is Stage.BANNER and mischief is Mischief.HANG
    assert fault.reason is (Reason.CONNECTION_TIMEOUT if silent else reason)


async def test_the_smtp_client_says_at_what_a_server_fell_silent_and_points_at_no_other_port(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(replace(GOOD, mischief={Stage.MAIL: Mischief.HANG}))

    fault = await refusal_of(server, authority, seconds=SOON)

    assert fault.facts["code"] == "no answer at MAIL"
    assert "other" not in fault.facts


@pytest.mark.parametrize("stage", [Stage.RCPT, Stage.RSET, Stage.QUIT])
@pytest.mark.parametrize("mischief", list(Mischief))
async def test_the_smtp_client_does_not_mind_how_a_good_server_says_goodbye(
    serve: Serve, authority: Authority, stage: Stage, mischief: Mischief
) -> None:
    server = await serve(replace(GOOD, mischief={stage: mischief}))

    async with asyncio.timeout(LIMIT):
        patience = SOON if mischief in SLOW else LIMIT
        await smtp(seconds=patience).prove(target(server, authority), JANES, JANE)

    assert server.attempts[0].sender == JANE


@pytest.mark.parametrize("reply", [b"garbage", b"500 5.5.1 What?", b"421 Closing"])
async def test_the_smtp_client_does_not_mind_what_a_good_server_answers_to_quit(
    serve: Serve, authority: Authority, reply: bytes
) -> None:
    server = await serve(replace(GOOD, replies={Stage.QUIT: reply}))

    await smtp().prove(target(server, authority), JANES, JANE)

    assert server.attempts[0].accepted


@pytest.mark.parametrize("mischief", ENDLESS)
async def test_the_smtp_client_keeps_little_of_an_endless_reply(
    serve: Serve, authority: Authority, mischief: Mischief
) -> None:
    server = await serve(replace(GOOD, mischief={Stage.EHLO: mischief}))
    aim = target(server, authority)

    tracemalloc.start()
    try:
        await refusal(smtp().prove(aim, JANES, JANE))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert peak < 2_000_000  # the server's own buffers included


@pytest.mark.parametrize("stage", PROVING)
async def test_the_smtp_client_reads_a_421_wherever_it_comes(
    serve: Serve, authority: Authority, stage: Stage
) -> None:
    server = await serve(replace(GOOD, replies={stage: b"421 4.3.2 Shutting down"}))

    fault = await refusal_of(server, authority)

    assert (fault.reason, fault.facts["code"]) == (Reason.PROVIDER_UNAVAILABLE, "421 4.3.2")


@pytest.mark.parametrize(
    "words",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"* OK IMAP4rev1\r\n",
        b"\x00\xff\xfe\r\n",
        b"-1 minus one\r\n",
        b"\r\n",
    ],
)
async def test_the_smtp_client_recognizes_what_is_no_smtp(
    authority: Authority, words: bytes
) -> None:
    async with babbler(words) as port:
        fault = await refusal_at(port, authority)

    assert (fault.reason, fault.facts["code"]) == (Reason.UNKNOWN, "no SMTP")


@pytest.mark.parametrize("stage", PROVING[1:])
async def test_the_smtp_client_recognizes_garbage_in_the_middle(
    serve: Serve, authority: Authority, stage: Stage
) -> None:
    server = await serve(replace(GOOD, replies={stage: b"garbage"}))

    fault = await refusal_of(server, authority)

    assert (fault.reason, fault.facts["code"]) == (Reason.UNKNOWN, "no SMTP")


async def test_the_smtp_client_takes_a_farewell_after_ehlo_for_what_it_is(
    authority: Authority,
) -> None:
    words = (b"220 mail.test\r\n", b"250-mail.test\r\n250 STARTTLS\r\n")
    async with babbler(*words, hang_up=True) as port:
        fault = await refusal_at(port, authority)

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE


async def test_the_smtp_client_takes_no_command_that_was_slipped_in_before_tls(
    authority: Authority,
) -> None:
    slipped_in = b"220 Go ahead\r\n250-mail.test\r\n250 AUTH PLAIN\r\n"
    words = (b"220 mail.test\r\n", b"250-mail.test\r\n250 STARTTLS\r\n", slipped_in)
    async with babbler(*words) as port:
        fault = await refusal_at(port, authority, SOON)

    assert fault.reason in {Reason.TLS_MODE_MISMATCH, Reason.PROVIDER_UNAVAILABLE}
