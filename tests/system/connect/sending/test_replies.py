"""What becomes of a message by what the provider says, and where."""

import pytest

from lab.servers.smtp import HANG_UP, Mischief, Stage
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_replies import Stage as Asked
from mailbox_operator.decide.sending.answers import Answer
from mailbox_operator.decide.sending.delivery import InDoubt, NotSent, Refused, Taken
from system.connect.cases import JANE, PASSWORD
from system.connect.sending.conftest import Build
from system.connect.sending.senders import ANN, BOB, CONTENT, Out, message

LARGE = CONTENT + b"x" * 70 + b"\r\n" * 200_000
BEFORE_THE_END = [Stage.MAIL, Stage.RCPT, Stage.DATA]


def trouble_of(outcome: object) -> Reason | None:
    """Tell the reason that an outcome names for the Mailbox."""
    assert isinstance(outcome, NotSent | Refused)
    assert outcome.trouble is None or isinstance(outcome.trouble, Fault)
    return outcome.trouble.reason if outcome.trouble else None


async def test_the_provider_s_yes_is_passed_on(out: Out) -> None:
    out.behave(replies={Stage.MESSAGE: b"250 2.6.0 <1@x> Queued mail for delivery"})

    outcome = await out.send()

    assert outcome == Taken(Answer(250, "2.6.0", "<1@x> Queued mail for delivery"))


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
@pytest.mark.parametrize(
    ("stage", "reply", "asked", "recipient"),
    [
        (Stage.MAIL, b"552 5.3.4 Too large", Asked.MAIL, ""),
        (Stage.RCPT, b"550 5.1.1 No such user", Asked.RCPT, BOB),
        (Stage.DATA, b"451 4.3.0 Later", Asked.DATA, ""),
        (Stage.MESSAGE, b"550-5.7.1 Spam\r\n550 5.7.1 indeed", Asked.DATA, ""),
    ],
)
async def test_a_refusal_of_the_message_is_passed_on_and_says_nothing_of_the_mailbox(
    out: Out, extensions: tuple[str, ...], stage: Stage, reply: bytes, asked: Asked, recipient: str
) -> None:  # fmt: skip
    out.behave(replies={stage: [reply]}, extensions=extensions)

    outcome = await out.send()

    assert isinstance(outcome, Refused)
    assert (outcome.answer.code, outcome.answer.enhanced) == (int(reply[:3]), reply[4:9].decode())
    assert (outcome.stage, outcome.recipient, outcome.trouble) == (asked, recipient, None)
    assert out.server.messages == []


async def test_a_session_goes_on_after_a_refusal(out: Out) -> None:
    out.behave(
        replies={Stage.RCPT: [b"550 5.1.1 No such user"], Stage.MESSAGE: [b"554 5.7.1 Spam"]}
    )

    outcomes = [type(await out.send()) for _ in range(3)]

    assert outcomes == [Refused, Refused, Taken]
    assert (out.server.auths, len(out.server.messages)) == (1, 1)


async def test_a_limit_of_the_provider_s_is_told_to_the_mailbox(out: Out) -> None:
    out.behave(replies={Stage.MESSAGE: b"550 5.4.5 Daily user sending limit exceeded"})

    outcome = await out.send()

    assert trouble_of(outcome) is Reason.SENDING_LIMIT_REACHED


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
async def test_one_refused_recipient_keeps_the_message_from_all_of_them(
    out: Out, extensions: tuple[str, ...]
) -> None:
    out.behave(replies={Stage.RCPT: [None, b"550 5.1.1 No such user"]}, extensions=extensions)

    outcome = await out.send(message(CONTENT, BOB, ANN))

    assert isinstance(outcome, Refused)
    assert outcome.answer.text == f"<{ANN}>: No such user"
    assert (outcome.recipient, out.server.messages) == (ANN, [])
    assert "DATA" not in out.server.attempts[0].commands
    assert isinstance(await out.send(message(CONTENT, BOB, ANN)), Taken)


