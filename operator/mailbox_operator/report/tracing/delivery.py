"""Hands spans to a collector, from a thread of its own; no trouble there disturbs an attempt."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import certifi
import requests
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult

EXPORT_SECONDS: Final = 5
BATCH_SECONDS: Final = 2
MOST_SPANS_WAITING: Final = 4096
LARGEST_BATCH: Final = 512

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Delivery(SpanExporter):
    """Hands spans on, and logs when that stops to work and when it works again, in its own words.

    What does not arrive is dropped. The library would log each try, and repeat what was answered;
    its own log is off (`report.log`).
    """

    inner: SpanExporter
    endpoint: str
    works: bool = True

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Deliver spans; runs in a thread of the library's."""
        result = self.inner.export(spans)
        worked, self.works = self.works, result is SpanExportResult.SUCCESS
        extra = {"endpoint": self.endpoint}
        if worked and not self.works:
            log.warning("traces are not delivered", extra=extra)
        if self.works and not worked:
            log.info("traces are delivered again", extra=extra)
        return result

    def shutdown(self) -> None:
        """Give up what is on its way."""
        self.inner.shutdown()

    def force_flush(self, timeout_millis: int = 30000) -> bool:
        """Hold nothing back."""
        return self.inner.force_flush(timeout_millis)


def processor(endpoint: str, authorities: Path | None) -> BatchSpanProcessor:
    """Deliver spans in batches.

    Args:
        endpoint: URL of a collector that takes OTLP over HTTP, with its path.
        authorities: PEM file of those that it is trusted by; None for the public ones.
    """
    return BatchSpanProcessor(
        _exporter(endpoint, authorities),
        max_queue_size=MOST_SPANS_WAITING,
        schedule_delay_millis=BATCH_SECONDS * 1000,
        max_export_batch_size=LARGEST_BATCH,
        export_timeout_millis=EXPORT_SECONDS * 1000,
    )


def _exporter(endpoint: str, authorities: Path | None) -> Delivery:
    session = requests.Session()
    session.trust_env = False  # proxies and .netrc are not for the environment to say
    certificates = str(authorities or certifi.where())
    exporter = OTLPSpanExporter(
        endpoint, certificate_file=certificates, timeout=EXPORT_SECONDS, session=session
    )
    return Delivery(exporter, endpoint)
