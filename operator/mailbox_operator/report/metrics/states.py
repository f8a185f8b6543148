"""How every mailbox stands, for Prometheus: read from a snapshot at each scrape, so none is ever stuck.

A mailbox that is gone has no series. The labels of an object are its name and words of the API: no
address, no text of a server.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Final

from mailbox_operator.decide.declared.kinds import KINDS, Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.secret import Expiry, read_moment
from mailbox_operator.decide.failure.reasons import Move
from mailbox_operator.decide.grants.fate import WAITING, Fate
from mailbox_operator.decide.machine.backoff import Pace, longest_pause
from mailbox_operator.decide.machine.seen import Known
from mailbox_operator.decide.machine.verdict import move_of
from mailbox_operator.decide.sending.capacity import Report
from mailbox_operator.decide.status.conditions import Condition
from mailbox_operator.decide.words import Kind
from mailbox_operator.report.metrics.capacity import capacities, reached
from mailbox_operator.report.metrics.family import Family
from mailbox_operator.report.metrics.labels import flag, labels_of, object_labels
from mailbox_operator.report.metrics.pacing import Paced, Pacer

OBJECT_LABELS: Final = ("namespace", "name")
KIND: Final = ("provider", "infrastructure")
KnownSubject = tuple[Subject, Known]
KnownSubjects = Iterable[KnownSubject]
NOT_YET: Final = Condition("Ready", "Unknown", "Progressing", "", 0, "")


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What a replica tells at one moment: the leader how all stands, lest it be counted twice.

    Attributes:
        leading_since: Since when it leads; None elsewhere.
        objects: On the leader every object, with what is remembered of its attempts.
        checked: The same of the objects that this replica works on.
        expiries: The ends of the Secrets in use, as far as they are known.
        orphans: Grants without a Mailbox, by what is done with them.
        capacities: What is left of the limits of Mailboxes; of those without a limit, nothing.
    """

    leading_since: datetime | None = None
    objects: Sequence[KnownSubject] = ()
    checked: Sequence[KnownSubject] = ()
    expiries: Sequence[Expiry] = ()
    orphans: Mapping[Fate, int] = field(default_factory=dict)
    capacities: Mapping[Key, Report] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class States:
    """A snapshot as metrics.

    Attributes:
        per_mailbox: Whether every Mailbox has series of its own; the sums are always there.
        pacer: Keeps the thread that writes from the way of the event loop.
    """

    snapshot: Snapshot
    pace: Pace
    per_mailbox: bool
    pacer: Pacer = field(default_factory=Pacer)

    def families(self) -> Iterator[Family]:
        """Write it out, one after the other."""
        snapshot = self.snapshot
        boxes, checked = self._of(Kind.MAILBOX, snapshot.objects), snapshot.checked
        if self.per_mailbox:
            yield infos(boxes)
            yield from standing(Kind.MAILBOX, boxes, self._of(Kind.MAILBOX, checked))
            yield intervals(boxes, self.pace)
            yield failing(boxes)
            yield from capacities(Paced([*snapshot.capacities.items()], self.pacer))
        yield sums(boxes)
        yield reached(snapshot.capacities)
        for kind in KINDS:
            if kind is not Kind.MAILBOX:
                both = (self._of(kind, snapshot.objects), self._of(kind, checked))
                yield from others(kind, *both, per_object=self.per_mailbox)
        yield ends(Paced(snapshot.expiries, self.pacer))
        yield orphaned(snapshot)
        yield since(snapshot.leading_since)

    def _of(self, kind: Kind, objects: Sequence[KnownSubject]) -> KnownSubjects:
        found = [each for each in objects if each[0].key.kind is kind]
        return Paced(found, self.pacer)


def others(
    kind: Kind, objects: KnownSubjects, checked: KnownSubjects, *, per_object: bool
) -> Iterator[Family]:
    """Tell of the objects of another kind than Mailboxes; of the tenants' there may be many."""
    if KINDS[kind].namespaced:
        yield counts(kind, objects)
        if per_object:
            yield presence(kind, objects)
    if per_object or not KINDS[kind].namespaced:
        yield from standing(kind, objects, checked)


def standing(kind: Kind, objects: KnownSubjects, checked: KnownSubjects) -> Iterator[Family]:
    """Tell of the objects of a kind which conditions stand, and when they were looked at."""
    declared = KINDS[kind]
    names = OBJECT_LABELS if declared.namespaced else OBJECT_LABELS[1:]
    yield condition_family(declared.series, names, objects)
    yield from times(declared.series, names, checked)


def infos(boxes: KnownSubjects) -> Family:
    """Tell of each Mailbox what it asks for."""
    rows = ((*object_labels(box), *labels_of(box), flag(box.suspended), 1) for box, _ in boxes)
    return Family("mailbox_info", "1 for each Mailbox.", (*OBJECT_LABELS, *KIND, "suspended"), rows)


