"""Health in Argo CD, of the statuses that the operator itself writes."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason, Retry
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.machine.machine import announcement, conclude, decide
from mailbox_operator.decide.machine.steps import Hold
from mailbox_operator.decide.status.conditions import (
    Standing,
    Status,
    Verdict,
    conditions,
    render_status,
)
from mailbox_operator.decide.words import Kind
from system.argocd.customizations import GROUP, KINDS, Manifest, health
from system.argocd.kstatus import Kstatus, kstatus
from unit.decide.attempts import FINE, PACE, then
from unit.make import NOON, mailbox, oauth_spec, seen, spec
from unit.tables.schema import FILES, version

PAGE: Final = "https://mailboxes.example"
NOT_YET: Final = "The operator has not looked at this generation yet."
ROWS: Final = {
    Standing.PROGRESSING: "Progressing",
    Standing.CONNECTED: "Healthy",
    Standing.RETRYING: "Progressing",
    Standing.WAITING: "Progressing",
    Standing.STALLED: "Degraded",
}
WORDS: Final = {
    Kstatus.CURRENT: "Healthy",
    Kstatus.IN_PROGRESS: "Progressing",
    Kstatus.TERMINATING: "Progressing",
    Kstatus.FAILED: "Degraded",
}
OUTCOMES: Final = {Retry.INTERVAL: "Healthy", Retry.PERSON: "Degraded"}
WORDS_OF_A_CONDITION: Final = some.sampled_from(["True", "False", "Unknown"])
every_kind = pytest.mark.parametrize("kind", KINDS)


def manifest(
    status: Status | Mapping[str, Any], generation: int = 1, *, kind: str = "Mailbox", **fields: Any
) -> Manifest:
    metadata = {"name": "jane", "generation": generation, **fields.pop("metadata", {})}
    written = render_status(status) if isinstance(status, Status) else status
    about = {"apiVersion": f"{GROUP}/v1alpha1", "kind": kind, "metadata": metadata}
    return about | {"spec": fields, "status": written}


def row(standing: Standing, kind: Kind = Kind.MAILBOX) -> Status:
    verdict = Verdict(standing, Reason.UNKNOWN, f"It is {standing.name}.")
    return Status(1, conditions(verdict, 1, Status(), NOON, connects=kind is Kind.MAILBOX))


def told(reason: Reason) -> Status:
    """Let the operator's own machine say it of a mailbox that it has just begun to look at."""
    if reason is Reason.PROGRESSING:
        return announcement(seen(), NOON)
    return then(seen(), FINE if reason is Reason.CONNECTED else Fault(reason)).status


@pytest.mark.parametrize("standing", Standing)
@pytest.mark.parametrize("kind", Kind)
def test_every_row_of_the_matrix_has_its_health(kind: Kind, standing: Standing) -> None:
    obj = manifest(row(standing, kind), kind=kind)

    assert health(obj) == {"status": ROWS[standing], "message": f"It is {standing.name}."}


@pytest.mark.parametrize("reason", Reason)
def test_the_message_of_ready_is_shown_for_every_reason(reason: Reason) -> None:
    status = told(reason)
    ready = status.condition("Ready")

    found = health(manifest(status))

    assert ready is not None
    assert (ready.reason, found["message"]) == (reason, ready.message)
    assert found["status"] == OUTCOMES.get(RULES[reason].retry, "Progressing")


@every_kind
@given(
    said=some.fixed_dictionaries({"Ready": WORDS_OF_A_CONDITION, "Error": WORDS_OF_A_CONDITION}),
    abnormal=some.dictionaries(some.sampled_from(["Reconciling", "Stalled"]), WORDS_OF_A_CONDITION),
    observed=some.integers(-1, 2),
    leaving=some.booleans(),
)
def test_health_is_what_kstatus_says(
    kind: str, said: dict[str, str], abnormal: dict[str, str], observed: int, *, leaving: bool
) -> None:
    """So Argo CD, Flux and `helm --wait` never disagree about an object that is not suspended."""
    found = [
        {"type": name, "status": word, "message": "."} for name, word in (said | abnormal).items()
    ]
    metadata = {"deletionTimestamp": "2026-11-23T12:00:00Z"} if leaving else {}

    obj = manifest(
        {"observedGeneration": observed, "conditions": found}, kind=kind, metadata=metadata
    )

    assert health(obj)["status"] == WORDS[kstatus(obj)]


@pytest.mark.parametrize("reason", [Reason.AWAITING_CONSENT, Reason.GRANT_REVOKED])
def test_the_message_holds_the_link_to_the_consent_page(reason: Reason) -> None:
    at = seen(mailbox(oauth_spec()))
    status = conclude(at, Fault(reason), NOON, PACE, 0.0, PAGE).status

    message = health(manifest(status))["message"]

    assert status.consent_url.startswith(PAGE)
    assert message.endswith(f" status.consentURL: {status.consent_url}")


@pytest.mark.parametrize("before", [Status(), row(Standing.CONNECTED), row(Standing.STALLED)])
def test_a_suspended_mailbox_is_suspended_once_the_operator_knows(before: Status) -> None:
    at = replace(seen(mailbox(spec(suspend=True), generation=2)), status=before)
    step = decide(at, NOON, due=True)

    assert isinstance(step, Hold)
    assert health(manifest(before, 2, suspend=True))["status"] == "Progressing"
    assert health(manifest(step.status, 2, suspend=True))["status"] == "Suspended"


def test_a_suspended_mailbox_still_says_what_is_known_of_it() -> None:
    message = health(manifest(row(Standing.STALLED), suspend=True))["message"]

    assert message == "Suspended: no checks, no attempts. Last known: It is STALLED."


@pytest.mark.parametrize(("kind", "file"), [*zip(KINDS, FILES, strict=True)])
def test_a_new_object_is_progressing(kind: str, file: Path) -> None:
    status = version(file)["schema"]["openAPIV3Schema"]["properties"]["status"]["default"]

    found = health(manifest(status, kind=kind))

    assert found == {"status": "Progressing", "message": NOT_YET}


@every_kind
def test_an_object_without_a_status_is_progressing(kind: str) -> None:
    obj = manifest({}, kind=kind)
    del obj["status"]

    assert health(obj) == {"status": "Progressing", "message": NOT_YET}


@every_kind
def test_an_object_without_a_condition_is_progressing(kind: str) -> None:
    found = health(manifest({"observedGeneration": 1}, kind=kind))

    assert found["status"] == "Progressing"
    assert found["message"]


@every_kind
def test_a_status_of_an_older_generation_is_not_believed(kind: str) -> None:
    found = health(manifest(row(Standing.CONNECTED), 2, kind=kind))

    assert found == {"status": "Progressing", "message": f"{NOT_YET} Last known: It is CONNECTED."}


@every_kind
def test_an_object_that_is_being_deleted_is_progressing(kind: str) -> None:
    leaving = {"deletionTimestamp": "2026-11-23T12:00:00Z"}

    found = health(manifest(row(Standing.CONNECTED), kind=kind, metadata=leaving))

    assert found["status"] == "Progressing"
    assert found["message"].startswith(f"The {kind} is being deleted.")
