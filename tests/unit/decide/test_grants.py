from datetime import timedelta

import pytest

from mailbox_operator.decide.failure.entra import ENTRA_KINDS
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.findings import WORDS_OF
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.token_errors import (
    TokenError,
    fault_of_authorization_error,
    fault_of_token_error,
    missing_scopes,
)
from mailbox_operator.decide.machine.verdict import message_of
from mailbox_operator.decide.words import Grant, Provider
from unit.make import mailbox, oauth_spec
from unit.tables.oauth import OAUTH_ERRORS, Row

CODE = Grant.AUTHORIZATION_CODE


@pytest.mark.parametrize("row", OAUTH_ERRORS, ids=lambda row: row.id)
def test_the_token_error_table_reads_a_refusal(row: Row) -> None:
    refusal = TokenError(row.error, row.description, row.suberror, row.status)

    assert fault_of_token_error(refusal, row.grant).reason is row.reason


def test_every_number_is_met_by_a_refusal() -> None:
    met = {row.id for row in OAUTH_ERRORS}

    known = {f"AADSTS{number}" for kind in ENTRA_KINDS for number in kind.numbers}
    assert known - met == set()


def test_a_number_means_one_thing() -> None:
    numbers = [number for kind in ENTRA_KINDS for number in kind.numbers]

    assert sorted(numbers) == sorted(set(numbers))


@pytest.mark.parametrize(
    ("refusal", "finding"),
    [
        (TokenError("invalid_client", "AADSTS7000222: x"), Finding.SECRET_EXPIRED),
        (TokenError("invalid_request", "AADSTS9002327: x"), Finding.SINGLE_PAGE_APP),
        (TokenError("invalid_grant", "AADSTS530999: x"), Finding.POLICY_FORBIDS),
        (TokenError("invalid_grant", "AADSTS5309999: x"), None),
        (TokenError("invalid_grant", "Bad Request", "invalid_rapt"), Finding.SESSION_CONTROL),
        (TokenError("invalid_grant", "Project has been deleted"), None),
        (TokenError("invalid_grant", "AADSTS50173: x"), None),
    ],
)
def test_a_refusal_has_the_words_of_its_case(refusal: TokenError, finding: Finding | None) -> None:
    assert fault_of_token_error(refusal, CODE).finding is finding


@pytest.mark.parametrize("row", OAUTH_ERRORS, ids=lambda row: row.id)
@pytest.mark.parametrize("grant", [Grant.JWT_BEARER, Grant.CLIENT_CREDENTIALS])
def test_nobody_is_asked_to_consent_where_nobody_ever_did(row: Row, grant: Grant) -> None:
    subject = mailbox(oauth_spec(grant=grant))
    refusal = TokenError(row.error, row.description, row.suberror, row.status)

    message = message_of(subject, fault_of_token_error(refusal, grant))

    assert "consent{" not in message
    assert "give consent" not in message
    assert "refresh-token" not in message


@pytest.mark.parametrize("row", OAUTH_ERRORS, ids=lambda row: row.id)
def test_outlook_is_told_nothing_of_google(row: Row) -> None:
    subject = mailbox(oauth_spec(provider=Provider.OUTLOOK))
    numbered = TokenError(row.error, f"AADSTS{row.id.removeprefix('AADSTS')}", "", row.status)

    message = message_of(subject, fault_of_token_error(numbered, CODE))

    assert "Google" not in message


def test_the_owner_of_a_private_mailbox_may_put_a_new_refresh_token_into_the_secret() -> None:
    revoked = fault_of_token_error(TokenError("invalid_grant", "AADSTS50173: x"), CODE)

    message = message_of(mailbox(oauth_spec(provider=Provider.OUTLOOK)), revoked)

    assert "put a new refresh-token into Secret " in message


def test_every_finding_is_under_a_reason_that_it_may_stand_under() -> None:
    met = [
        fault_of_token_error(
            TokenError(row.error, row.description, row.suberror, row.status), row.grant
        )
        for row in OAUTH_ERRORS
    ]

    found = {(fault.finding, fault.reason) for fault in met if fault.finding}
    assert all(reason in WORDS_OF[finding].reasons for finding, reason in found)


@pytest.mark.parametrize(
    ("refusal", "label"),
    [
        (TokenError("invalid_grant", "AADSTS50173: Trace ID: 8f3c"), "AADSTS50173"),
        (TokenError("invalid_grant", "Bad Request"), "invalid_grant"),
        (TokenError("", status=502), "HTTP 502"),
    ],
)
def test_the_token_error_table_shows_a_code_that_stays_the_same(
    refusal: TokenError, label: str
) -> None:
    fault = fault_of_token_error(refusal, CODE)

    assert fault.facts == {"host": "the token endpoint", "code": label}


def test_the_token_error_table_passes_on_how_long_to_wait() -> None:
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
def test_the_token_error_table_names_the_scopes_that_are_missing(
    granted: str, missing: str
) -> None:
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
def test_the_token_error_table_reads_what_a_browser_brings_back(
    error: str, description: str, reason: Reason
) -> None:
    assert fault_of_authorization_error(error, description).reason is reason


@pytest.mark.parametrize("hostile", ["<script>", "x" * 10_000, "a b", "AADSTS" + "9" * 5000])
def test_the_token_error_table_repeats_nothing_that_anybody_may_have_written(hostile: str) -> None:
    fault = fault_of_authorization_error(hostile, hostile)

    assert hostile not in fault.facts["code"]
    assert hostile not in fault.detail
