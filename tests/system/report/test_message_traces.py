"""Traces of messages: who sent them by which Mailbox, and nothing of what is in them."""

import pytest

from lab.servers.collector import Collector, Span, settings
from mailbox_operator.assemble.traces import traced
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_reply import Stage
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.sending.answers import Answer
from mailbox_operator.decide.sending.delivery import (
    InDoubt,
    NotSent,
    Outcome,
    Refused,
    Route,
    Taken,
)
from mailbox_operator.decide.words import Kind, MessagePhase, Phase
from mailbox_operator.report.metrics.gateway_metrics import GatewayMetrics
from mailbox_operator.report.sendings import SendingsReport
from unit.make import ENDPOINT, mailbox, spec

SHOP = Key(Kind.SENDER, "acme", "shop")
BOX = mailbox()
SAID = Answer(550, "5.1.1", "joe@other.example is unknown")
REFUSED = Refused(SAID, Stage.RCPT, "joe@other.example")


async def trace(collector: Collector, outcome: Outcome) -> list[Span]:
    """Send a message that ends so, and return what the collector heard about it."""
    async with traced(settings(collector.url)) as tracing:
        report = SendingsReport(GatewayMetrics(), tracing)
        with report.sending(SHOP, Route(Case(BOX, None, "v1"))):
            with report.message_phase(MessagePhase.QUEUE):
                pass
            with (
                report.message_phase(MessagePhase.LOGIN),
                report.phase(Phase.AUTH, ENDPOINT),
            ):
                pass
            report.ended(SHOP, outcome, SAID, 9, 0.5)
    return collector.traces(BOX.key.name)[0]


async def test_a_message_is_a_span_and_the_phases_of_its_login_lie_within(
    collector: Collector,
) -> None:
    first, *within = await trace(collector, Taken(SAID))

    assert (first.name, first.parent, first.failure) == ("message", "", "")
    assert [each.name for each in within] == ["queue", "login"]
    (login,) = (each for each in collector.spans if each.name == "auth")
    assert login.trace == first.trace
    assert login.attributes == {"server.address": ENDPOINT.host, "server.port": ENDPOINT.port}
    assert first.attributes == {
        "k8s.namespace.name": "acme",
        "mailbox.sender": "shop",
        "mailbox.name": BOX.key.name,
        "mailbox.uid": BOX.uid,
        "mailbox.provider": "SMTP",
        "mailbox.infrastructure": "Private",
        "mailbox.outcome": "Taken",
        "mailbox.reply_code": 550,
    }


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (REFUSED, "Refused"),
        (InDoubt("lost"), "InDoubt"),
        (NotSent(Fault(Reason.INVALID_CREDENTIALS, "no")), "InvalidCredentials"),
    ],
)
async def test_a_message_that_was_not_taken_says_why(
    collector: Collector, outcome: Outcome, word: str
) -> None:
    first, *_ = await trace(collector, outcome)

    assert (first.failure, first.attributes["error.type"]) == (word, word)


async def test_no_address_of_a_message_leaves(collector: Collector) -> None:
    await trace(collector, REFUSED)

    told = b"".join(collector.bodies)
    assert [word for word in ("joe@", "unknown", spec().address) if word.encode() in told] == []