async def test_a_server_that_wants_the_content_for_nobody_gets_no_dot(build: Build) -> None:
    out = await build(seconds=300)  # it would wait that long for more
    out.behave(replies={Stage.RCPT: b"550 5.1.1 No such user", Stage.DATA: b"354 Go ahead"})

    outcome = await out.send()

    assert isinstance(outcome, Refused)
    assert out.server.messages == []
    assert out.way_out.sessions == 0


async def test_a_server_that_hangs_up_after_a_refusal_has_refused(out: Out) -> None:
    out.behave(replies={Stage.RCPT: b"550 5.1.1 No such user", Stage.DATA: HANG_UP})

    outcome = await out.send()

    assert isinstance(outcome, Refused)
    assert (outcome.answer.code, outcome.recipient) == (550, BOB)


async def test_hundreds_of_recipients_are_all_named_however_wordy_the_server(out: Out) -> None:
    out.behave(replies={Stage.RCPT: b"250 2.1.5 " + b"x" * 200})
    everybody = [f"user{number}@elsewhere.example" for number in range(300)]

    outcome = await out.send(message(CONTENT, *everybody))

    named = [each for each in out.server.attempts[0].commands if each.startswith("RCPT")]
    assert (isinstance(outcome, Taken), len(named)) == (True, 300)


@pytest.mark.parametrize("stage", BEFORE_THE_END)
async def test_a_connection_lost_before_the_end_sent_nothing(out: Out, stage: Stage) -> None:
    out.behave(mischief={stage: Mischief.DROP})

    outcome = await out.send()

    assert isinstance(outcome, NotSent)
    assert trouble_of(outcome) is Reason.PROVIDER_UNAVAILABLE
    assert out.server.auths == 1


async def test_a_connection_lost_within_the_content_sent_nothing(out: Out) -> None:
    out.behave(content_bytes=1000, mischief={Stage.MESSAGE: Mischief.DROP})

    outcome = await out.send(message(LARGE * 10))

    assert isinstance(outcome, NotSent)
    assert out.server.auths == 1


async def test_a_refusal_within_the_content_is_passed_on(out: Out) -> None:
    out.behave(content_bytes=1000, replies={Stage.MESSAGE: b"421 4.3.0 Enough"})

    outcome = await out.send(message(LARGE * 10))

    assert isinstance(outcome, Refused)
    assert outcome.answer == Answer(451, "4.3.0", "Enough")


async def test_no_more_is_sent_after_a_refusal_within_the_content(out: Out) -> None:
    out.behave(content_bytes=1000, replies={Stage.MESSAGE: b"552 5.3.4 Too large"})

    outcome = await out.send(message(LARGE * 10))

    assert isinstance(outcome, Refused)
    assert (outcome.answer.code, out.way_out.sessions) == (552, 0)


@pytest.mark.parametrize("extensions", [(), ("PIPELINING",)])
async def test_a_yes_before_the_end_of_a_message_is_none(
    out: Out, extensions: tuple[str, ...]
) -> None:
    early = b"354 Go ahead\r\n250 2.0.0 Queued"
    out.behave(replies={Stage.DATA: early, Stage.MESSAGE: b"550 5.7.1 Spam"}, extensions=extensions)

    outcome = await out.send()

    assert isinstance(outcome, NotSent)
    assert out.way_out.sessions == 0


@pytest.mark.parametrize("mischief", [Mischief.DROP, Mischief.HANG])
async def test_a_message_without_a_final_reply_is_in_doubt_and_not_sent_again(
    out: Out, mischief: Mischief
) -> None:
    out.behave(mischief={Stage.MESSAGE: mischief})

    outcome = await out.send()

    assert isinstance(outcome, InDoubt)
    assert out.server.connections == 1


