"""What the metrics of both processes have in common."""

import gzip
from collections.abc import Iterator

import pytest

from mailbox_operator.report.metrics.gateway_metrics import GatewayMetrics
from mailbox_operator.report.metrics.instruments import Instruments
from mailbox_operator.report.metrics.metrics import Metrics

OPEN = "application/openmetrics-text;version=1.0.0"


async def test_the_names_of_a_process_begin_alike() -> None:
    instruments = Instruments("mailbox_test")

    instruments.counter("things", "Things.", "kind").labels("big").inc()
    instruments.histogram("thing_duration", "Seconds.", (1, 2)).observe(1.5)
    body, _ = await instruments.exposition("", zipped=False)

    assert b'mailbox_test_things_total{kind="big"} 1.0' in body
    assert b'mailbox_test_thing_duration_seconds_bucket{le="2.0"} 1.0' in body


async def test_a_gauge_is_read_at_each_scrape() -> None:
    instruments, values = Instruments("mailbox_test"), iter((7, 8))
    instruments.gauge("workqueue_depth", "Keys.", lambda: next(values), name="mailbox")

    first, _ = await instruments.exposition("", zipped=False)
    second, _ = await instruments.exposition("", zipped=True)

    assert b'workqueue_depth{name="mailbox"} 7.0' in first
    assert b'workqueue_depth{name="mailbox"} 8.0' in gzip.decompress(second)


async def test_more_lines_come_before_the_end_of_openmetrics() -> None:
    instruments = Instruments("mailbox_test")

    def more() -> Iterator[bytes]:
        yield b"more 1\n"

    text, _ = await instruments.exposition("", zipped=False, more=more())
    opened, _ = await instruments.exposition(OPEN, zipped=False, more=more())

    assert text.endswith(b"more 1\n")
    assert opened.endswith(b"more 1\n# EOF\n")


@pytest.mark.parametrize(
    ("metrics", "name"),
    [
        (Metrics(), b"mailbox_operator_build_info{"),
        (GatewayMetrics(), b"mailbox_gateway_build_info{"),
    ],
    ids=["operator", "gateway"],
)
async def test_both_processes_tell_of_themselves(
    metrics: Metrics | GatewayMetrics, name: bytes
) -> None:
    body, _ = await metrics.exposition("", zipped=False)

    assert name in body
    assert b"process_resident_memory_bytes" in body
    assert b"loop_lag_seconds_count 0.0" in body
