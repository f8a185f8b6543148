"""What the gateway says to an application, command by command."""

import pytest

from mailbox_operator.decide.sending.answers import Situation
from mailbox_operator.gateway.dialogue import MOST_WRONG_LOGINS, Dialogue
from mailbox_operator.gateway.session import MOST_ERRORS, Begin, Terms, Turn
from unit.gateway.talks import ADDRESS, ENVELOPE, LOGIN, Talk, logged_in, plain

WRONG = b"AUTH PLAIN " + plain(password="wrong") + b"\r\n"
MESSAGE = ENVELOPE + b"Subject: hi\r\n\r\nhello\r\n.\r\n"


def test_the_gateway_greets_with_its_name() -> None:
    dialogue = Dialogue(Terms("gateway.test"), is_secure=False, refused=lambda _: None)

    dialogue.greet()

    assert dialogue.take_outgoing() == b"220 gateway.test ESMTP\r\n"


def test_tls_is_offered_before_it_begins_and_a_login_is_not() -> None:
    lines = Talk(is_secure=False).says(b"EHLO app\r\n")

    assert lines[-1] == "250 STARTTLS"
    assert not any("AUTH" in line for line in lines)


def test_logins_are_offered_under_tls_and_tls_is_not() -> None:
    lines = Talk().says(b"EHLO app\r\n")

    assert lines[-1] == "250 AUTH PLAIN LOGIN"
    assert not any("STARTTLS" in line for line in lines)


def test_the_extensions_are_those_that_are_kept() -> None:
    lines = Talk().says(b"EHLO app\r\n")

    assert [line[4:] for line in lines[:-1]] == [
        "gateway.test",
        "SIZE 1000",
        "PIPELINING",
        "8BITMIME",
        "ENHANCEDSTATUSCODES",
    ]


def test_a_message_is_handed_on_with_its_envelope() -> None:
    talk = logged_in()

    codes = talk.codes(MESSAGE)

    assert codes == ["250", "250", "354", "250"]
    (message,) = talk.messages
    assert (message.sender, message.recipients) == (ADDRESS, ("jane@other.example",))
    assert message.content == b"Subject: hi\r\n\r\nhello\r\n"


def test_a_login_sends_many_messages_in_one_connection() -> None:
    talk = logged_in()

    talk.says(MESSAGE * 3 + b"QUIT\r\n")

    assert len(talk.messages) == 3
    assert talk.has_ended


@pytest.mark.parametrize(
    ("commands", "reply"),
    [
        pytest.param(b"MAIL FROM:<noreply@acme.example>\r\n", "530 5.7.0", id="a message"),
        pytest.param(b"AUTH PLAIN " + plain() + b"\r\n", "538 5.7.11", id="a login"),
        pytest.param(b"RSET\r\n", "530 5.7.0", id="a reset"),
        pytest.param(b"NOOP\r\n", "250 2.0.0", id="nothing"),
        pytest.param(b"STARTTLS now\r\n", "501 5.5.4", id="TLS with an argument"),
        pytest.param(b"starttls\r\n", "220 2.0.0", id="TLS"),
    ],
)
def test_before_tls_a_command_is_answered(commands: bytes, reply: str) -> None:
    talk = Talk(is_secure=False)
    talk.says(b"EHLO app\r\n")

    (line,) = talk.says(commands)

    assert line.startswith(reply)


@pytest.mark.parametrize(
    ("commands", "reply"),
    [
        pytest.param(b"MAIL FROM:<noreply@acme.example>\r\n", "530 5.7.0", id="a message"),
        pytest.param(b"STARTTLS\r\n", "503 5.5.1", id="TLS again"),
        pytest.param(b"RCPT TO:<jane@other.example>\r\n", "503 5.5.1", id="a recipient"),
        pytest.param(b"DATA\r\n", "503 5.5.1", id="a content"),
        pytest.param(b"VRFY jane\r\n", "252 2.5.0", id="a verification"),
        pytest.param(b"EXPN list\r\n", "500 5.5.1", id="an expansion"),
        pytest.param(b"BDAT 5 LAST\r\n", "500 5.5.1", id="a chunk"),
        pytest.param(b"GET / HTTP/1.1\r\n", "500 5.5.1", id="another protocol"),
        pytest.param(b"HELP\r\n", "214 2.0.0", id="help"),
        pytest.param(b"\r\n", "500 5.5.1", id="an empty line"),
        pytest.param(b"EHLO\r\n", "501 5.5.4", id="no name"),
        pytest.param(b"HELO\r\n", "501 5.5.4", id="no name, the old way"),
        pytest.param(b"HELO app\r\n", "250 gateway.test", id="the old way"),
        pytest.param(b"NOOP \x07\r\n", "500 5.5.2", id="a control character"),
        pytest.param(b"NOOP\tx\r\n", "500 5.5.2", id="a tab"),
        pytest.param(b"NO\0OP\r\n", "500 5.5.2", id="NUL"),
        pytest.param(b"NOOP\nRSET\r\n", "500 5.5.2", id="a second command behind LF"),
        pytest.param(b"NOOP\rRSET\r\n", "500 5.5.2", id="a second command behind CR"),
        pytest.param(b"NOOP \xc3\xa9\r\n", "500 5.5.2", id="beyond ASCII"),
    ],
)
def test_before_a_login_a_command_is_answered(commands: bytes, reply: str) -> None:
    talk = Talk()
    talk.says(b"EHLO app\r\n")

    (line,) = talk.says(commands)

    assert line.startswith(reply)


