"""A collector of traces: takes OTLP over HTTP, and keeps what it is told."""

import ssl
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Self

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span as Sent, Status

from mailbox_operator.settings.file import Settings

PATH = "/v1/traces"


@dataclass(frozen=True, slots=True)
class Span:
    """One span, as it arrived.

    Attributes:
        parent: Id of the span it lies within; empty for a trace's first.
        failure: What its status says is wrong; empty if nothing is.
        events: Names of what happened within, such as exceptions.
    """

    name: str
    trace: str
    id: str
    parent: str
    attributes: dict[str, Any]
    failure: str
    events: tuple[str, ...]


@dataclass(slots=True)
class Collector:
    """One that runs.

    Attributes:
        url: Where it takes traces.
        status: What it answers with; spans are kept if that is 200.
        bodies: What was posted.
        headers: Of the last request.
    """

    url: str = ""
    status: int = 200
    text: str = ""
    spans: list[Span] = field(default_factory=list)
    resource: dict[str, Any] = field(default_factory=dict)
    bodies: list[bytes] = field(default_factory=list)
    headers: dict[str, str] = field(default_factory=dict)

    @classmethod
    @asynccontextmanager
    async def running(cls, context: ssl.SSLContext | None = None) -> AsyncIterator[Self]:
        """Run one as long as the block lasts, with TLS if a context is given."""
        collector = cls()
        application = web.Application()
        application.router.add_post(PATH, collector.take)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context).start()
            scheme = "https" if context else "http"
            collector.url = f"{scheme}://localhost:{runner.addresses[0][1]}{PATH}"
            yield collector
        finally:
            await runner.cleanup()

    async def take(self, request: web.Request) -> web.Response:
        """Take a batch."""
        body = await request.read()
        self.bodies.append(body)
        self.headers = {name.lower(): value for name, value in request.headers.items()}
        if self.status == web.HTTPOk.status_code:
            self._keep(ExportTraceServiceRequest.FromString(body))
        return web.Response(status=self.status, text=self.text)

    def traces(self, name: str) -> list[list[Span]]:
        """Return the traces of one object, oldest first: the attempt, then its phases in order."""
        firsts = [each for each in self.spans if each.attributes.get("mailbox.name") == name]
        return [
            [first, *(each for each in self.spans if each.parent == first.id)] for first in firsts
        ]

    def _keep(self, batch: ExportTraceServiceRequest) -> None:
        for of_resource in batch.resource_spans:
            self.resource = attributes(of_resource.resource.attributes)
            for of_scope in of_resource.scope_spans:
                self.spans.extend(read(span) for span in of_scope.spans)


def read(span: Sent) -> Span:
    """Read a span."""
    failed = span.status.code == Status.STATUS_CODE_ERROR
    return Span(
        name=span.name,
        trace=span.trace_id.hex(),
        id=span.span_id.hex(),
        parent=span.parent_span_id.hex(),
        attributes=attributes(span.attributes),
        failure=span.status.message if failed else "",
        events=tuple(event.name for event in span.events),
    )


def attributes(pairs: Iterable[KeyValue]) -> dict[str, Any]:
    """Read attributes, each with a value of its own kind."""
    found = {pair.key: pair.value for pair in pairs}
    return {key: getattr(value, value.WhichOneof("value") or "") for key, value in found.items()}


def settings(endpoint: str, **egress: Any) -> Settings:
    """Configure an operator that traces to a collector."""
    return Settings.model_validate({"tracing": {"endpoint": endpoint}, "egress": egress})
