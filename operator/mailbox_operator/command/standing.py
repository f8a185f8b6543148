"""What there is to say of one object: its state, the reason, who must act, and when it is looked at."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, assert_never

from mailbox_operator.command.tree import Colour, Node, span
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.failure.reasons import Move, Reason, Retry
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.machine.verdict import move_of
from mailbox_operator.decide.status.conditions import Condition, Standing, read_time
from mailbox_operator.decide.words import Kind

UNSEEN: Final = "no operator has looked at it yet"
CHANGED: Final = "the spec was changed since"
SUSPENDED: Final = "Suspended"
PAUSED: Final = "not before it is resumed: spec.suspend is set"
MOST_NEAR: Final = 20
COLOURS: Final = {"True": Colour.GOOD, "False": Colour.BAD}


@dataclass(frozen=True, slots=True)
class Report:
    """One object, for people and for programs.

    Attributes:
        subject: The object.
        now: Aware, UTC.
        related: Senders that send through a Mailbox, or the Mailboxes that a Sender sends through.
        offer: The ManagedInfrastructure that it uses, as far as it can be read.
    """

    subject: Subject
    now: datetime
    related: Sequence[Subject] = ()
    offer: Subject | None = None

    @property
    def ready(self) -> Condition | None:
        """The condition `Ready`; None while it is about an older spec, or missing."""
        found = self.subject.status.condition("Ready")
        return found if found and self.is_observed else None

    @property
    def message(self) -> str:
        """What `Ready` says in a sentence, or why there is none."""
        if self.ready is not None:
            return self.ready.message
        return UNSEEN if self.subject.status.observed_generation < 0 else CHANGED

    @property
    def is_observed(self) -> bool:
        """Whether the status is about the latest spec."""
        return self.subject.status.observed_generation >= self.subject.generation

    @property
    def is_ready(self) -> bool:
        """Whether all is well."""
        return self.ready is not None and self.ready.status == "True"

    @property
    def state(self) -> str:
        """The state in one word: the reason, and what stands above it."""
        if self.subject.suspended:
            return SUSPENDED
        return self.ready.reason if self.ready else Reason.PROGRESSING

    @property
    def move(self) -> Move:
        """Who must act."""
        ready = self.ready
        return move_of(self.subject, ready.reason, ready.message) if ready else Move.NOBODY

    @property
    def next_look(self) -> str:
        """When the operator looks at it again, without being asked."""
        return PAUSED if self.subject.suspended else when(self.subject)

    def rendered(self) -> dict[str, Any]:
        """Write it for programs; what does not apply is left out."""
        subject, ready = self.subject, self.ready
        fields = {
            "kind": subject.key.kind.value,
            "namespace": subject.key.namespace,
            "name": subject.key.name,
            "address": subject.address,
            "provider": subject.provider and subject.provider.value,
            "infrastructure": infrastructure_of(subject),
            "state": self.state,
            "ready": ready.status if ready else "Unknown",
            "reason": ready.reason if ready else "",
            "message": self.message,
            "whoMustAct": self.move.value,
            "since": ready.last_transition_time if ready else "",
            "nextLook": self.next_look,
            "consentURL": subject.status.consent_url,
            "binding": subject.status.binding,
            "related": [f"{each.key.kind}/{each.key.name}" for each in self.related],
        }
        return {name: value for name, value in fields.items() if value}


def infrastructure_of(subject: Subject) -> str:
    """Say whose infrastructure a Mailbox uses; empty for what uses none."""
    return subject.infrastructure.value if subject.key.kind is Kind.MAILBOX else ""


def when(subject: Subject) -> str:
    """Say when an object is looked at again, as its status stands."""
    status = subject.status
    match status.standing:
        case None | Standing.PROGRESSING:
            return "now"
        case Standing.CONNECTED:
            return f"every {span(subject.check_interval)}"
        case Standing.RETRYING:
            retry = _retry(status.reason)
            return Retry.BACKOFF if retry in (Retry.PERSON, Retry.DEPENDENCY) else retry
        case Standing.WAITING | Standing.STALLED:
            return _retry(status.reason)
        case _:
            assert_never(status.standing)


def _retry(reason: str) -> Retry:
    return RULES[Reason(reason)].retry if reason in RULES else Retry.BACKOFF


def tree_of(report: Report) -> Node:
    """Write an object as a tree."""
    subject, ready = report.subject, report.ready
    colour = Colour.OPEN if subject.suspended or ready is None else COLOURS.get(ready.status)
    text = f"{subject.key.kind} {subject.key}  {report.state}"
    return Node(text, colour or Colour.OPEN, tuple(_below(report)))


def _below(report: Report) -> Iterator[Node]:
    """Write what the object is, what is known of it, and what is near it."""
    subject = report.subject
    if subject.address:
        by = f" of {subject.used}" if subject.used else ""
        whose = infrastructure_of(subject)
        yield Node(f"{subject.address}, {subject.provider}, {whose}{by}")
    yield from _known(report)
    yield Node(f"looked at again: {report.next_look}")
    if report.offer is not None:
        yield tree_of(Report(report.offer, report.now))
    yield from _near(report)


def _near(report: Report) -> Iterator[Node]:
    """Write what is near, those in trouble first; the rest of hundreds is counted."""
    near = sorted((Report(each, report.now) for each in report.related), key=_is_well)
    yield from map(_brief, near[:MOST_NEAR])
    if rest := near[MOST_NEAR:]:
        yield Node(f"and {len(rest)} more, {sum(map(_is_well, rest))} of them ready")


def _is_well(report: Report) -> bool:
    return report.is_ready


def _known(report: Report) -> Iterator[Node]:
    status, sent = report.subject.status, report.subject.deliveries.sent
    yield from _verdict(report)
    if report.move is not Move.NOBODY:
        yield Node(f"who must act: {report.move}")
    if status.consent_url and not report.is_ready:
        yield Node(f"consent: {status.consent_url}")
    if sent:
        yield Node(f"last message sent {span(report.now - sent)} ago")
    if status.binding:
        yield Node(f"login of the application: Secret {status.binding}")


def _verdict(report: Report) -> Iterator[Node]:
    ready = report.ready
    yield Node(report.message)
    if ready and (since := read_time(ready.last_transition_time)):
        yield Node(f"since {ready.last_transition_time}, {span(report.now - since)} ago")


def _brief(report: Report) -> Node:
    colour = Colour.GOOD if report.is_ready else Colour.BAD
    return Node(f"{report.subject.key.kind} {report.subject.key.name}  {report.state}", colour)
