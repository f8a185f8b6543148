"""Only CR LF . CR LF ends a message; other spellings of a line end are a harmless part of it."""

import pytest
from hypothesis import given, strategies as st

from mailbox_operator.decide.sending.answers import Situation
from mailbox_operator.gateway.content import Content
from mailbox_operator.gateway.session import Terms
from unit.gateway.talks import ENVELOPE, LOGIN, Talk, content_of, cut, logged_in

SECOND = b"MAIL FROM:<boss@acme.example>\r\nRCPT TO:<victim@x>\r\nDATA\r\nbad\r\n"
LINE_ENDS = [
    b"\n.\n",
    b"\r\n.\n",
    b"\n.\r\n",
    b"\r.\r",
    b"\r\n.\r",
    b"\r.\r\n",
    b"\r.\n",
    b"\n.\r",
    b"\n\n.\r\n",
    b"\r\r.\r\n",
    b"\r\n.\r\r\n",
    b"\r\n. \r\n",
    b"\r\n.\t\r\n",
    b"\r\n\x0b.\r\n",
    b"\r\n\x85.\r\n",
    b"\r\n..\r\n",
]
"""What some server took for the end of a message, or for a line with a dot."""

NULS = [b"\r\n\0.\r\n", b"\r\n.\0\r\n", b"\r\0\n.\r\n", b"\r\n.\r\0\n"]
PIECES = [
    b"\r",
    b"\n",
    b".",
    b"\r\n",
    b"\r\n.",
    b"..",
    b"a",
    b"\r\n.\r\n",
    b"\xe9",
    b"MAIL FROM:<>",
]


def stuffed(content: bytes) -> bytes:
    """Send a content as a way out does."""
    return (b"\r\n" + content).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


@pytest.mark.parametrize("end", LINE_ENDS, ids=repr)
def test_another_spelling_does_not_end_a_message(end: bytes) -> None:
    contents = content_of(b"first" + end + SECOND + b".\r\n")

    assert len(contents) == 1
    assert contents[0].endswith(b"bad\r\n")


@pytest.mark.parametrize("end", LINE_ENDS, ids=repr)
def test_no_line_end_that_servers_read_differently_gets_out(end: bytes) -> None:
    (content,) = content_of(b"first" + end + SECOND + b".\r\n")

    assert content.count(b"\r") == content.count(b"\n") == content.count(b"\r\n")
    assert stuffed(content).find(b"\r\n.\r\n") == len(stuffed(content)) - 5


@pytest.mark.parametrize("end", NULS, ids=repr)
def test_a_message_with_nul_is_refused(end: bytes) -> None:
    talk = logged_in()

    codes = talk.codes(ENVELOPE, b"first" + end + b"second\r\n.\r\n")

    assert codes[-1] == "554"
    assert talk.messages == []


@pytest.mark.parametrize(
    ("sent", "content"),
    [
        pytest.param(b".\r\n", b"", id="nothing"),
        pytest.param(b"\r\n.\r\n", b"\r\n", id="an empty line"),
        pytest.param(b"..\r\n.\r\n", b".\r\n", id="a dot"),
        pytest.param(b"...\r\n.\r\n", b"..\r\n", id="two dots"),
        pytest.param(b"a\r\n..b\r\n.\r\n", b"a\r\n.b\r\n", id="a line with a dot"),
        pytest.param(b".a\r\n.b\r\n.\r\n", b"a\r\nb\r\n", id="dots that were not stuffed"),
        pytest.param(b"a.\r\n.\r\n", b"a.\r\n", id="a dot at the end of a line"),
        pytest.param(b"a\nb\rc\r\n.\r\n", b"a\r\nb\r\nc\r\n", id="bare line ends"),
        pytest.param(b"a\n.b\r\n.\r\n", b"a\r\n.b\r\n", id="a dot behind a bare LF"),
        pytest.param(b"\xe9\xff\r\n.\r\n", b"\xe9\xff\r\n", id="eight bits"),
    ],
)
def test_a_message_comes_out_as_it_was_meant(sent: bytes, content: bytes) -> None:
    assert content_of(sent) == [content]


def test_what_follows_the_end_is_a_command() -> None:
    talk = logged_in()

    assert talk.codes(ENVELOPE, b"a\r\n.\r\nNOOP\r\n")[-2:] == ["250", "250"]


@given(st.lists(st.sampled_from(PIECES), max_size=30).map(b"".join))
def test_a_content_that_is_stuffed_comes_out_whole(content: bytes) -> None:
    lines = content.replace(b"\r\n", b"\n").replace(b"\r", b"\n").replace(b"\n", b"\r\n") + b"\r\n"

    assert content_of(stuffed(lines)) == [lines]


@given(st.lists(st.sampled_from([*PIECES, b"\0"]), max_size=30).map(b"".join), st.data())
def test_a_dialogue_is_the_same_however_its_bytes_are_cut(body: bytes, data: st.DataObject) -> None:
    text = LOGIN + ENVELOPE + body + b"\r\n.\r\nNOOP\r\nWHAT\nNOOP\r\n" + ENVELOPE + b".\r\n"
    places = data.draw(st.lists(st.integers(0, len(text)), max_size=20))
    whole, pieces = Talk(), Talk()

    same = whole.says(text) == pieces.says(*cut(text, places))

    assert same
    assert whole.messages == pieces.messages
    assert whole.refused == pieces.refused


@given(st.integers(0, 40), st.integers(1, 12))
def test_a_message_is_too_large_however_its_bytes_are_cut(length: int, piece: int) -> None:
    text = LOGIN + ENVELOPE + b"x" * length + b"\r\n.\r\nNOOP\r\n"
    talk = Talk(Terms("gateway.test", most_bytes=20))

    codes = talk.codes(*cut(text, range(0, len(text), piece)))

    assert codes[-2:] == ["250" if length + 2 <= 20 else "552", "250"]


def test_bare_line_ends_cannot_make_a_message_too_large() -> None:
    talk = logged_in()

    codes = talk.codes(ENVELOPE, b"\n" * 990 + b"\r\n.\r\n")

    assert codes[-1] == "552"


def test_a_message_that_is_too_large_is_not_held() -> None:
    content = Content(1_000)

    for _ in range(100):
        content.feed(b"x" * 500)

    assert content.held < 1_600


def test_a_message_without_room_is_not_held_and_its_end_is_answered() -> None:
    talk = logged_in()
    talk.says(ENVELOPE, b"x" * 500)

    talk.dialogue.discard()

    assert talk.dialogue.held < 10
    assert talk.says(b"y" * 600 + b"\r\n.\r\n")[0].startswith("452 4.3.1")
    assert talk.refused == [Situation.NO_ROOM]