@pytest.mark.parametrize(
    ("commands", "codes"),
    [
        pytest.param(b"DATA\r\n", ["503"], id="a content without a recipient"),
        pytest.param(b"DATA now\r\n", ["501"], id="a content with an argument"),
        pytest.param(b"RSET now\r\n", ["501"], id="a reset with an argument"),
        pytest.param(b"QUIT now\r\n", ["501"], id="a farewell with an argument"),
        pytest.param(b"RSET\r\nDATA\r\n", ["250", "503"], id="a content after a reset"),
        pytest.param(b"MAIL FROM:<noreply@acme.example>\r\n", ["503"], id="a second sender"),
        pytest.param(b"AUTH PLAIN\r\n", ["503"], id="a second login"),
        pytest.param(b"RCPT TO:<a@b>\r\n" * 4, ["250"] * 4, id="one recipient many times"),
        pytest.param(
            b"".join(b"RCPT TO:<%d@b>\r\n" % each for each in range(4)),
            ["250", "250", "250", "452"],
            id="too many recipients",
        ),
    ],
)
def test_within_a_message_a_command_is_answered(commands: bytes, codes: list[str]) -> None:
    talk = logged_in()
    talk.says(b"MAIL FROM:<noreply@acme.example>\r\n")

    assert talk.codes(commands) == codes


def test_a_recipient_is_kept_once_and_in_its_place() -> None:
    talk = logged_in()

    talk.says(b"MAIL FROM:<noreply@acme.example>\r\n")
    talk.says(b"RCPT TO:<b@x>\r\nRCPT TO:<a@x>\r\nRCPT TO:<b@x>\r\nDATA\r\n.\r\n")

    assert talk.messages[0].recipients == ("b@x", "a@x")


def test_a_sender_that_the_gate_refuses_begins_no_message() -> None:
    talk = logged_in()

    lines = talk.says(ENVELOPE.replace(b"noreply", b"boss"))

    assert lines[0] == "553 5.7.1 boss@acme.example is not a mailbox of sender acme/keycloak"
    assert [line[:3] for line in lines[1:]] == ["503", "503"]


def test_a_size_is_announced_to_the_gate() -> None:
    talk = logged_in()

    talk.says(b"MAIL FROM:<noreply@acme.example> SIZE=999 BODY=8BITMIME\r\n")

    assert talk.begun == [Begin(ADDRESS, 999)]


def test_a_size_beyond_the_limit_is_refused_at_once() -> None:
    talk = logged_in()

    (line,) = talk.says(b"MAIL FROM:<noreply@acme.example> SIZE=1001\r\n")

    assert line == "552 5.3.4 a message may have 1000 bytes"
    assert talk.begun == []


def test_the_empty_sender_is_refused_by_name() -> None:
    talk = logged_in()

    (line,) = talk.says(b"MAIL FROM:<>\r\n")

    assert line.startswith("553 5.7.1 MAIL FROM must name a mailbox")


def test_ehlo_drops_the_message_and_keeps_the_login() -> None:
    talk = logged_in()
    talk.says(b"MAIL FROM:<noreply@acme.example>\r\nEHLO app\r\n")

    assert talk.codes(MESSAGE)[-1] == "250"


def test_a_login_needs_ehlo() -> None:
    assert Talk().says(b"AUTH PLAIN\r\n") == ["503 5.5.1 not now: EHLO comes first"]


def test_what_follows_starttls_in_plain_text_is_dropped() -> None:
    talk = Talk(is_secure=False)

    talk.says(b"EHLO app\r\n")
    codes = talk.codes(b"STARTTLS\r\n" + LOGIN + MESSAGE)

    assert codes == ["220"]
    assert talk.messages == []


