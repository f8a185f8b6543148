"""What a gateway logs of messages, and how much of it."""

import logging
from dataclasses import dataclass

import pytest

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.sending.answers import Answer
from mailbox_operator.decide.sending.delivery import InDoubt
from mailbox_operator.decide.words import Kind
from mailbox_operator.report.metrics.gateway_metrics import GatewayMetrics
from mailbox_operator.report.sendings import LINES_SECONDS, MOST_LINES, SendingsReport

SHOP = Key(Kind.SENDER, "acme", "shop")
SIBLING = Key(Kind.SENDER, "acme", "blog")
OTHER = Key(Kind.SENDER, "umbrella", "shop")
NO = Answer(553, "5.7.1", "not a mailbox of sender")


@dataclass(slots=True)
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


def levels(caplog: pytest.LogCaptureFixture) -> list[int]:
    """Take the levels of the lines since the last look."""
    found = [record.levelno for record in caplog.records]
    caplog.clear()
    return found


def test_a_tenant_that_is_refused_all_the_time_does_not_fill_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    clock = Clock()
    report = SendingsReport(GatewayMetrics(), monotonic=clock)

    for sender in (SHOP, SIBLING):
        for _ in range(MOST_LINES):
            report.turned_away(sender, NO)

    assert levels(caplog) == [logging.INFO] * MOST_LINES + [logging.DEBUG] * MOST_LINES
    report.turned_away(OTHER, NO)
    clock.now += LINES_SECONDS
    report.turned_away(SHOP, NO)
    assert levels(caplog) == [logging.INFO] * 2


def test_messages_in_doubt_do_not_fill_the_log_either(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    report = SendingsReport(GatewayMetrics(), monotonic=Clock())

    for _ in range(MOST_LINES + 1):
        report.ended(SHOP, InDoubt("lost"), Answer(451, "4.4.2", "in doubt"), 9, 1.0)

    assert levels(caplog) == [logging.WARNING] * MOST_LINES + [logging.DEBUG]
