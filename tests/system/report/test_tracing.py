"""Traces of attempts, as a collector gets them: all that helps, and nothing that must not leave."""

import asyncio
import logging

import pytest

from lab.servers.collector import Collector, Span, settings
from mailbox_operator.assemble.traces import traced
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.words import Phase
from mailbox_operator.report.metrics.metrics import Metrics
from mailbox_operator.report.observers import Observers
from mailbox_operator.report.tracing.tracing import Tracing
from mailbox_operator.settings.file import Settings
from unit.make import ENDPOINT, infrastructure, key, mailbox, seen, spec

CANARY = "hunter2-canary"
GOOD = Proof(ENDPOINT)
REFUSED = Fault(Reason.INVALID_CREDENTIALS, CANARY, facts={"code": CANARY})
JANE = seen()


def attempt(tracing: Tracing, outcome: Proof | Exception, *phases: Phase) -> str:
    """Make as if an attempt went through these phases and ended so; tell its trace."""
    with tracing.attempt(JANE):
        for each in phases:
            with tracing.phase(each, ENDPOINT):
                pass
        return tracing.attempted(outcome)


def crash(tracing: Tracing) -> None:
    """Make as if an attempt broke off at a bug."""
    error = ValueError(CANARY)
    error.add_note(CANARY)
    with tracing.attempt(JANE), tracing.phase(Phase.AUTH, ENDPOINT):
        raise error


async def trace(collector: Collector, outcome: Proof | Exception, *phases: Phase) -> list[Span]:
    """Make an attempt, and tell what the collector was told of it."""
    async with traced(settings(collector.url)) as tracing:
        attempt(tracing, outcome, *phases)
    return collector.traces("jane")[0]


async def test_an_attempt_is_a_span_and_its_phases_lie_within(collector: Collector) -> None:
    first, *within = await trace(collector, GOOD, Phase.RESOLVE, Phase.TLS)

    assert (first.name, first.parent) == ("attempt", "")
    assert [each.name for each in within] == ["resolve", "tls"]
    assert {each.trace for each in within} == {first.trace}
    assert within[0].attributes == {"server.address": ENDPOINT.host, "server.port": ENDPOINT.port}


async def test_an_attempt_says_of_whom_it_is_and_how_it_ended(collector: Collector) -> None:
    first, *_ = await trace(collector, GOOD)

    assert first.failure == ""
    assert first.attributes == {
        "k8s.namespace.name": "mail",
        "mailbox.kind": "Mailbox",
        "mailbox.name": "jane",
        "mailbox.uid": JANE.subject.uid,
        "mailbox.provider": "SMTP",
        "mailbox.infrastructure": "Private",
        "mailbox.reason": "Connected",
        "mailbox.retry": "Interval",
    }
    assert collector.resource["service.name"] == "mailbox-operator"


@pytest.mark.parametrize(
    ("outcome", "reason", "retry"),
    [(REFUSED, "InvalidCredentials", "Person"), (ValueError(CANARY), "InternalError", "Backoff")],
)
async def test_an_attempt_that_fails_says_why(
    collector: Collector, outcome: Exception, reason: str, retry: str
) -> None:
    first, *_ = await trace(collector, outcome)

    told = first.attributes
    assert (first.failure, told["error.type"], told["mailbox.reason"]) == (reason, reason, reason)
    assert told["mailbox.retry"] == retry


@pytest.mark.parametrize(
    ("trouble", "word"), [(REFUSED, "InvalidCredentials"), (OSError(CANARY), "OSError")]
)
async def test_a_phase_that_fails_says_how(
    collector: Collector, trouble: Exception, word: str
) -> None:
    async with traced(settings(collector.url)) as tracing:
        with pytest.raises(type(trouble)), tracing.attempt(JANE), tracing.phase(Phase.AUTH):
            raise trouble

    first, phase = collector.traces("jane")[0]
    assert (phase.failure, phase.attributes, first.failure) == (word, {"error.type": word}, "")


async def test_no_text_of_an_exception_and_no_address_leaves(collector: Collector) -> None:
    async with traced(settings(collector.url)) as tracing:
        attempt(tracing, REFUSED, Phase.TLS)
        with pytest.raises(ValueError, match=CANARY):
            crash(tracing)

    told = b"".join(collector.bodies)
    secret = (CANARY, spec().address, "@acme", "Traceback", __file__)
    assert [word for word in secret if word.encode() in told] == []
    assert {each.events for each in collector.spans} == {()}


async def test_a_managed_infrastructure_lies_in_no_namespace(collector: Collector) -> None:
    async with traced(settings(collector.url)) as tracing:
        with tracing.attempt(seen(infrastructure())):
            tracing.attempted(GOOD)

    told = collector.traces("default")[0][0].attributes
    assert told["mailbox.kind"] == "ManagedInfrastructure"
    assert not {"k8s.namespace.name", "mailbox.provider"} & set(told)


async def test_attempts_at_the_same_time_are_traces_of_their_own(collector: Collector) -> None:
    async def one(name: str, tracing: Tracing, meeting: asyncio.Barrier) -> None:
        with tracing.attempt(seen(mailbox(key=key(name)))):
            await meeting.wait()
            with tracing.phase(Phase.TLS):
                await meeting.wait()

    async with traced(settings(collector.url)) as tracing:
        meeting = asyncio.Barrier(2)
        await asyncio.gather(one("a", tracing, meeting), one("b", tracing, meeting))

    traces = [collector.traces(name)[0] for name in ("a", "b")]
    assert [[each.name for each in one] for one in traces] == [["attempt", "tls"]] * 2
    assert traces[0][0].trace != traces[1][0].trace


async def test_a_phase_outside_of_an_attempt_is_not_traced(collector: Collector) -> None:
    async with traced(settings(collector.url)) as tracing:
        with tracing.phase(Phase.TLS, ENDPOINT):
            pass

    assert collector.bodies == []


async def test_the_log_line_of_an_attempt_names_its_trace(
    collector: Collector, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "mailbox_operator")
    async with traced(settings(collector.url)) as tracing:
        observers = Observers(Metrics(), tracing)
        with observers.attempting(JANE):
            observers.attempted(JANE, REFUSED, 0.1)

    line = next(each for each in caplog.records if each.message == "attempt failed")
    assert vars(line)["trace_id"] == collector.spans[0].trace


@pytest.mark.parametrize(("ratio", "traces"), [(0.0, 0), (1.0, 20)])
async def test_a_share_of_the_attempts_is_traced(
    collector: Collector, ratio: float, traces: int
) -> None:
    wanted = {"tracing": {"endpoint": collector.url, "sampleRatio": ratio}}
    async with traced(Settings.model_validate(wanted)) as tracing:
        ids = [attempt(tracing, GOOD, Phase.TLS) for _ in range(20)]

    assert len(collector.traces("jane")) == len([each for each in ids if each]) == traces


def test_a_phase_is_measured_whether_it_fails_or_not() -> None:
    metrics = Metrics()
    observers = Observers(metrics)
    with observers.phase(Phase.AUTH):
        pass
    with pytest.raises(OSError, match=CANARY), observers.phase(Phase.AUTH):
        raise OSError(CANARY)

    name = "mailbox_operator_attempt_phase_duration_seconds_count"
    assert metrics.registry.get_sample_value(name, {"phase": "auth"}) == 2