def test_what_comes_in_while_tls_begins_is_dropped() -> None:
    dialogue = Dialogue(Terms("gateway.test"), is_secure=False, refused=lambda _: None)
    dialogue.receive(b"STARTTLS\r\n")
    dialogue.step()
    dialogue.take_outgoing()

    dialogue.receive(b"NOOP\r\n")
    dialogue.secured()
    dialogue.step()

    assert dialogue.take_outgoing() == b""


def test_nothing_goes_on_before_an_event_has_its_reply() -> None:
    dialogue = logged_in().dialogue
    dialogue.receive(b"MAIL FROM:<noreply@acme.example>\r\nNOOP\r\n")
    dialogue.step()

    assert dialogue.is_waiting
    assert dialogue.step() is Turn.WAIT
    assert dialogue.take_outgoing() == b""


def test_ehlo_of_before_tls_is_forgotten() -> None:
    talk = Talk(is_secure=False)
    talk.says(b"EHLO app\r\n", b"STARTTLS\r\n")

    assert talk.says(b"AUTH PLAIN\r\n") == ["503 5.5.1 not now: EHLO comes first"]


def test_too_many_wrong_logins_end_the_connection() -> None:
    talk = Talk()
    talk.says(b"EHLO app\r\n")

    codes = talk.codes(WRONG * MOST_WRONG_LOGINS + LOGIN)

    assert codes == ["535"] * (MOST_WRONG_LOGINS - 1) + ["421"]
    assert talk.has_ended


def test_a_login_after_a_wrong_one_is_taken() -> None:
    talk = Talk()

    assert talk.codes(b"EHLO app\r\n", WRONG, LOGIN)[-1] == "235"


def test_logins_that_nobody_can_judge_yet_are_not_wrong_ones() -> None:
    talk = Talk(not_right=Situation.LOGINS_UNKNOWN_YET)
    wrong = b"AUTH PLAIN " + plain(password="other") + b"\r\n"

    codes = talk.codes(b"EHLO app\r\n", *[wrong] * 4, b"AUTH PLAIN " + plain() + b"\r\n")

    assert codes[-5:] == ["454"] * 4 + ["235"]


def test_too_many_errors_end_the_connection() -> None:
    talk = Talk()

    codes = talk.codes(b"WHAT\r\n" * (MOST_ERRORS + 5))

    assert codes == ["500"] * MOST_ERRORS + ["421"]
    assert talk.has_ended
    assert talk.refused[-1] is Situation.TOO_MANY_ERRORS


@pytest.mark.parametrize(
    "command",
    [
        b"XCLIENT ADDR=10.0.0.1 LOGIN=acme.keycloak\r\n",
        b"XFORWARD NAME=x\r\n",
        b"PROXY TCP4 10.0.0.1 10.0.0.2 1 587\r\n",
        b"BURL imap://x LAST\r\n",
        b"ETRN acme.example\r\n",
        b"TURN\r\n",
        b"SEND FROM:<noreply@acme.example>\r\n",
    ],
)
def test_a_command_that_is_not_offered_is_unknown(command: bytes) -> None:
    talk = logged_in()

    (line,) = talk.says(command)

    assert line == "500 5.5.1 the command is unknown"
    assert talk.codes(MESSAGE)[-1] == "250"


def test_many_recipients_of_a_refused_message_are_no_errors() -> None:
    talk = logged_in()

    talk.says(b"MAIL FROM:<boss@acme.example>\r\n" + b"RCPT TO:<a@b>\r\n" * 100)

    assert not talk.has_ended


def test_a_refusal_is_counted() -> None:
    talk = logged_in()

    talk.says(b"MAIL FROM:<>\r\n")

    assert talk.refused == [Situation.NO_SENDER_ADDRESS]


def test_nothing_is_said_after_the_last_words() -> None:
    talk = logged_in()
    talk.says(b"QUIT\r\n")

    talk.dialogue.close(Situation.TOO_SLOW)

    assert talk.says(MESSAGE) == []


def test_a_dialogue_is_idle_but_from_mail_to_the_reply() -> None:
    talk = logged_in()
    idle = [talk.dialogue.is_idle]

    for piece in (b"MAIL FROM:<noreply@acme.example>\r\n", b"RCPT TO:<a@b>\r\nDATA\r\n", b".\r\n"):
        talk.says(piece)
        idle.append(talk.dialogue.is_idle)

    assert idle == [True, False, False, True]
