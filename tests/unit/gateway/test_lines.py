"""Lines that have no end take no memory."""

from mailbox_operator.decide.sending.answers import Situation
from mailbox_operator.gateway.lines import Lines


def test_a_line_without_an_end_is_not_held() -> None:
    lines = Lines()

    for _ in range(1_000):
        lines.receive(b"x" * 1_000)
        assert lines.next(is_login=False) is None

    assert len(lines.take()) == 1


def test_a_line_that_was_too_long_is_answered_once() -> None:
    lines = Lines()
    lines.receive(b"x" * 5_000)
    lines.next(is_login=False)
    lines.receive(b"\r")
    lines.next(is_login=False)

    lines.receive(b"\nNOOP\r\n")

    assert lines.next(is_login=False) is Situation.LINE_TOO_LONG
    assert lines.next(is_login=False) == b"NOOP"
