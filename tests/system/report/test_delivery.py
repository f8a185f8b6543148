"""A collector of traces that is gone disturbs nobody; where none is configured, nothing is loaded."""

import asyncio
import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from lab.servers.authority import Authority
from lab.servers.collector import Collector, settings
from lab.servers.silence import black_hole, closed_port
from mailbox_operator.assemble.traces import traced
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.words import Phase
from mailbox_operator.report.tracing.delivery import Delivery
from mailbox_operator.report.tracing.tracing import Tracing
from unit.make import ENDPOINT, seen

CANARY = "hunter2-canary"
YES, NO = SpanExportResult.SUCCESS, SpanExportResult.FAILURE
SOURCES = Path(__file__).parents[3] / "operator"
LOADED = """
import sys, asyncio, mailbox_operator.cli
from mailbox_operator.assemble.traces import traced
from mailbox_operator.report.observers import Observers
from mailbox_operator.decide.words import Phase
from mailbox_operator.report.metrics.metrics import Metrics
from mailbox_operator.settings.file import load

async def main():
    async with traced(load(sys.argv[1])) as tracing:
        with Observers(Metrics(), tracing).phase(Phase.TLS):
            pass
    print([name for name in sys.modules if name.startswith("opentelemetry")][:1])

asyncio.run(main())
"""
TRACED = """
import sys, asyncio
from mailbox_operator.assemble.traces import traced
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.declared.mailbox import parse_mailbox
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.report.log import configure
from mailbox_operator.settings.file import load

async def main():
    configure("DEBUG")
    mailbox = parse_mailbox({"metadata": {"name": "jane", "namespace": "mail"}})
    async with traced(load(sys.argv[1])) as tracing:
        with tracing.attempt(Seen(mailbox, mailbox.status, "1")):
            tracing.attempted(Proof())

asyncio.run(main())
"""


class Moody(SpanExporter):
    """Delivers by mood."""

    def __init__(self, *moods: SpanExportResult) -> None:
        self.moods = list(moods)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        return self.moods.pop(0)


def attempt(tracing: Tracing) -> str:
    """Make as if an attempt went through all phases; tell its trace."""
    with tracing.attempt(seen()):
        for each in Phase:
            with tracing.phase(each, ENDPOINT):
                pass
        return tracing.attempted(Proof(ENDPOINT))


async def printed(program: str, endpoint: str | None, **environment: str) -> tuple[str, str]:
    """Run a program of its own with this collector; return what it wrote."""
    configuration = json.dumps({"tracing": {"endpoint": endpoint}})
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", program, configuration),
        env={**os.environ, "PYTHONPATH": str(SOURCES), **environment},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    async with asyncio.timeout(90):
        output, log = await process.communicate()
    assert process.returncode == 0, log.decode()
    return output.decode(), log.decode()


async def test_nothing_of_opentelemetry_is_loaded_where_no_collector_is_configured() -> None:
    output, _ = await printed(LOADED, None)

    assert output == "[]\n"


async def test_opentelemetry_is_loaded_where_one_is(collector: Collector) -> None:
    output, _ = await printed(LOADED, collector.url)

    assert output == "['opentelemetry']\n"


async def test_a_collector_is_trusted_by_the_configured_authorities(tmp_path: Path) -> None:
    authority, bundle = Authority(), tmp_path / "bundle.pem"
    bundle.write_bytes(authority.ca_pem)
    async with Collector.running(authority.server_context("localhost")) as collector:
        async with traced(settings(collector.url, caBundleFile=str(bundle))) as tracing:
            attempt(tracing)
        async with traced(settings(collector.url)) as tracing:
            attempt(tracing)

    assert len(collector.traces("jane")) == 1


@pytest.mark.parametrize("place", ["nobody there", "silent"])
async def test_a_collector_that_is_gone_holds_nothing_up(place: str) -> None:
    with black_hole() as silent:
        port = silent if place == "silent" else closed_port()
        async with asyncio.timeout(60), traced(settings(f"http://127.0.0.1:{port}/x")) as tracing:
            ids = {attempt(tracing) for _ in range(1000)}  # a wait for each would take an hour

    assert len(ids) == 1000


async def test_what_a_collector_answers_is_not_logged(collector: Collector) -> None:
    collector.status, collector.text = 400, CANARY

    _, log = await printed(TRACED, collector.url)

    lines = [json.loads(line) for line in log.splitlines()]
    told = [(x["level"], x["message"], x["endpoint"]) for x in lines if x["level"] != "DEBUG"]
    assert told == [("WARNING", "traces are not delivered", collector.url)]
    assert CANARY not in log
    assert [x["logger"] for x in lines if x["logger"].startswith("opentelemetry")] == []


def test_an_outage_is_logged_once_and_so_is_its_end(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO", "mailbox_operator")
    delivery = Delivery(Moody(YES, NO, NO, NO, YES, YES), "http://otel/x")

    results = [delivery.export([]) for _ in range(6)]

    assert results == [YES, NO, NO, NO, YES, YES]
    assert caplog.messages == ["traces are not delivered", "traces are delivered again"]


async def test_a_header_comes_from_the_environment_and_a_proxy_does_not(
    collector: Collector,
) -> None:
    proxies = dict.fromkeys(("HTTP_PROXY", "http_proxy", "ALL_PROXY"), "http://127.0.0.1:9")
    header = {"OTEL_EXPORTER_OTLP_HEADERS": "api-key=a-key"}

    await printed(TRACED, collector.url, **proxies, **header)

    assert (len(collector.spans), collector.headers["api-key"]) == (1, "a-key")
