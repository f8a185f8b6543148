"""An envelope names plain addresses; what servers read differently is refused."""

import pytest

from mailbox_operator.decide.sending.answers import Situation
from mailbox_operator.gateway.envelope import Envelope, Mistake, read_recipient, read_sender
from unit.gateway.talks import logged_in

LONG = "a" * 64 + "@" + ".".join(["b" * 60] * 4)


@pytest.mark.parametrize(
    ("argument", "envelope"),
    [
        ("FROM:<jane@acme.example>", Envelope("jane@acme.example")),
        ("from: <jane@acme.example>", Envelope("jane@acme.example")),
        ("FROM:<jane@acme.example>  SIZE=10  body=8bitmime ", Envelope("jane@acme.example", 10)),
        ("FROM:<jane@acme.example> AUTH=<> SIZE=0", Envelope("jane@acme.example")),
        ("FROM:<>", Envelope("")),
        ("FROM:<o'hara+x=y@acme.example>", Envelope("o'hara+x=y@acme.example")),
    ],
)
def test_a_sender_is_read(argument: str, envelope: Envelope) -> None:
    assert read_sender(argument) == envelope


@pytest.mark.parametrize(
    ("argument", "situation"),
    [
        ("", Situation.ARGUMENT_WRONG),
        ("FROM", Situation.ARGUMENT_WRONG),
        ("FROM:jane@acme.example", Situation.ARGUMENT_WRONG),
        ("FROM:<jane@acme.example", Situation.ARGUMENT_WRONG),
        ("FROM:<jane@acme.example>SIZE=1", Situation.ARGUMENT_WRONG),
        ("FROM:<jane@acme.example><boss@acme.example>", Situation.ARGUMENT_WRONG),
        ("FROM:<jane doe@acme.example>", Situation.ARGUMENT_WRONG),
        ("TO:<jane@acme.example>", Situation.ARGUMENT_WRONG),
        ("FROM:<jane@acme.example> SIZE=-1", Situation.ARGUMENT_WRONG),
        ("FROM:<jane@acme.example> SIZE=" + "9" * 21, Situation.ARGUMENT_WRONG),
        ("FROM:<jane@acme.example> SIZE=1 SIZE=2", Situation.ARGUMENT_WRONG),
        ("FROM:<jane@acme.example> BODY=BINARYMIME", Situation.ARGUMENT_WRONG),
        ("FROM:<jane@acme.example> SMTPUTF8", Situation.PARAMETER_UNKNOWN),
        ("FROM:<jane@acme.example> RET=HDRS", Situation.PARAMETER_UNKNOWN),
        ("FROM:<jane>", Situation.ADDRESS_WRONG),
        ("FROM:<@a,@b:jane@acme.example>", Situation.ADDRESS_WRONG),
        ("FROM:<jane@acme.example@b>", Situation.ADDRESS_WRONG),
        ('FROM:<"jane"@acme.example>', Situation.ADDRESS_WRONG),
        ("FROM:<jane@acme..example>", Situation.ADDRESS_WRONG),
        ("FROM:<jane@>", Situation.ADDRESS_WRONG),
        ("FROM:<@acme.example>", Situation.ADDRESS_WRONG),
        (f"FROM:<{LONG}>", Situation.ADDRESS_WRONG),
    ],
)
def test_a_sender_is_refused(argument: str, situation: Situation) -> None:
    read = read_sender(argument)

    assert isinstance(read, Mistake)
    assert read.situation is situation


@pytest.mark.parametrize("address", ["jane@acme.example", "root@localhost", "a@[192.0.2.1]"])
def test_a_recipient_is_read(address: str) -> None:
    assert read_recipient(f"TO:<{address}>") == Envelope(address)


@pytest.mark.parametrize(
    ("argument", "situation"),
    [
        ("TO:<>", Situation.ADDRESS_WRONG),
        ("TO:<Postmaster>", Situation.ADDRESS_WRONG),
        ("TO:<@relay.example:jane@acme.example>", Situation.ADDRESS_WRONG),
        ("TO:<jane@acme.example> NOTIFY=NEVER", Situation.PARAMETER_UNKNOWN),
        ("FROM:<jane@acme.example>", Situation.ARGUMENT_WRONG),
    ],
)
def test_a_recipient_is_refused(argument: str, situation: Situation) -> None:
    read = read_recipient(argument)

    assert isinstance(read, Mistake)
    assert read.situation is situation


@pytest.mark.parametrize(
    ("command", "reply"),
    [
        (b"RCPT TO:<j\xc3\xa4ne@x>\r\n", "553 5.6.7"),
        (b"RCPT TO:<a@x>\nRCPT TO:<b@x>\r\n", "500 5.5.2"),
        (b"RCPT TO:<a@x\r>\r\n", "500 5.5.2"),
        (b"RCPT TO:<a\0@x>\r\n", "500 5.5.2"),
        (b"RCPT TO:<a@x> ORCPT=rfc822;a@x\r\n", "555 5.5.4 the parameter ORCPT is not offered"),
    ],
)
def test_an_envelope_with_other_characters_is_refused(command: bytes, reply: str) -> None:
    talk = logged_in()
    talk.says(b"MAIL FROM:<noreply@acme.example>\r\n")

    (line,) = talk.says(command)

    assert line.startswith(reply)
    assert talk.codes(b"DATA\r\n") == ["503"]
