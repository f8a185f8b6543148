from datetime import timedelta

import pytest

from decide_tables.oauth import OAUTH_ERRORS, Row
from mailbox_operator.decide.grants import (
    NUMBERS,
    TokenError,
    fault_of_authorization_error,
    fault_of_token_error,
    missing_scopes,
)
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.words import Grant

CODE = Grant.AUTHORIZATION_CODE


@pytest.mark.parametrize("row", OAUTH_ERRORS, ids=lambda row: row.id)
def test_reads_a_refusal(row: Row) -> None:
    refusal = TokenError(row.error, row.description, row.suberror, row.status)

    assert fault_of_token_error(refusal, row.grant).reason is row.reason


def test_every_number_is_met_by_a_refusal() -> None:
    met = {row.id for row in OAUTH_ERRORS}

    known = {f"AADSTS{number}" for numbers in NUMBERS.values() for number in numbers}
    assert known - met == set()


def test_a_number_means_one_thing() -> None:
    numbers = [number for numbers in NUMBERS.values() for number in numbers]

    assert sorted(numbers) == sorted(set(numbers))


@pytest.mark.parametrize(
    ("refusal", "label"),
    [
        (TokenError("invalid_grant", "AADSTS50173: Trace ID: 8f3c"), "AADSTS50173"),
        (TokenError("invalid_grant", "Bad Request"), "invalid_grant"),
        (TokenError("", status=502), "HTTP 502"),
    ],
)
def test_shows_a_code_that_stays_the_same(refusal: TokenError, label: str) -> None:
    fault = fault_of_token_error(refusal, CODE)

    assert fault.facts == {"host": "the token endpoint", "code": label}


def test_passes_on_how_long_to_wait() -> None:
    refusal = TokenError("", status=429, retry_after=timedelta(minutes=3))

    fault = fault_of_token_error(refusal, CODE)

    assert (fault.reason, fault.retry_after) == (Reason.RATE_LIMITED, timedelta(minutes=3))


@pytest.mark.parametrize(
    ("granted", "missing"),
    [
        pytest.param("", "", id="a response that tells no scope"),
        pytest.param("openid https://mail.google.com/", "SMTP.Send", id="one of two"),
        pytest.param("SMTP.Send https://mail.google.com/", "", id="all"),
        pytest.param("smtp.send HTTPS://mail.google.com/", "", id="all, in another case"),
        pytest.param("https://outlook.office.com/SMTP.Send", "https://mail.google.com/",
                     id="with its resource"),
        pytest.param("https://outlook.office.com/SMTP.SendAll", "SMTP.Send https://mail.google.com/",
                     id="a longer name"),
        pytest.param("openid", "SMTP.Send https://mail.google.com/", id="none"),
    ],
)  # fmt: skip
def test_names_the_scopes_that_are_missing(granted: str, missing: str) -> None:
    assert missing_scopes(("SMTP.Send", "https://mail.google.com/"), granted) == missing


@pytest.mark.parametrize(
    ("error", "description", "reason"),
    [
        ("access_denied", "", Reason.CONSENT_INCOMPLETE),
        ("access_denied", "AADSTS65004: User declined to consent.", Reason.CONSENT_INCOMPLETE),
        ("access_denied", "AADSTS90094: Admin consent.", Reason.ADMIN_CONSENT_REQUIRED),
        ("consent_required", "AADSTS65001: Not consented.", Reason.ADMIN_CONSENT_REQUIRED),
        ("admin_policy_enforced", "", Reason.ADMIN_CONSENT_REQUIRED),
        ("org_internal", "", Reason.ADMIN_CONSENT_REQUIRED),
        ("access_denied", "AADSTS53003: Blocked by policies.", Reason.ACCESS_BLOCKED),
        ("invalid_request", "AADSTS50011: redirect URI", Reason.OAUTH_APP_INVALID),
        ("redirect_uri_mismatch", "", Reason.OAUTH_APP_INVALID),
        ("deleted_client", "", Reason.OAUTH_APP_INVALID),
        ("server_error", "", Reason.PROVIDER_UNAVAILABLE),
        ("temporarily_unavailable", "", Reason.PROVIDER_UNAVAILABLE),
        ("", "", Reason.UNKNOWN),
        ("something_new", "", Reason.UNKNOWN),
    ],
)
def test_reads_what_a_browser_brings_back(error: str, description: str, reason: Reason) -> None:
    assert fault_of_authorization_error(error, description).reason is reason


@pytest.mark.parametrize("hostile", ["<script>", "x" * 10_000, "a b", "AADSTS" + "9" * 5000])
def test_repeats_nothing_that_anybody_may_have_written(hostile: str) -> None:
    fault = fault_of_authorization_error(hostile, hostile)

    assert hostile not in fault.facts["code"]
    assert hostile not in fault.detail
