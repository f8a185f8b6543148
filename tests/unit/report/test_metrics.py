"""What is counted, and how it is written out."""

import asyncio
import gzip
from datetime import timedelta
from typing import Final

import pytest

from lab.stand.exposition import Sample, samples, total
from mailbox_operator.decide.declared.providers.table import OAUTH_PROVIDERS
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason, Retry
from mailbox_operator.decide.machine.machine import Conclusion, Proof
from mailbox_operator.decide.machine.seen import Known, Seen
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.decide.words import Infrastructure, Provider
from mailbox_operator.report.metrics.metrics import Metrics, bounded
from mailbox_operator.report.metrics.states import Snapshot
from unit.make import ENDPOINT, NOON, infrastructure, mailbox, seen, unreadable

OPEN: Final = "application/openmetrics-text;version=1.0.0"
CREATED: Final = (NOON - timedelta(seconds=40)).isoformat()
FINE: Final = Proof(ENDPOINT)
WAITS: Final = "mailbox_operator_time_to_connected_seconds_sum"


async def written(metrics: Metrics, accept: str = "") -> str:
    body, _ = await metrics.exposition(accept, zipped=False)
    return body.decode()


async def counted(metrics: Metrics, name: str) -> list[Sample]:
    return [each for each in samples(await written(metrics), name) if each.value]


async def waited(at: Seen, outcome: Proof | Exception = FINE) -> float:
    metrics = Metrics()
    metrics.count(at, outcome, 1.5, NOON)
    return total(await written(metrics), WAITS)


async def test_attempts_are_counted_by_their_reason() -> None:
    metrics = Metrics()

    metrics.count(seen(), Fault(Reason.RATE_LIMITED), 1.5, NOON)

    found = await counted(metrics, "mailbox_operator_attempts_total")
    labels = {"provider": "SMTP", "infrastructure": "Private", "reason": "RateLimited"}
    assert [(each.labels, each.value) for each in found] == [(labels, 1)]


async def test_a_bug_is_counted_as_one() -> None:
    metrics = Metrics()

    metrics.count(seen(), ValueError(), 1.5, NOON)

    found = await counted(metrics, "mailbox_operator_attempts_total")
    assert found[0].labels["reason"] == "InternalError"


async def test_the_first_connection_tells_how_long_it_took_from_the_creation() -> None:
    assert await waited(seen(mailbox(created=CREATED))) == 40


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(
            seen(mailbox(created=CREATED), status=Status(endpoint=ENDPOINT)), id="a status tells so"
        ),
        pytest.param(seen(mailbox(created=CREATED), known=Known(connected=NOON)), id="so we know"),
        pytest.param(seen(), id="nobody knows when it was created"),
    ],
)
async def test_later_connections_do_not(at: Seen) -> None:
    assert await waited(at) == 0


async def test_a_check_of_an_infrastructure_is_no_connection() -> None:
    assert await waited(seen(infrastructure(created=CREATED))) == 0


async def test_a_failure_is_no_connection() -> None:
    assert await waited(seen(mailbox(created=CREATED)), Fault(Reason.RATE_LIMITED)) == 0


@pytest.mark.parametrize(
    ("code", "label"),
    [
        ("550 5.7.515", "550"),
        ("299", "299"),
        ("AADSTS9002313", "AADSTS"),
        ("no SMTP", "no SMTP"),
        ("1550", "other"),
        ("5500", "other"),
        ("٥٥٠", "other"),  # noqa: RUF001 - digits, but not those of a reply
        ("invalid_thing", "other"),
        ("", "other"),
    ],
)
def test_a_server_does_not_choose_labels_at_will(code: str, label: str) -> None:
    assert bounded(code) == label


async def test_a_gauge_is_read_at_each_scrape() -> None:
    metrics, values = Metrics(), iter([1.0, 2.0])
    metrics.gauge("depth", "Depth.", lambda: next(values), name="mailbox")

    found = [samples(await written(metrics), "depth")[0] for _ in range(2)]

    assert [each.value for each in found] == [1, 2]
    assert found[0].labels == {"name": "mailbox"}


async def test_both_formats_end_as_they_have_to() -> None:
    metrics = Metrics(snapshot=lambda: Snapshot(NOON, [(mailbox(), Known())]))

    assert (await written(metrics, OPEN)).endswith("\n# EOF\n")
    assert "# EOF" not in await written(metrics)
    assert 'mailbox_info{namespace="mail"' in await written(metrics, OPEN)


async def test_what_is_compressed_is_the_same() -> None:
    metrics = Metrics(snapshot=lambda: Snapshot(NOON, [(mailbox(), Known())]))

    body, content_type = await metrics.exposition("", zipped=True)

    assert 'mailbox_info{namespace="mail"' in gzip.decompress(body).decode()
    assert content_type.startswith("text/plain; version=0.0.4")


async def test_two_scrapes_at_once_are_written_one_after_the_other() -> None:
    metrics = Metrics()
    metrics.count(seen(), FINE, 1.5, NOON)

    first, second = await asyncio.gather(written(metrics), written(metrics))

    assert total(first, "mailbox_operator_attempts_total") == 1
    assert total(second, "mailbox_operator_attempts_total") == 1


@pytest.mark.parametrize(
    ("conclusion", "failed", "result", "retries"),
    [
        (Conclusion(Status(), Known(), timedelta(1), Retry.INTERVAL), False, "requeue_after", 0),
        (Conclusion(Status(), Known(), timedelta(1), Retry.PERSON), False, "requeue_after", 1),
        (None, False, "success", 0),
        (None, True, "error", 0),
        (
            Conclusion(Status(), Known(reason=Reason.INTERNAL_ERROR), timedelta(1), Retry.BACKOFF),
            False,
            "error",
            1,
        ),
    ],
)
async def test_a_turn_is_counted_as_controller_runtime_would(
    conclusion: Conclusion | None,
    failed: bool,  # noqa: FBT001 - a case of the table
    result: str,
    retries: int,
) -> None:
    metrics = Metrics()

    metrics.workqueue.ended(conclusion, 0.5, failed=failed)

    text = await written(metrics)
    found = samples(text, "controller_runtime_reconcile_total")
    assert [each.labels["result"] for each in found if each.value] == [result]
    assert total(text, "workqueue_retries_total") == retries
    assert total(text, "mailbox_operator_retries_total") == retries


async def test_what_is_common_begins_at_zero() -> None:
    text = await written(Metrics())

    every, by_consent = (
        len(Provider) * len(Infrastructure),
        len(OAUTH_PROVIDERS) * len(Infrastructure),
    )
    assert len(samples(text, "mailbox_operator_time_to_connected_seconds_count")) == every
    assert len(samples(text, "mailbox_operator_attempt_phase_duration_seconds_count")) == 6
    assert len(samples(text, "mailbox_operator_consents_began_total")) == by_consent


async def test_requests_are_counted_by_method_and_answer() -> None:
    metrics = Metrics()

    metrics.requests.observe("PATCH", 0, 0.5)

    found = samples(await written(metrics), "rest_client_requests_total")
    assert [each.labels for each in found] == [{"method": "PATCH", "code": "0"}]


async def test_a_series_of_each_result_is_there_from_the_start() -> None:
    found = samples(await written(Metrics()), "controller_runtime_reconcile_total")

    assert len(found) == 4


async def test_a_mailbox_without_a_spec_has_no_provider() -> None:
    metrics = Metrics()

    metrics.count(seen(unreadable()), Fault(Reason.INVALID_SPEC), 0.1, NOON)

    found = await counted(metrics, "mailbox_operator_attempts_total")
    assert found[0].labels["provider"] == "none"