def presence(kind: Kind, objects: KnownSubjects) -> Family:
    """Tell of each object that it is there, and whether it is to be left alone."""
    rows = ((*object_labels(each), flag(each.suspended), 1) for each, _ in objects)
    labels = (*OBJECT_LABELS, "suspended")
    return Family(f"{KINDS[kind].series}_info", f"1 for each {kind}.", labels, rows)


def condition_family(kind: str, names: Sequence[str], objects: KnownSubjects) -> Family:
    """Tell of each object which conditions stand."""
    rows = (
        (*object_labels(subject), each.type, each.status, each.reason, 1)
        for subject, _ in objects
        for each in subject.status.conditions
    )
    labels = (*names, "type", "status", "reason")
    return Family(f"{kind}_status_condition", "1 for each condition in the status.", labels, rows)


def times(kind: str, names: Sequence[str], objects: KnownSubjects) -> Iterator[Family]:
    """Tell of each object when this replica last looked at it, and last found it well."""
    yield Family(
        f"{kind}_last_check_timestamp_seconds",
        "When the last attempt ended.",
        names,
        (
            (*object_labels(each), known.checked.timestamp())
            for each, known in objects
            if known.checked
        ),
    )
    yield Family(
        f"{kind}_last_success_timestamp_seconds",
        "When the last successful attempt ended.",
        names,
        (
            (*object_labels(each), known.connected.timestamp())
            for each, known in objects
            if known.connected
        ),
    )


def intervals(boxes: KnownSubjects, pace: Pace) -> Family:
    """Tell of each Mailbox that is not suspended how long it rests at the most."""
    rows = (
        (
            *object_labels(box),
            longest_pause(box.status.standing, box.check_interval, pace).total_seconds(),
        )
        for box, _ in boxes
        if not box.suspended
    )
    text = "Longest rest between two checks, as the Mailbox stands."
    return Family("mailbox_check_interval_seconds", text, OBJECT_LABELS, rows)


def failing(boxes: KnownSubjects) -> Family:
    """Export since when and why each failing Mailbox fails, and who must act."""
    rows = (
        (
            *object_labels(box),
            *labels_of(box),
            *why(box),
            seconds_of(ready_of(box).last_transition_time),
        )
        for box, _ in boxes
        if ready_of(box).status == "False" and not box.suspended
    )
    text = "When Ready turned False; only while it is, and not suspended."
    labels = (*OBJECT_LABELS, *KIND, "reason", "move")
    return Family("mailbox_failing_since_timestamp_seconds", text, labels, rows)


def sums(boxes: KnownSubjects) -> Family:
    """Count Mailboxes by all that a fleet is looked at by."""
    tally = Counter(
        (
            box.key.namespace,
            *labels_of(box),
            ready_of(box).status,
            *why(box),
            flag(box.suspended),
        )
        for box, _ in boxes
    )
    labels = ("namespace", *KIND, "ready", "reason", "move", "suspended")
    text = "Mailboxes by the status and reason of Ready, and by who must act."
    return Family("mailboxes", text, labels, ((*row, count) for row, count in tally.items()))


def counts(kind: Kind, objects: KnownSubjects) -> Family:
    """Count the objects of a kind by what Ready says of them."""
    tally = Counter(
        (each.key.namespace, ready_of(each).status, *why(each), flag(each.suspended))
        for each, _ in objects
    )
    labels = ("namespace", "ready", "reason", "move", "suspended")
    text = f"{kind}s by what Ready says of them, and whose move it is."
    rows = ((*row, count) for row, count in tally.items())
    return Family(f"{KINDS[kind].series}s", text, labels, rows)


def ends(expiries: Iterable[Expiry]) -> Family:
    """Tell when Secrets in use expire."""
    rows = ((each.namespace, each.name, each.move, each.moment.timestamp()) for each in expiries)
    text = "When a Secret in use expires, where its annotation says so."
    return Family("client_secret_expiry_timestamp_seconds", text, (*OBJECT_LABELS, "move"), rows)


def orphaned(snapshot: Snapshot) -> Family:
    """Count the grants without a Mailbox."""
    fates = WAITING if snapshot.leading_since else ()
    rows = ((fate.value, snapshot.orphans.get(fate, 0)) for fate in fates)
    text = "Grants whose Mailbox is gone, by what is done with them."
    return Family("orphaned_grants", text, ("fate",), rows)


def since(moment: datetime | None) -> Family:
    """Tell since when this replica leads, if it does."""
    rows = [(moment.timestamp(),)] if moment else []
    return Family("leading_since_timestamp_seconds", "Since when this replica leads.", (), rows)


def ready_of(box: Subject) -> Condition:
    """Return what Ready says; that it is not known yet, where nothing does."""
    return box.status.condition("Ready") or NOT_YET


def why(box: Subject) -> tuple[str, Move]:
    """Return the reason of Ready, and who must act."""
    ready = ready_of(box)
    return ready.reason, move_of(box, ready.reason, ready.message)


@lru_cache(maxsize=65_536)
def seconds_of(text: str) -> float:
    """Read a transition time; 0 where somebody wrote one that is none."""
    found = read_moment(text)
    return found.timestamp() if found else 0.0
