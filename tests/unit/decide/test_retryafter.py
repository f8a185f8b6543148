"""A Retry-After is read in both of its forms, by the clock of the side that sent it."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, strategies as st

from mailbox_operator.decide.cluster.retryafter import asked_seconds

SENT = "Mon, 23 Nov 2026 12:00:00 GMT"
RECEIVED = datetime(2026, 11, 23, 12, 0, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wait", "sent", "seconds"),
    [
        pytest.param("7", SENT, 7, id="seconds"),
        pytest.param("7", "", 7, id="seconds without a Date"),
        pytest.param("Mon, 23 Nov 2026 12:00:30 GMT", SENT, 30, id="a date"),
        pytest.param("Monday, 23-Nov-26 12:00:30 GMT", SENT, 30, id="a date of RFC 850"),
        pytest.param("Mon Nov 23 12:00:30 2026", SENT, 30, id="a date of asctime"),
        pytest.param("Mon, 23 Nov 2026 12:00:30 GMT", "", 25, id="a date without a Date"),
        pytest.param("Mon, 23 Nov 2026 12:00:30 GMT", "today", 25, id="with another Date"),
        pytest.param("Mon, 23 Nov 2026 11:00:00 GMT", SENT, 0, id="a date that is past"),
        pytest.param("Mon, 23 Nov 2026 12:00:30", SENT, None, id="a date of no zone"),
        pytest.param("soon", SENT, None, id="words"),
        pytest.param("-1", SENT, None, id="a negative number"),
        pytest.param("\u0663", SENT, None, id="digits that are not ASCII"),
        pytest.param("9" * 65, SENT, None, id="too many digits"),
        pytest.param("", SENT, None, id="nothing"),
    ],
)
def test_a_wait_is_read_in_both_forms(wait: str, sent: str, seconds: int | None) -> None:
    assert asked_seconds(wait, sent, RECEIVED) == seconds


def test_a_date_that_no_clock_can_be_compared_with_is_not_read() -> None:
    assert asked_seconds(SENT, "") is None


@given(st.text(), st.text())
def test_whatever_is_sent_is_a_wait_that_is_not_negative_or_none(wait: str, sent: str) -> None:
    found = asked_seconds(wait, sent, RECEIVED)

    assert found is None or found >= 0
