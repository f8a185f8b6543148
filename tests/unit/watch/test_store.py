"""What the store makes of the cluster's word: changes, dependencies, versions of inputs."""

from collections.abc import Mapping
from typing import Any

import pytest

from mailbox_operator.cluster.versions import newer
from mailbox_operator.decide.declared.infrastructure import (
    ManagedInfrastructure,
    parse_infrastructure,
)
from mailbox_operator.decide.declared.mailbox import Mailbox, parse_mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.names import LIMITED, RECONNECT, SENT
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.refs import SecretPlace, Topic, ref_of
from mailbox_operator.watch.store import Store

JANE = Key(Kind.MAILBOX, "acme", "jane")
PRIVATE: Mapping[str, Any] = {
    "address": "jane@acme.example",
    "provider": "SMTP",
    "infrastructure": "Private",
    "credentialsSecretRef": {"name": "jane"},
    "smtp": {"host": "smtp.acme.example", "caSecretRef": {"name": "ca"}},
}
MANAGED: Mapping[str, Any] = {
    "address": "jane@acme.example",
    "provider": "Google",
    "infrastructure": "Managed",
}
OFFER: Mapping[str, Any] = {
    "google": {"clientSecretRef": {"name": "google"}},
    "outlook": {"clientSecretRef": {"name": "outlook"}},
    "namespaceSelector": {"matchLabels": {"mail": "yes"}},
}


def jane(spec: Mapping[str, Any] = PRIVATE, version: int = 1, **metadata: Any) -> Mailbox:
    known = {"name": "jane", "namespace": "acme", "uid": "u1", "resourceVersion": str(version)}
    return parse_mailbox({"metadata": {**known, **metadata}, "spec": spec})


def offer(version: int = 1, generation: int = 1) -> ManagedInfrastructure:
    metadata = {"name": "default", "uid": "i1", "resourceVersion": str(version)}
    spec = {**OFFER, "checkInterval": f"{generation}m"}
    return parse_infrastructure({"metadata": {**metadata, "generation": generation}, "spec": spec})


def version_of(store: Store) -> str:
    seen = store.seen(JANE)
    assert seen is not None
    return seen.version


@pytest.fixture
def store() -> Store:
    return Store("operators")


@pytest.mark.parametrize(
    ("after", "change"),
    [
        pytest.param(jane(version=2), Change.NOTHING, id="nothing but its version"),
        pytest.param(jane(version=2, generation=2), Change.SPEC, id="its spec"),
        pytest.param(
            jane(version=2, annotations={LIMITED: "2026-11-23T12:00:00Z"}),
            Change.SPEC,
            id="a sending limit that was met",
        ),
        pytest.param(
            jane(version=2, annotations={SENT: "2026-11-23T12:00:00Z"}),
            Change.NOTHING,
            id="mail that went through",
        ),
        pytest.param(
            jane(version=2, annotations={RECONNECT: "now"}), Change.SPEC, id="the annotation"
        ),
        pytest.param(jane(version=2, uid="u2"), Change.NEW, id="its uid"),
        pytest.param(jane(version=1, generation=2), Change.NOTHING, id="an older view"),
    ],
)
def test_the_store_tells_what_changed(store: Store, after: Mailbox, change: Change) -> None:
    store.upsert(jane())

    assert store.upsert(after) is change


def test_the_store_tells_a_status_from_a_spec(store: Store) -> None:
    store.upsert(jane())
    body = {"metadata": {"name": "jane", "namespace": "acme", "uid": "u1", "resourceVersion": "2"}}

    written = parse_mailbox({**body, "spec": PRIVATE, "status": {"secretVersion": "abc"}})

    assert store.upsert(written) is Change.STATUS


def test_a_secret_wakes_every_mailbox_that_names_it(store: Store) -> None:
    store.upsert(jane())

    assert store.note((Topic.SECRET, "acme", "jane"), "1") == (JANE,)
    assert store.note((Topic.SECRET, "acme", "ca"), "1") == (JANE,)


def test_a_secret_of_another_namespace_wakes_nobody(store: Store) -> None:
    store.upsert(jane())

    assert store.note((Topic.SECRET, "rival", "jane"), "1") == ()


