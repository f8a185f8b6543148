"""When Secrets expire, where their annotation says so."""

import logging
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import pytest

from mailbox_operator.decide.declared.infrastructure import parse_infrastructure
from mailbox_operator.decide.declared.mailbox import parse_mailbox
from mailbox_operator.decide.declared.secret import Expiry
from mailbox_operator.decide.failure.reasons import Move
from mailbox_operator.watch.expiries import EXPIRES, Expiries
from mailbox_operator.watch.store import Store

MIDNIGHT: Final = datetime(2027, 1, 31, tzinfo=UTC)


@pytest.fixture
def store() -> Store:
    """Make a store with a Mailbox that has a Secret, and an infrastructure that has one."""
    store = Store("operators")
    metadata = {"name": "jane", "namespace": "acme", "uid": "u1", "resourceVersion": "1"}
    spec = {
        "address": "jane@acme.example",
        "provider": "Outlook",
        "infrastructure": "Private",
        "credentialsSecretRef": {"name": "app"},
    }
    offer = {"google": {"clientSecretRef": {"name": "app"}}}
    store.upsert(parse_mailbox({"metadata": metadata, "spec": spec}))
    shared = {"name": "default", "uid": "i1", "resourceVersion": "1"}
    store.upsert(parse_infrastructure({"metadata": shared, "spec": offer}))
    return store


def secret(namespace: str, told: str | None, name: str = "app") -> Mapping[str, Any]:
    annotations = {} if told is None else {EXPIRES: told}
    return {"namespace": namespace, "name": name, "annotations": annotations}


def in_use(store: Store, *secrets: Mapping[str, Any], deleted: bool = False) -> list[Expiry]:
    expiries = Expiries()
    for each in secrets:
        expiries.note(each, deleted=False)
    if deleted:
        expiries.note(secrets[-1], deleted=True)
    return list(expiries.in_use(store))


@pytest.mark.parametrize(
    ("namespace", "move"), [("acme", Move.OWNER), ("operators", Move.PLATFORM)]
)
def test_the_owner_of_a_secret_has_to_renew_it(store: Store, namespace: str, move: Move) -> None:
    found = in_use(store, secret(namespace, "2027-01-31"))

    assert found == [Expiry(namespace, "app", move, MIDNIGHT)]


@pytest.mark.parametrize(
    "told", ["2027-01-31T00:00:00Z", "2027-01-31T01:00:00+01:00", " 2027-01-31 "]
)
def test_a_time_is_read_as_rfc_3339_has_it(store: Store, told: str) -> None:
    assert in_use(store, secret("acme", told))[0].moment == MIDNIGHT


def test_a_secret_that_nobody_uses_may_expire(store: Store) -> None:
    assert not in_use(store, secret("acme", "2027-01-31", name="other"))


def test_a_secret_of_another_operators_mailbox_is_told_of_there(store: Store) -> None:
    (jane,) = (each for each in store.subjects() if each.key.namespace)
    store.upsert(replace(jane, version="2", is_selected=False))

    assert not in_use(store, secret("acme", "2027-01-31"))


def test_the_newest_word_counts(store: Store) -> None:
    assert not in_use(store, secret("acme", "2027-01-31"), secret("acme", None))


def test_a_secret_that_is_gone_expires_no_more(store: Store) -> None:
    assert not in_use(store, secret("acme", "2027-01-31"), deleted=True)


def test_a_word_that_is_no_time_is_told_to_the_log(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        found = in_use(store, secret("acme", "soon"))

    assert not found
    assert [record.message for record in caplog.records] == [
        "expiry of a Secret must be a date or an RFC 3339 time"
    ]
