"""Who is woken by what the cluster tells."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest

from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.selector import read_selector
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.reading import selecting
from mailbox_operator.watch.refs import Topic
from mailbox_operator.watch.store import Store

JANE = Key(Kind.MAILBOX, "acme", "jane")
DEFAULT = Key(Kind.INFRASTRUCTURE, "", "default")


@dataclass
class Woken:
    changes: list[tuple[Key, Change]] = field(default_factory=list)
    lost: list[Key] = field(default_factory=list)
    oversized: list[Key] = field(default_factory=list)

    def changed(self, key: Key, change: Change) -> None:
        self.changes.append((key, change))

    def gone(self, key: Key) -> None:
        self.lost.append(key)

    def oversize(self, subject: Subject) -> None:
        self.oversized.append(subject.key)


@pytest.fixture
def woken() -> Woken:
    return Woken()


@pytest.fixture
def intake(woken: Woken) -> Intake:
    return Intake(Store("operators"), woken)


def mailbox(version: int = 1, **metadata: Any) -> Mapping[str, Any]:
    known = {"name": "jane", "namespace": "acme", "uid": "u1", "resourceVersion": str(version)}
    spec = {"address": "jane@acme.example", "provider": "Google", "infrastructure": "Managed"}
    return {"metadata": {**known, **metadata}, "spec": spec}


def infrastructure(version: int = 1, generation: int = 1) -> Mapping[str, Any]:
    metadata = {"name": "default", "uid": "i1", "generation": generation}
    spec = {"google": {"clientSecretRef": {"name": "google"}}}
    return {"metadata": {**metadata, "resourceVersion": str(version)}, "spec": spec}


def secret(namespace: str, name: str, version: int = 1) -> Mapping[str, Any]:
    return {
        "metadata": {
            "namespace": namespace,
            "name": name,
            "uid": "s1",
            "resourceVersion": str(version),
        }
    }


def test_a_new_mailbox_is_told_as_new(intake: Intake, woken: Woken) -> None:
    intake.take_object(Kind.MAILBOX, mailbox())

    assert woken.changes == [(JANE, Change.NEW)]


def test_a_status_is_told_once_whether_it_comes_back_or_not(intake: Intake, woken: Woken) -> None:
    intake.take_object(Kind.MAILBOX, mailbox())

    for _ in range(2):
        intake.take_object(Kind.MAILBOX, {**mailbox(2), "status": {"observedGeneration": 1}})

    assert woken.changes == [(JANE, Change.NEW), (JANE, Change.STATUS)]


def test_a_mailbox_that_was_created_again_outlives_the_late_word_of_the_first_ones_end(
    intake: Intake, woken: Woken
) -> None:
    intake.take_object(Kind.MAILBOX, mailbox(1))
    intake.take_object(Kind.MAILBOX, mailbox(4, uid="u2"))

    intake.take_object(Kind.MAILBOX, mailbox(2))
    intake.take_object(Kind.MAILBOX, mailbox(3), deleted=True)

    subject = intake.store.subject(JANE)
    assert subject is not None
    assert (subject.uid, subject.version) == ("u2", "4")
    assert woken.changes == [(JANE, Change.NEW), (JANE, Change.NEW)]


def test_the_work_for_a_mailbox_ends_when_a_namesake_takes_its_place(
    intake: Intake, woken: Woken
) -> None:
    intake.take_object(Kind.MAILBOX, mailbox(1))

    intake.take_object(Kind.MAILBOX, mailbox(3, uid="u2"))

    assert woken.lost == [JANE]


def test_the_end_of_a_namesake_that_was_never_seen_is_the_end_of_the_first_as_well(
    intake: Intake, woken: Woken
) -> None:
    intake.take_object(Kind.MAILBOX, mailbox(1))

    intake.take_object(Kind.MAILBOX, mailbox(4, uid="u2"), deleted=True)

    assert (woken.lost, intake.store.subject(JANE)) == ([JANE], None)


def test_a_view_from_before_its_deletion_does_not_bring_a_mailbox_back(
    intake: Intake, woken: Woken
) -> None:
    intake.take_object(Kind.MAILBOX, mailbox(1))
    intake.take_object(Kind.MAILBOX, mailbox(3), deleted=True)

    intake.take_object(Kind.MAILBOX, mailbox(2))

    assert intake.store.subject(JANE) is None
    assert woken.changes == [(JANE, Change.NEW)]


def test_a_mailbox_that_is_created_again_after_its_deletion_is_new(
    intake: Intake, woken: Woken
) -> None:
    intake.take_object(Kind.MAILBOX, mailbox(1))
    intake.take_object(Kind.MAILBOX, mailbox(3), deleted=True)

    intake.take_object(Kind.MAILBOX, mailbox(4, uid="u2"))

    assert woken.changes == [(JANE, Change.NEW), (JANE, Change.NEW)]


def test_a_secret_that_was_created_again_outlives_the_late_word_of_the_first_ones_end(
    intake: Intake,
) -> None:
    intake.take_secret(secret("acme", "jane", 1))
    intake.secret_read("acme", "jane", "s2/4", b"digest")

    intake.take_secret(secret("acme", "jane", 3), deleted=True)

    assert intake.store.versions.of((Topic.SECRET, "acme", "jane")) == "s2/4"


def test_a_secret_that_was_read_before_its_deletion_does_not_come_back(intake: Intake) -> None:
    intake.take_secret(secret("acme", "jane", 1))
    intake.take_secret(secret("acme", "jane", 3), deleted=True)

    intake.secret_read("acme", "jane", "s1/2", b"digest")

    assert intake.store.versions.of((Topic.SECRET, "acme", "jane")) == ""


@pytest.mark.parametrize("told", [{"deleted": True}, {}], ids=["its end", "its labels"])
def test_a_namespace_that_was_created_again_outlives_late_word_of_the_first_one(
    intake: Intake, woken: Woken, told: dict[str, bool]
) -> None:
    intake.take_object(Kind.MAILBOX, mailbox())
    first = {"name": "acme", "labels": {}, "resourceVersion": "2"}
    again = {"name": "acme", "labels": {"mail": "yes"}, "resourceVersion": "3"}
    intake.take_namespace({"metadata": again})
    woken.changes.clear()

    intake.take_namespace({"metadata": first}, **told)

    assert woken.changes == []


def test_a_mailbox_that_is_being_deleted_is_gone(intake: Intake, woken: Woken) -> None:
    intake.take_object(Kind.MAILBOX, mailbox())

    intake.take_object(Kind.MAILBOX, mailbox(2, deletionTimestamp="2026-11-23T00:00:00Z"))

    assert woken.lost == [JANE]
    assert intake.store.seen(JANE) is None


def test_a_new_offer_wakes_its_users(intake: Intake, woken: Woken) -> None:
    intake.take_object(Kind.INFRASTRUCTURE, infrastructure())
    intake.take_object(Kind.MAILBOX, mailbox())
    woken.changes.clear()

    intake.take_object(Kind.INFRASTRUCTURE, infrastructure(2, generation=2))

    assert woken.changes == [(DEFAULT, Change.SPEC), (JANE, Change.SPEC)]


def test_the_platforms_secret_wakes_its_infrastructure_and_the_users(
    intake: Intake, woken: Woken
) -> None:
    intake.take_object(Kind.INFRASTRUCTURE, infrastructure())
    intake.take_object(Kind.MAILBOX, mailbox())
    woken.changes.clear()

    intake.take_secret(secret("operators", "google"))

    assert woken.changes == [(DEFAULT, Change.SPEC), (JANE, Change.SPEC)]


def test_a_secret_nobody_names_wakes_nobody(intake: Intake, woken: Woken) -> None:
    intake.take_secret(secret("acme", "mailbox-grant-u1"))

    assert woken.changes == []


def test_a_deleted_infrastructure_wakes_its_users(intake: Intake, woken: Woken) -> None:
    intake.take_object(Kind.INFRASTRUCTURE, infrastructure())
    intake.take_object(Kind.MAILBOX, mailbox())
    woken.changes.clear()

    intake.take_object(Kind.INFRASTRUCTURE, infrastructure(2), deleted=True)

    assert woken.lost == [DEFAULT]
    assert woken.changes == [(JANE, Change.SPEC)]


def test_labels_of_its_namespace_wake_a_managed_mailbox(intake: Intake, woken: Woken) -> None:
    intake.take_object(Kind.MAILBOX, mailbox())
    woken.changes.clear()

    intake.take_namespace({"metadata": {"name": "acme", "labels": {"mail": "yes"}}})
    intake.take_namespace({"metadata": {"name": "acme", "labels": {"mail": "yes"}}})

    assert woken.changes == [(JANE, Change.SPEC)]


LARGE: dict[str, Any] = {
    "many labels": {"labels": {f"l{number}": "" for number in range(1001)}},
    "long labels": {"labels": {"a" * 300 + f"/{number}": "v" * 63 for number in range(900)}},
    "many finalizers": {"finalizers": [f"example.com/{number}" for number in range(1001)]},
    "long annotations": {"annotations": {"a": "x" * 200_000, "b": "x" * 200_000}},
}


@pytest.mark.parametrize("metadata", LARGE.values(), ids=LARGE)
def test_an_object_with_too_much_metadata_is_left_alone_and_told(
    intake: Intake, woken: Woken, metadata: dict[str, Any]
) -> None:
    intake.take_object(Kind.MAILBOX, mailbox(**metadata))

    assert (woken.oversized, woken.changes, intake.store.seen(JANE)) == ([JANE], [], None)


def test_an_object_that_grows_too_large_is_left_alone_until_it_shrinks(
    intake: Intake, woken: Woken
) -> None:
    intake.take_object(Kind.MAILBOX, mailbox(1))
    intake.take_object(Kind.MAILBOX, mailbox(2, labels=LARGE["many labels"]["labels"]))
    assert (woken.lost, intake.store.seen(JANE)) == ([JANE], None)

    intake.take_object(Kind.MAILBOX, mailbox(3))

    assert woken.changes == [(JANE, Change.NEW), (JANE, Change.NEW)]


def test_an_object_with_the_usual_metadata_is_looked_at(intake: Intake, woken: Woken) -> None:
    applied = {"kubectl.kubernetes.io/last-applied": "x" * 250_000}
    labels = {f"l{number}": "v" for number in range(60)}

    intake.take_object(Kind.MAILBOX, mailbox(annotations=applied, labels=labels))

    assert woken.oversized == []


def test_a_label_that_hands_a_mailbox_over_is_told_and_no_other_label(
    intake: Intake, woken: Woken
) -> None:
    intake.parse = selecting(read_selector("tier=gold"))

    for version, tier in enumerate(("gold", "gold", "iron", "lead", "gold"), 1):
        intake.take_object(
            Kind.MAILBOX, mailbox(version, labels={"tier": tier, "at": str(version)})
        )

    handed = [(JANE, Change.SELECTION)] * 2
    assert woken.changes == [(JANE, Change.NEW), *handed]
