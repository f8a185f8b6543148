"""Counts what becomes of messages, for Prometheus."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import nan
from typing import Final

from prometheus_client import Counter, Histogram

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.sending.answers import Answer, Situation
from mailbox_operator.decide.sending.certificates import Validity
from mailbox_operator.decide.sending.delivery import InDoubt, NotSent, Outcome, Refused, Taken
from mailbox_operator.decide.words import MessagePhase, Phase
from mailbox_operator.report.metrics.controller_metrics import ApiRequests
from mailbox_operator.report.metrics.instruments import Instruments

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300)
SENDER: Final = ("namespace", "sender")
TURNED_AWAY: Final = "TurnedAway"
RESULTS: Final = {True: "Accepted", False: "Refused"}
NAMES: Final = {Taken: "Taken", Refused: "Refused", NotSent: "NotSent", InDoubt: "InDoubt"}


def anybody(_: Key) -> bool:
    """Take every Sender to be there."""
    return True


@dataclass(slots=True)
class GatewayMetrics:
    """A gateway's metrics.

    Attributes:
        per_sender: Whether every Sender has series of its own; its namespace always has.
        is_there: Says whether a Sender still exists; asked at each scrape, for one that is gone has no
            series.
    """

    per_sender: bool = True
    is_there: Callable[[Key], bool] = anybody
    instruments: Instruments = field(default_factory=lambda: Instruments("mailbox_gateway"))
    requests: ApiRequests = field(init=False)
    messages: Counter = field(init=False)
    refusals: Counter = field(init=False)
    in_doubt: Counter = field(init=False)
    seconds: Histogram = field(init=False)
    message_phases: Mapping[MessagePhase, Histogram] = field(init=False)
    phases: Mapping[Phase, Histogram] = field(init=False)
    logins: Counter = field(init=False)
    provider_logins: Counter = field(init=False)
    loop_lag: Histogram = field(init=False)
    _told: dict[Key, dict[tuple[str, int], Counter]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.requests = ApiRequests(self.instruments.registry)
        text = "Messages of applications, by what became of them and the class of the reply."
        self.messages = self.instruments.counter("messages", text, *SENDER, "outcome", "code")
        text = "Refusals in the gateway's own words, by situation."
        self.refusals = self.instruments.counter("refusals", text, "situation")
        text = "Messages that may have been sent or not: the provider was lost after their end."
        self.in_doubt = self.instruments.counter("in_doubt", text)
        text = "Seconds from the end of a message to the provider's reply."
        self.seconds = self.instruments.histogram("message_duration", text, SECONDS)
        self._count_phases()
        text = "Logins of applications, by whether they were accepted."
        self.logins = self.instruments.counter("logins", text, "result")
        text = "Logins at providers and relays, by whether they were accepted."
        self.provider_logins = self.instruments.counter("provider_logins", text, "result")
        self.loop_lag = self.instruments.loop_lag()
        self._begin_at_zero()
        self.instruments.add_process()

    def _count_phases(self) -> None:
        text = "Seconds of messages, by what they were spent on."
        seconds = self.instruments.histogram("message_phase_duration", text, SECONDS, "phase")
        self.message_phases = {phase: seconds.labels(phase.value) for phase in MessagePhase}
        text = "Duration of the phases of a login at a provider or relay."
        seconds = self.instruments.histogram("login_phase_duration", text, SECONDS, "phase")
        self.phases = {phase: seconds.labels(phase.value) for phase in Phase}

    def _begin_at_zero(self) -> None:
        """Show what is common before it happens: a rate does not see the first count of a series."""
        for situation in Situation:
            self.refusals.labels(situation.value)
        for accepted in (True, False):
            self.logins.labels(RESULTS[accepted])
            self.provider_logins.labels(RESULTS[accepted])

    def refused(self, situation: Situation) -> None:
        """Count a refusal before a message is complete."""
        self.refusals.labels(situation.value).inc()
        if situation is Situation.LOGIN_WRONG:
            self.logins.labels(RESULTS[False]).inc()

    def welcomed(self) -> None:
        """Count an application's login that was accepted."""
        self.logins.labels(RESULTS[True]).inc()

    def logged_in(self, *, accepted: bool) -> None:
        """Count a login at a provider or relay."""
        self.provider_logins.labels(RESULTS[accepted]).inc()

    def turned_away(self, sender: Key, refusal: Answer) -> None:
        """Count a message that was refused before anybody was dialled."""
        self._count(sender, TURNED_AWAY, refusal)

    def ended(self, sender: Key, outcome: Outcome, told: Answer, seconds: float) -> None:
        """Count what became of a message."""
        self._count(sender, NAMES[type(outcome)], told)
        self.seconds.observe(seconds)
        if isinstance(outcome, InDoubt):
            self.in_doubt.inc()

    def gauge(self, name: str, text: str, read: Callable[[], float], /, **labels: str) -> None:
        """Add a gauge that is read at each scrape."""
        self.instruments.gauge(f"{self.instruments.prefix}_{name}", text, read, **labels)

    def follow_certificate(self, read: Callable[[], Validity | None]) -> None:
        """Tell when the certificate is valid that applications meet; NaN while there is none."""

        def begins() -> float:
            found = read()
            return found.since.timestamp() if found else nan

        def ends() -> float:
            found = read()
            return found.until.timestamp() if found else nan

        name = "certificate_{}_timestamp_seconds"
        self.gauge(name.format("not_before"), "When the certificate begins to be valid.", begins)
        self.gauge(name.format("expiration"), "When the certificate expires.", ends)

    async def exposition(self, accept: str, *, zipped: bool) -> tuple[bytes, str]:
        """Write the metrics out, as `Metrics.exposition` does."""
        self._forget()
        return await self.instruments.exposition(accept, zipped=zipped)

    def _count(self, sender: Key, outcome: str, told: Answer) -> None:
        what, known = (outcome, told.code // 100), self._told.get(sender)
        if known is None:
            known = self._told[sender] = {}
        if what not in known:
            known[what] = self.messages.labels(*self._labels(sender, *what))
        known[what].inc()

    def _labels(self, sender: Key, outcome: str, hundreds: int) -> tuple[str, ...]:
        name = sender.name if self.per_sender else ""
        return (sender.namespace, name, outcome, f"{hundreds}xx")

    def _forget(self) -> None:
        """Drop the series of Senders that are gone, those of messages that ended later included."""
        for sender in [each for each in self._told if not self.is_there(each)]:
            for what in self._told.pop(sender):
                if self.per_sender:
                    self.messages.remove(*self._labels(sender, *what))
