"""When a mailbox is offered a page of consent, and which grants are taken."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from mailbox_operator.decide.declared.providers.outlook import OutlookAccess
from mailbox_operator.decide.declared.providers.table import OAUTH_PROVIDERS
from mailbox_operator.decide.declared.spec import Spec
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.consent import (
    Redeemed,
    objection,
)
from mailbox_operator.decide.machine.machine import Proof, conclude, resume
from mailbox_operator.decide.words import Grant, Infrastructure, Provider
from unit.decide.attempts import FINE, PACE
from unit.make import NOON, mailbox, oauth_spec, seen

PAGE: Final = "https://consent.example/mailboxes/8f3c1e52"
AWAITING: Final = Fault(Reason.AWAITING_CONSENT)
REVOKED: Final = Fault(Reason.GRANT_REVOKED)
AWAY: Final = Fault(Reason.OAUTH_APP_INVALID)
GOOGLE: Final = oauth_spec(infrastructure=Infrastructure.MANAGED, secret=None)
OUTLOOK: Final = replace(GOOGLE, access=OutlookAccess())
GOOD: Final = Redeemed(
    refresh_token="refresh",
    access_token="access",
    scope="openid https://mail.google.com/",
    account="Jane@ACME.example",
    identity="sub-1",
    client="app",
)


@pytest.mark.parametrize(
    ("asked", "outcome", "shown"),
    [
        pytest.param(oauth_spec(), AWAITING, PAGE, id="consent is needed"),
        pytest.param(oauth_spec(), REVOKED, PAGE, id="it was revoked: the same link"),
        pytest.param(oauth_spec(), FINE, "", id="it has done its work"),
        pytest.param(oauth_spec(), AWAY, "", id="it would not help"),
        pytest.param(oauth_spec(grant=Grant.JWT_BEARER), AWAITING, "", id="nobody is to consent"),
    ],
)
def test_the_consent_shows_the_page_where_consent_mends_it(
    asked: Spec, outcome: Proof | Fault, shown: str
) -> None:
    met = seen(mailbox(asked))

    concluded = conclude(met, outcome, NOON, PACE, 0.5, "https://consent.example")

    assert concluded.status.consent_url == shown


def test_without_a_page_says_that_the_platform_has_none() -> None:
    concluded = conclude(seen(mailbox(oauth_spec())), AWAITING, NOON, PACE, 0.5)
    ready = concluded.status.condition("Ready")

    assert concluded.status.consent_url == ""
    assert ready is not None
    assert "consent.publicURL" in ready.message


def test_a_page_that_has_moved_is_shown_at_once_after_a_restart() -> None:
    before = conclude(seen(mailbox(oauth_spec())), AWAITING, NOON, PACE, 0.5).status
    met = seen(mailbox(oauth_spec()), before)

    assert resume(met, NOON, PACE, 0.5, "https://consent.example") == timedelta()
    assert resume(met, NOON, PACE, 0.5) == PACE.person[0] * 0.5


@pytest.mark.parametrize(
    ("redeemed", "bound", "reason"),
    [
        pytest.param(GOOD, "", None, id="the very account, whatever its case"),
        pytest.param(GOOD, "sub-1", None, id="the same as before"),
        pytest.param(GOOD, "sub-2", Reason.IDENTITY_MISMATCH, id="another of the same address"),
        pytest.param(
            replace(GOOD, account="bob@acme.example"), "", Reason.IDENTITY_MISMATCH, id="another"
        ),
        pytest.param(
            replace(GOOD, account="j.ane@acme.example"), "", Reason.IDENTITY_MISMATCH, id="an alias"
        ),
        pytest.param(
            replace(GOOD, account=""), "", Reason.IDENTITY_MISMATCH, id="one nobody vouches for"
        ),
        pytest.param(
            replace(GOOD, identity=""), "", Reason.IDENTITY_MISMATCH, id="one without a name"
        ),
        pytest.param(
            replace(GOOD, scope="openid email"), "", Reason.CONSENT_INCOMPLETE, id="a part"
        ),
        pytest.param(
            replace(GOOD, refresh_token=""), "", Reason.CONSENT_INCOMPLETE, id="for an hour only"
        ),
    ],
)
def test_the_consent_takes_only_the_grant_that_was_asked_for(
    redeemed: Redeemed, bound: str, reason: Reason | None
) -> None:
    found = objection(redeemed, GOOGLE, bound)

    assert (found and found.reason) == reason


def test_the_consent_names_the_permission_that_was_left_out_as_the_provider_does() -> None:
    found = objection(replace(GOOD, scope="openid profile"), OUTLOOK, "")

    assert found is not None
    assert found.facts["missing"] == '"Send emails from mailboxes using SMTP AUTH"'


@pytest.mark.parametrize("provider", OAUTH_PROVIDERS)
def test_the_consent_asks_for_all_that_it_requires(provider: Provider) -> None:
    asked = OAUTH_PROVIDERS[provider].scopes.split()

    assert OAUTH_PROVIDERS[provider].scope in asked
