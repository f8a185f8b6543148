"""The matrix of conditions, and a status on its way to the cluster and back."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.status.conditions import (
    Condition,
    Endpoint,
    Standing,
    Status,
    Verdict,
    conditions,
    render_status,
)
from mailbox_operator.decide.status.recorded import parse_status, status_written_at
from mailbox_operator.decide.words import Security
from unit.make import ENDPOINT, NOON

AT_NOON: Final = "2026-11-23T12:00:00Z"
LATER: Final = NOON + timedelta(hours=1)
REFUSED: Final = "InvalidCredentials"
MATRIX: Final = {
    Standing.PROGRESSING: {
        "Ready": ("Unknown", "Progressing"),
        "Connected": ("Unknown", "Progressing"),
        "Error": ("False", "Progressing"),
        "Reconciling": ("True", "Progressing"),
    },
    Standing.CONNECTED: {
        "Ready": ("True", "Connected"),
        "Connected": ("True", "Connected"),
        "Error": ("False", "Connected"),
    },
    Standing.RETRYING: {
        "Ready": ("False", "ConnectionTimeout"),
        "Connected": ("False", "ConnectionTimeout"),
        "Error": ("True", "ConnectionTimeout"),
        "Reconciling": ("True", "ProgressingWithRetry"),
    },
    Standing.WAITING: {
        "Ready": ("False", "CredentialsMissing"),
        "Connected": ("False", "CredentialsMissing"),
        "Error": ("True", "CredentialsMissing"),
        "Reconciling": ("True", "DependencyNotReady"),
    },
    Standing.STALLED: {
        "Ready": ("False", REFUSED),
        "Connected": ("False", REFUSED),
        "Error": ("True", REFUSED),
        "Stalled": ("True", REFUSED),
    },
}
REASONS: Final = {
    Standing.PROGRESSING: Reason.PROGRESSING,
    Standing.CONNECTED: Reason.CONNECTED,
    Standing.RETRYING: Reason.CONNECTION_TIMEOUT,
    Standing.WAITING: Reason.CREDENTIALS_MISSING,
    Standing.STALLED: Reason.INVALID_CREDENTIALS,
}
every_standing = pytest.mark.parametrize("standing", Standing)


def written(standing: Standing, before: Status | None = None, *, connects: bool = True) -> Status:
    verdict = Verdict(standing, REASONS[standing], "It is so.")
    when = LATER if before else NOON
    return Status(3, conditions(verdict, 3, before or Status(), when, connects=connects))


@every_standing
def test_the_status_writes_a_row_of_the_matrix(standing: Standing) -> None:
    found = {one.type: (one.status, one.reason) for one in written(standing).conditions}

    assert found == MATRIX[standing]


@every_standing
def test_an_infrastructure_has_the_same_row_without_connected(standing: Standing) -> None:
    found = {one.type for one in written(standing, connects=False).conditions}

    assert found == MATRIX[standing].keys() - {"Connected"}


@every_standing
def test_the_status_reads_the_standing_back(standing: Standing) -> None:
    status = written(standing)

    assert (status.standing, status.reason) == (standing, REASONS[standing].value)


def test_nothing_written_is_no_standing() -> None:
    assert (Status().standing, Status().reason) == (None, "")


def test_a_time_moves_with_its_status_alone() -> None:
    before = written(Standing.RETRYING)

    after = written(Standing.STALLED, before)

    moved = {one.type for one in after.conditions if one.last_transition_time != AT_NOON}
    assert moved == {"Stalled"}


def test_the_status_cuts_a_message_that_is_too_long() -> None:
    verdict = Verdict(Standing.CONNECTED, Reason.CONNECTED, "x" * 5000)

    found = conditions(verdict, 1, Status(), NOON, connects=True)

    assert {len(one.message) for one in found} == {1024}


def test_the_status_writes_a_status_as_the_api_wants_it() -> None:
    status = Status(
        observed_generation=3,
        conditions=(Condition("Ready", "True", "Connected", "Fine.", 3, AT_NOON),),
        consent_url="https://consent.example/x",
        granted_identity="1077",
        secret_version="8f3c",
        last_handled_reconnect_at="now",
        endpoint=Endpoint("smtp.acme.example", 587, Security.STARTTLS),
    )

    content = render_status(status)

    assert content == {
        "observedGeneration": 3,
        "conditions": [
            {
                "type": "Ready",
                "status": "True",
                "reason": "Connected",
                "message": "Fine.",
                "observedGeneration": 3,
                "lastTransitionTime": AT_NOON,
            }
        ],
        "consentURL": "https://consent.example/x",
        "grantedIdentity": "1077",
        "secretVersion": "8f3c",
        "lastHandledReconnectAt": "now",
        "endpoint": {"host": "smtp.acme.example", "port": 587, "security": "STARTTLS"},
    }
    assert parse_status(content) == status


def test_the_status_leaves_out_what_is_empty() -> None:
    assert render_status(Status()) == {"observedGeneration": -1}


@pytest.mark.parametrize(
    "endpoint",
    [
        {"host": "smtp.acme.example"},
        {"host": "smtp.acme.example", "port": 587, "security": "None"},
        {"host": 7, "port": 587, "security": "TLS"},
        "smtp.acme.example:587",
    ],
)
def test_an_endpoint_that_cannot_be_read_is_none(endpoint: Any) -> None:
    assert parse_status({"endpoint": endpoint}) == Status()


@pytest.mark.parametrize("odd", [None, "Ready", [None, "Ready"]])
def test_conditions_that_cannot_be_read_are_none(odd: Any) -> None:
    assert parse_status({"conditions": odd}) == Status()


@given(standing=some.sampled_from(Standing), connects=some.booleans())
def test_the_status_comes_back_as_it_went(standing: Standing, *, connects: bool) -> None:
    status = written(standing, connects=connects)

    assert parse_status(render_status(status)) == status


def test_an_endpoint_reads_as_people_write_it() -> None:
    assert str(ENDPOINT) == "smtp.acme.example:587"
    assert str(replace(ENDPOINT, host="2001:db8::1")) == "[2001:db8::1]:587"


@pytest.mark.parametrize(
    ("managed", "time"),
    [
        (None, ""),
        ("nonsense", ""),
        ([None, {"subresource": "status"}], ""),
        ([{"subresource": "status", "time": 5}], ""),
        ([{"time": "2026-11-23T13:00:00Z"}], ""),
        (
            [
                {"subresource": "status", "time": "2026-11-23T12:00:00Z"},
                {"subresource": "status", "time": "2026-11-23T12:30:00Z"},
                {"time": "2026-11-23T13:00:00Z"},
            ],
            "2026-11-23T12:30:00Z",
        ),
    ],
)
def test_the_status_knows_when_the_status_was_last_changed(managed: object, time: str) -> None:
    assert status_written_at(managed) == time