async def test_a_message_is_in_doubt_in_a_session_that_was_in_use_as_well(out: Out) -> None:
    out.behave(replies={Stage.MESSAGE: [None, HANG_UP, None]})

    outcomes = [type(await out.send()) for _ in range(2)]

    assert outcomes == [Taken, InDoubt]
    assert (out.server.connections, len(out.server.messages)) == (1, 1)


@pytest.mark.parametrize("reply", [b"nonsense", b"354 once more", b"199 odd"])
async def test_a_final_reply_that_is_none_leaves_a_message_in_doubt(out: Out, reply: bytes) -> None:
    out.behave(replies={Stage.MESSAGE: reply})

    assert isinstance(await out.send(), InDoubt)


@pytest.mark.parametrize("stage", BEFORE_THE_END)
@pytest.mark.parametrize("reply", [b"nonsense", b"199 odd"])
async def test_nonsense_before_the_end_sends_nothing(out: Out, stage: Stage, reply: bytes) -> None:
    out.behave(replies={stage: reply})

    outcome = await out.send()

    assert isinstance(outcome, NotSent)
    assert (trouble_of(outcome), out.server.messages) == (Reason.UNKNOWN, [])


@pytest.mark.parametrize("stage", BEFORE_THE_END)
@pytest.mark.parametrize("mischief", [Mischief.HANG, Mischief.DRIP])
async def test_a_provider_that_is_too_slow_sends_nothing(
    build: Build, stage: Stage, mischief: Mischief
) -> None:
    out = await build(seconds=0.5)
    out.behave(mischief={stage: mischief})

    outcome = await out.send()

    assert isinstance(outcome, NotSent)
    assert out.server.messages == []


@pytest.mark.parametrize("mischief", [Mischief.ENDLESS_LINE, Mischief.ENDLESS_LINES])
@pytest.mark.parametrize("stage", [*BEFORE_THE_END, Stage.MESSAGE])
async def test_a_provider_that_floods_is_cut_off(
    out: Out, stage: Stage, mischief: Mischief
) -> None:
    out.behave(mischief={stage: mischief})

    assert isinstance(await out.send(), NotSent | InDoubt)


async def test_a_password_that_is_repeated_does_not_come_out(out: Out) -> None:
    out.behave(replies={Stage.MESSAGE: f"550 5.7.1 {JANE} {PASSWORD} no".encode()})

    outcome = await out.send()

    assert isinstance(outcome, Refused)
    assert outcome.answer.text == "*** *** no"


async def test_what_comes_in_plain_text_behind_the_reply_to_starttls_is_dropped(out: Out) -> None:
    injected = b"220 Ready\r\n250-mx.acme.example\r\n250 AUTH XOAUTH2\r\n535 5.7.8 No\r\n250 Ok"
    out.behave(replies={Stage.STARTTLS: injected})

    outcome = await out.send()

    assert isinstance(outcome, Taken)
    assert len(out.server.messages) == 1


async def test_a_message_of_35_mib_goes_out_whole(out: Out) -> None:
    content = (b"." + b"x" * 510 + b"\r\n") * (35 * 2 * 1024)

    outcome = await out.send(message(content))

    assert isinstance(outcome, Taken)
    assert out.server.messages == [content]


@pytest.mark.parametrize(
    ("extensions", "content", "told"),
    [
        ((), b"\xff\r\n", ""),
        (("SIZE 1000",), b"a\r\n", " SIZE=3"),
        (("8BITMIME",), b"a\r\n", ""),
        (("8BITMIME", "SIZE"), b"\xff\r\n", " SIZE=3 BODY=8BITMIME"),
    ],
)
async def test_the_server_is_told_what_it_wants_to_know(
    out: Out, extensions: tuple[str, ...], content: bytes, told: str
) -> None:
    out.behave(extensions=extensions)

    outcome = await out.send(message(content))

    assert isinstance(outcome, Taken)
    assert f"MAIL FROM:<{JANE}>{told}" in out.server.attempts[0].commands
    assert out.server.messages == [content]
