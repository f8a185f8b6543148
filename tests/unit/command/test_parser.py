import argparse

import pytest

from mailbox_operator.cli import parser_of


def parsed(*words: str) -> argparse.Namespace:
    return parser_of("mailbox-operator").parse_args(words)


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf", "soon"])
@pytest.mark.parametrize("command", ["reconnect", "connect"])
def test_a_time_to_wait_is_more_than_nothing_and_ends(
    capsys: pytest.CaptureFixture[str], command: str, seconds: str
) -> None:
    with pytest.raises(SystemExit) as caught:
        parsed(command, "jane", "--timeout", seconds)

    assert caught.value.code == 2
    assert "argument --timeout: " in capsys.readouterr().err


def test_a_time_to_wait_may_be_a_part_of_a_second() -> None:
    assert parsed("reconnect", "jane", "--timeout", "0.5").timeout == 0.5


@pytest.mark.parametrize("words", [("status", "--all"), ("connect", "jane", "-A")])
def test_an_argument_of_other_commands_is_refused(
    capsys: pytest.CaptureFixture[str], words: tuple[str, ...]
) -> None:
    with pytest.raises(SystemExit):
        parsed(*words)

    assert f"unrecognized arguments: {words[-1]}" in capsys.readouterr().err