def test_a_version_that_is_known_wakes_nobody(store: Store) -> None:
    store.upsert(jane())
    store.note((Topic.SECRET, "acme", "jane"), "1")

    assert store.note((Topic.SECRET, "acme", "jane"), "1") == ()


def test_the_version_of_the_inputs_follows_each_of_them(store: Store) -> None:
    store.upsert(jane())
    versions = [version_of(store)]

    for name, version in (("jane", "1"), ("ca", "2"), ("jane", "3"), ("jane", "")):
        store.note((Topic.SECRET, "acme", name), version)
        versions.append(version_of(store))

    assert len(set(versions)) == len(versions)


def test_two_replicas_find_the_same_version(store: Store) -> None:
    other = Store("operators")
    for replica, names in ((store, ("jane", "ca")), (other, ("ca", "jane"))):
        for name in names:
            replica.note((Topic.SECRET, "acme", name), "7")
        replica.upsert(jane())

    assert version_of(store) == version_of(other)


def test_a_managed_mailbox_follows_its_infrastructure_and_only_its_app(store: Store) -> None:
    store.upsert(offer())
    store.upsert(jane(MANAGED))
    store.label("acme", {"mail": "yes"})
    first = version_of(store)

    store.note((Topic.SECRET, "operators", "outlook"), "1")
    unrelated = version_of(store)
    store.note((Topic.SECRET, "operators", "google"), "1")
    rotated = version_of(store)
    store.upsert(offer(version=2, generation=2))

    assert unrelated == first
    assert len({first, rotated, version_of(store)}) == 3


def test_an_infrastructure_knows_who_uses_it(store: Store) -> None:
    store.upsert(jane(MANAGED))

    assert store.dependents(ref_of(Key(Kind.INFRASTRUCTURE, "", "default"))) == (JANE,)


def test_the_labels_of_a_namespace_open_an_infrastructure(store: Store) -> None:
    mailbox = jane(MANAGED)
    store.upsert(offer())
    store.upsert(mailbox)
    with pytest.raises(Fault) as refused:
        store.infrastructure_for(mailbox)

    woken = store.label("acme", {"mail": "yes"})

    assert refused.value.reason is Reason.INFRASTRUCTURE_NOT_ALLOWED
    assert woken == (JANE,)
    assert store.infrastructure_for(mailbox) == offer()


def test_an_infrastructure_that_is_not_there_is_named(store: Store) -> None:
    with pytest.raises(Fault) as caught:
        store.infrastructure_for(jane(MANAGED))

    assert caught.value.reason is Reason.INFRASTRUCTURE_NOT_FOUND


def test_a_private_mailbox_uses_none(store: Store) -> None:
    assert store.infrastructure_for(jane()) is None


def test_the_store_forgets_what_is_gone_and_who_depended(store: Store) -> None:
    store.upsert(jane())

    store.remove(JANE)

    assert store.seen(JANE) is None
    assert store.note((Topic.SECRET, "acme", "jane"), "1") == ()


def test_a_spec_that_names_another_secret_depends_on_that_one_only(store: Store) -> None:
    store.upsert(jane())

    store.upsert(
        jane({**PRIVATE, "credentialsSecretRef": {"name": "new"}}, version=2, generation=2)
    )

    assert store.note((Topic.SECRET, "acme", "jane"), "1") == ()
    assert store.note((Topic.SECRET, "acme", "new"), "1") == (JANE,)


@pytest.mark.parametrize(
    ("version", "than", "expected"),
    [("10", "9", True), ("9", "10", False), ("9", "9", False), ("a", "b", True), ("a", "a", False)],
)
def test_the_store_compares_resource_versions_as_numbers(
    version: str,
    than: str,
    expected: bool,  # noqa: FBT001 - a table
) -> None:
    assert newer(version, than) is expected


def test_a_dependency_that_is_no_secret_is_not_told_as_unused() -> None:
    unused: list[SecretPlace] = []
    store = Store("operators", on_unused=unused.append)
    store.upsert(jane(MANAGED))

    store.remove(JANE)

    assert {place for place in unused if place[0] != "operators"} == set()
    assert len(unused) > 0
