"""What a gateway counts, and what the page says that it counts."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.decide.failure.smtp_reply import Stage
from mailbox_operator.decide.sending.answers import Answer, Situation
from mailbox_operator.decide.sending.certificates import Validity
from mailbox_operator.decide.sending.delivery import InDoubt, NotSent, Outcome, Refused, Taken
from mailbox_operator.decide.words import Kind, MessagePhase
from mailbox_operator.report.metrics.gateway_metrics import GatewayMetrics
from mailbox_operator.report.sendings import SendingsReport

PAGE: Final = (Path(__file__).parents[3] / "docs" / "sending.md").read_text()
SHOP: Final = Key(Kind.SENDER, "acme", "shop")
OTHER: Final = Key(Kind.SENDER, "acme", "other")
OK: Final = Answer(250, "2.0.0", "OK")
NO: Final = Answer(550, "5.1.1", "no such user")


async def exposed(metrics: GatewayMetrics) -> str:
    body, _ = await metrics.exposition("", zipped=False)
    return body.decode()


async def test_the_page_lists_every_metric_of_the_gateway() -> None:
    metrics = GatewayMetrics()
    for name in ("ready", "sessions", "sessions_idle", "connections"):
        metrics.gauge(name, "text", lambda: 1)
    metrics.follow_certificate(lambda: None)

    told = await exposed(metrics)

    families = re.findall(r"^# TYPE (mailbox_gateway_\S+)", told, re.MULTILINE)
    own = {name for name in families if not name.endswith("_created")}
    assert own == set(re.findall(r"^\| `(mailbox_gateway_\w+)`", PAGE, re.MULTILINE))


@pytest.mark.parametrize(
    ("outcome", "told", "labels"),
    [
        (Taken(OK), OK, 'code="2xx",namespace="acme",outcome="Taken",sender="shop"'),
        (
            Refused(NO, Stage.RCPT),
            NO,
            'code="5xx",namespace="acme",outcome="Refused",sender="shop"',
        ),
        (
            NotSent(Postponed("x")),
            Answer(451, "4.3.2", "busy"),
            'code="4xx",namespace="acme",outcome="NotSent",sender="shop"',
        ),
        (
            InDoubt("lost"),
            Answer(451, "4.4.2", "in doubt"),
            'code="4xx",namespace="acme",outcome="InDoubt",sender="shop"',
        ),
    ],
)
async def test_a_message_is_counted_by_what_became_of_it(
    outcome: Outcome, told: Answer, labels: str
) -> None:
    metrics = GatewayMetrics()

    SendingsReport(metrics).ended(SHOP, outcome, told, 100, 0.5)

    found = await exposed(metrics)
    doubts = 1.0 if isinstance(outcome, InDoubt) else 0.0
    assert f"mailbox_gateway_messages_total{{{labels}}} 1.0" in found
    assert "mailbox_gateway_message_duration_seconds_count 1.0" in found
    assert f"mailbox_gateway_in_doubt_total {doubts}" in found


async def test_a_refusal_is_counted_by_its_situation() -> None:
    metrics = GatewayMetrics()

    metrics.refused(Situation.LOGIN_WRONG)
    SendingsReport(metrics).turned_away(SHOP, NO)

    found = await exposed(metrics)
    assert 'mailbox_gateway_refusals_total{situation="LoginWrong"} 1.0' in found
    assert 'outcome="TurnedAway",sender="shop"} 1.0' in found


async def test_no_address_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    told = Answer(550, "5.1.1", "joe@other.example is unknown")

    SendingsReport(GatewayMetrics()).ended(
        SHOP, Refused(told, Stage.RCPT, "joe@other.example"), told, 9, 1
    )

    assert [record.levelname for record in caplog.records] == ["INFO"]
    assert all("joe@" not in str(vars(record)) for record in caplog.records)


async def test_the_certificate_says_when_it_begins_and_expires() -> None:
    metrics = GatewayMetrics()
    since, until = (datetime(2026, month, 1, tzinfo=UTC) for month in (1, 4))

    metrics.follow_certificate(lambda: Validity(since, until))

    found = await exposed(metrics)
    assert "mailbox_gateway_certificate_not_before_timestamp_seconds 1.7672256e+09" in found
    assert "mailbox_gateway_certificate_expiration_timestamp_seconds 1.7750016e+09" in found


async def test_a_certificate_that_is_not_there_yet_has_not_expired() -> None:
    metrics = GatewayMetrics()

    metrics.follow_certificate(lambda: None)

    found = await exposed(metrics)
    assert "mailbox_gateway_certificate_expiration_timestamp_seconds NaN" in found


async def test_logins_are_counted_by_whether_they_were_accepted() -> None:
    metrics = GatewayMetrics()

    metrics.welcomed()
    metrics.refused(Situation.LOGIN_WRONG)
    metrics.refused(Situation.NO_ROOM)
    SendingsReport(metrics).logged_in(accepted=True)

    found = await exposed(metrics)
    assert 'mailbox_gateway_logins_total{result="Accepted"} 1.0' in found
    assert 'mailbox_gateway_logins_total{result="Refused"} 1.0' in found
    assert 'mailbox_gateway_provider_logins_total{result="Accepted"} 1.0' in found
    assert 'mailbox_gateway_provider_logins_total{result="Refused"} 0.0' in found


async def test_a_sender_that_is_gone_has_no_series() -> None:
    there = {SHOP, OTHER}
    metrics = GatewayMetrics(is_there=there.__contains__)
    for sender in (SHOP, OTHER):
        metrics.ended(sender, Taken(OK), OK, 0.5)

    there.remove(SHOP)

    found = await exposed(metrics)
    assert 'sender="shop"' not in found
    assert 'sender="other"} 1.0' in found


async def test_a_message_that_ends_after_its_sender_leaves_no_series() -> None:
    metrics = GatewayMetrics(is_there=lambda _: False)
    await exposed(metrics)

    metrics.ended(SHOP, Taken(OK), OK, 0.5)

    assert 'sender="shop"' not in await exposed(metrics)


async def test_without_series_per_sender_the_sums_by_namespace_remain() -> None:
    metrics = GatewayMetrics(per_sender=False)

    for sender in (SHOP, OTHER):
        metrics.ended(sender, Taken(OK), OK, 0.5)

    found = await exposed(metrics)
    assert 'code="2xx",namespace="acme",outcome="Taken",sender=""} 2.0' in found


async def test_sums_by_namespace_keep_what_a_sender_sent_that_is_gone() -> None:
    metrics = GatewayMetrics(per_sender=False, is_there=lambda sender: sender == OTHER)
    metrics.ended(SHOP, Taken(OK), OK, 0.5)

    await exposed(metrics)

    metrics.ended(OTHER, Taken(OK), OK, 0.5)
    assert 'outcome="Taken",sender=""} 2.0' in await exposed(metrics)


@pytest.mark.parametrize("phase", MessagePhase)
async def test_the_phases_of_a_message_are_timed(phase: MessagePhase) -> None:
    metrics = GatewayMetrics()

    with SendingsReport(metrics).message_phase(phase):
        pass

    name = "mailbox_gateway_message_phase_duration_seconds_count"
    assert f'{name}{{phase="{phase}"}} 1.0' in await exposed(metrics)
