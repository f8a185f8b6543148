"""What a server says is read within bounds, whatever it is."""

import base64

import pytest

from mailbox_operator.connect.faults import challenge_status


def challenge(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("told", "status"),
    [
        (challenge('{"status": "400"}'), "400"),
        (challenge('{"status": "999"}'), ""),
        (challenge('{"status": ' + "[" * 20 + "]" * 20 + "}"), ""),
        (challenge("[" * 20_000), ""),
        (challenge("5"), ""),
        ("no base64", ""),
        ("\udcff", ""),
    ],
)
def test_a_challenge_tells_a_status_or_nothing(told: str, status: str) -> None:
    assert challenge_status(told) == status
