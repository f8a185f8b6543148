"""Spellings of one account count together; different accounts do not."""

from dataclasses import replace
from typing import Final

import pytest

from mailbox_operator.decide.refusals.accounts import PasswordLogin, reached, tried

KEY: Final = b"k" * 32
LOGIN: Final = PasswordLogin("mail.acme.example", "jane@acme.example", "guess", "team")


def shared(*logins: PasswordLogin) -> int:
    """Count the account names that all of these logins have."""
    return len(set.intersection(*(set(tried(login, KEY).accounts) for login in logins)))


@pytest.mark.parametrize(
    "host",
    [
        "MAIL.Acme.Example",
        "mail.acme.example.",
        "mail。acme。example",
        "smtp.acme.example",
        "other.mail.acme.example",
    ],
)
def test_the_hosts_of_one_site_are_one_server(host: str) -> None:
    assert shared(LOGIN, replace(LOGIN, host=host))


@pytest.mark.parametrize(
    "username",
    [
        "jane",
        "JANE@ACME.EXAMPLE",
        "Jane",
        "  jane@acme.example\t",
        "jane@acme.example.",
        "jane@acme.example\0second",
        "ｊａｎｅ@acme.example",  # noqa: RUF001 - the very letters that are meant
        "ja\u00adne@acme.example",
        "ja\u200bne@acme.example",
        "jane\r\n",
    ],
)
def test_the_spellings_of_one_user_name_are_one_account(username: str) -> None:
    assert shared(LOGIN, replace(LOGIN, username=username))


@pytest.mark.parametrize(
    "username", ["j.a.n.e@gmail.com", "jane+x@googlemail.com", "j.ane", "JANE"]
)
def test_gmail_reads_dots_and_plus_signs_over(username: str) -> None:
    jane = PasswordLogin("smtp.gmail.com", "jane@gmail.com", "guess", "team")

    assert shared(jane, replace(jane, username=username))


@pytest.mark.parametrize(
    "other",
    [
        replace(LOGIN, username="joe@acme.example"),
        replace(LOGIN, username="jane@globex.example"),
        replace(LOGIN, host="mail.globex.example"),
    ],
)
def test_other_accounts_have_no_name_in_common(other: PasswordLogin) -> None:
    assert not shared(LOGIN, other)


def test_a_user_name_without_a_domain_belongs_to_its_host_alone() -> None:
    bare = PasswordLogin("mail.team-a.svc.cluster.local", "smtp", "guess", "team")

    assert not shared(bare, replace(bare, host="mail.team-b.svc.cluster.local"))


def test_any_name_of_a_server_is_the_same_account_at_its_address() -> None:
    alias = replace(LOGIN, host="alias.test")

    here, there = (reached(tried(login, KEY), login, "192.0.2.7", KEY) for login in (LOGIN, alias))

    assert set(here.accounts) & set(there.accounts)
    assert not shared(LOGIN, alias)


def test_a_server_that_is_stated_by_its_address_has_no_further_name_there() -> None:
    stated = replace(LOGIN, host="192.0.2.7")

    assert reached(tried(stated, KEY), stated, "192.0.2.7", KEY) == tried(stated, KEY)


def test_a_login_whose_address_is_not_known_goes_by_the_names_of_its_host() -> None:
    assert reached(tried(LOGIN, KEY), LOGIN, "", KEY) == tried(LOGIN, KEY)


def test_a_user_name_that_all_customers_share_counts_by_namespace() -> None:
    keyed = PasswordLogin("smtp.sendgrid.net", "apikey", "guess", "team", shared=True)

    assert not shared(keyed, replace(keyed, namespace="other"))
    assert shared(keyed, replace(keyed, password="another"))


def test_a_digest_tells_nothing_without_the_key() -> None:
    assert not set(tried(LOGIN, KEY).accounts) & set(tried(LOGIN, b"other").accounts)
    assert "jane" not in repr(tried(LOGIN, KEY))


def test_a_login_does_not_show_its_password() -> None:
    assert "guess" not in repr(LOGIN)
