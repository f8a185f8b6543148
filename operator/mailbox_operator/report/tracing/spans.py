"""Writes the spans of attempts and messages; `delivery` hands them on. The door of OpenTelemetry.

A span holds names and words of the API, and hosts: no address, no credential, and of an exception its
type alone, for its text may quote what it was given.
"""

import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Thread
from typing import Final, Self

from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import (
    Span,
    SpanKind,
    Status,
    StatusCode,
    Tracer,
    format_trace_id,
    get_current_span,
)

from mailbox_operator import __version__
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import HEALTHY
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.machine.machine import Proof, reason_of
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.sending.delivery import NotSent, Outcome, Route, Taken
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import MessagePhase, Phase
from mailbox_operator.report.tracing.delivery import processor

FLUSH_SECONDS: Final = 3


@dataclass(frozen=True, slots=True)
class Spans:
    """Traces attempts: a span for each, and one within for each phase."""

    provider: TracerProvider
    tracer: Tracer = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tracer", self.provider.get_tracer(__name__, __version__))

    @classmethod
    def to(cls, endpoint: str, sample_ratio: float, authorities: Path | None) -> Self:
        """Trace a share of the attempts for a collector; a thread delivers them in batches."""
        resource = {
            "service.name": "mailbox-operator",
            "service.version": __version__,
            "service.instance.id": socket.gethostname(),
        }
        provider = TracerProvider(
            sampler=ParentBased(TraceIdRatioBased(sample_ratio)),
            resource=Resource(resource),
            shutdown_on_exit=False,
        )
        provider.add_span_processor(processor(endpoint, authorities))
        return cls(provider)

    @contextmanager
    def attempt(self, seen: Seen) -> Iterator[None]:
        """Trace an attempt; one that is called off, or learns nothing, ends without a status."""
        with self._span("attempt", SpanKind.INTERNAL, _subject(seen)):
            yield

    def attempted(self, outcome: Proof | Exception) -> str:
        """Say how the attempt at hand ended, and tell its trace; empty if it was not sampled."""
        span = get_current_span()
        if not span.is_recording():
            return ""
        reason = reason_of(outcome)
        span.set_attribute("mailbox.reason", reason.value)
        span.set_attribute("mailbox.retry", RULES[reason].retry.name.capitalize())
        if reason not in HEALTHY:
            _fail(span, reason.value)
        return format_trace_id(span.get_span_context().trace_id)

    @contextmanager
    def message(self, sender: Key, route: Route) -> Iterator[None]:
        """Trace a message; of its content and its envelope nothing is told."""
        box = route.case.mailbox
        attributes = {
            "k8s.namespace.name": sender.namespace,
            "mailbox.sender": sender.name,
            "mailbox.name": box.key.name,
            "mailbox.uid": box.uid,
            "mailbox.infrastructure": box.infrastructure.value,
        }
        if box.provider is not None:
            attributes["mailbox.provider"] = box.provider.value
        with self._span("message", SpanKind.SERVER, attributes):
            yield

    def sent(self, outcome: Outcome, code: int) -> str:
        """Say what became of the message at hand, and tell its trace; empty if it was not sampled."""
        span = get_current_span()
        if not span.is_recording():
            return ""
        word = type(outcome).__name__
        span.set_attribute("mailbox.outcome", word)
        span.set_attribute("mailbox.reply_code", code)
        if isinstance(outcome, NotSent) and isinstance(outcome.trouble, Fault):
            word = outcome.trouble.reason.value
        if not isinstance(outcome, Taken):
            _fail(span, word)
        return format_trace_id(span.get_span_context().trace_id)

    @contextmanager
    def phase(self, phase: Phase | MessagePhase, server: Endpoint | None = None) -> Iterator[None]:
        """Trace a phase of the attempt or message at hand; a consent's login belongs to none."""
        if not get_current_span().is_recording():
            yield
            return
        place: dict[str, str | int] = {}
        if server is not None:
            place = {"server.address": server.host, "server.port": server.port}
        kind = SpanKind.CLIENT if isinstance(phase, Phase) else SpanKind.INTERNAL
        with self._span(phase.value, kind, place) as span:
            try:
                yield
            except BaseException as error:
                _fail(
                    span, error.reason.value if isinstance(error, Fault) else type(error).__name__
                )
                raise

    def close(self) -> None:
        """Deliver what is left; a collector that is slow or gone is not waited for."""
        flushing = Thread(target=self.provider.shutdown, daemon=True)
        flushing.start()
        flushing.join(FLUSH_SECONDS)

    @contextmanager
    def _span(
        self, name: str, kind: SpanKind, attributes: Mapping[str, str | int]
    ) -> Iterator[Span]:
        with self.tracer.start_as_current_span(
            name,
            kind=kind,
            attributes=attributes,
            record_exception=False,
            set_status_on_exception=False,
        ) as span:
            yield span


def _subject(seen: Seen) -> Mapping[str, str]:
    subject = seen.subject
    attributes = {
        "mailbox.kind": subject.key.kind.value,
        "mailbox.name": subject.key.name,
        "mailbox.uid": subject.uid,
        "mailbox.infrastructure": subject.infrastructure.value,
    }
    if subject.key.namespace:
        attributes["k8s.namespace.name"] = subject.key.namespace
    if subject.provider is not None:
        attributes["mailbox.provider"] = subject.provider.value
    return attributes


def _fail(span: Span, word: str) -> None:
    span.set_attribute("error.type", word)
    span.set_status(Status(StatusCode.ERROR, word))
