"""The Mailboxes that a Sender selects: who is in, how they stand, and whom that concerns."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.machine.selection import Selection, selection_of
from mailbox_operator.decide.status.conditions import MailboxCount
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.least import Least
from mailbox_operator.watch.pools import Pool, chosen_of
from mailbox_operator.watch.store import Store

CAMPAIGN: Final = Key(Kind.SENDER, "acme", "campaign")
SALES: Final = {"team": "sales"}
NAMES: Final = ("amy", "bob", "jane")
READY: Final = {"type": "Ready", "status": "True", "reason": "Connected", "message": ""}
REVOKED: Final = {"type": "Ready", "status": "False", "reason": "GrantRevoked", "message": ""}


@dataclass
class Woken:
    keys: list[Key] = field(default_factory=list)

    def changed(self, key: Key, change: Change) -> None:
        if change is not Change.NEW and key.kind is Kind.SENDER:
            self.keys.append(key)

    def gone(self, key: Key) -> None:
        pass

    def oversize(self, subject: object) -> None:
        pass


@dataclass
class Cluster:
    """What the API server tells; each word of it has a newer resourceVersion."""

    woken: Woken = field(default_factory=Woken)
    version: int = 0

    def __post_init__(self) -> None:
        self.store = Store("operators")
        self.intake = Intake(self.store, self.woken)

    def mailbox(
        self,
        name: str,
        labels: Mapping[str, str] = SALES,
        ready: Mapping[str, str] | None = None,
        *,
        namespace: str = "acme",
        deleted: bool = False,
    ) -> None:
        spec = {"address": f"{name}@acme.example", "provider": "Google"}
        status = {"observedGeneration": 1, "conditions": [dict(ready)]} if ready else {}
        metadata = self._metadata(name, namespace, labels)
        body = {"metadata": metadata, "spec": spec | {"infrastructure": "Managed"}}
        self.intake.take_object(Kind.MAILBOX, body | {"status": status}, deleted=deleted)

    def sender(self, mailboxes: Any = None, *, deleted: bool = False) -> None:
        selected = {"selector": {"matchLabels": SALES}}
        body = {
            "metadata": self._metadata(CAMPAIGN.name, CAMPAIGN.namespace, {}),
            "spec": {"mailboxes": mailboxes or selected},
        }
        self.intake.take_object(Kind.SENDER, body, deleted=deleted)

    def _metadata(self, name: str, namespace: str, labels: Mapping[str, str]) -> dict[str, Any]:
        self.version += 1
        own = {"name": name, "namespace": namespace, "uid": f"{namespace}-{name}"}
        return own | {"labels": dict(labels), "resourceVersion": str(self.version)}

    @property
    def pool(self) -> Pool:
        found = self.store.pools.of(CAMPAIGN)
        assert found is not None
        return found

    @property
    def selection(self) -> Selection:
        seen = self.store.seen(CAMPAIGN)
        assert seen is not None
        assert seen.selection is not None
        return seen.selection


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


def test_a_sender_finds_the_mailboxes_that_are_there_and_those_that_come(cluster: Cluster) -> None:
    cluster.mailbox("jane", ready=READY)
    cluster.mailbox("amy", {"team": "support"}, READY)
    cluster.sender()
    cluster.mailbox("bob", ready=REVOKED)

    assert set(cluster.pool.names) == {"jane", "bob"}
    assert cluster.selection.count == MailboxCount(2, 1)
    assert cluster.selection.trouble == "acme/bob: GrantRevoked"
    assert cluster.woken.keys == [CAMPAIGN]


def test_the_address_to_send_from_is_that_of_the_first_by_name(cluster: Cluster) -> None:
    cluster.sender()
    for name in ("jane", "bob"):
        cluster.mailbox(name)

    assert cluster.selection.sender == "bob@acme.example"
    cluster.mailbox("bob", deleted=True)
    assert cluster.selection.sender == "jane@acme.example"


def test_other_labels_alone_bring_a_mailbox_in_and_out_and_wake_its_sender(
    cluster: Cluster,
) -> None:
    cluster.sender()
    cluster.mailbox("jane", {})
    assert (cluster.woken.keys, list(cluster.pool.names)) == ([], [])

    cluster.mailbox("jane", SALES)
    assert (cluster.woken.keys, list(cluster.pool.names)) == ([CAMPAIGN], ["jane"])

    cluster.mailbox("jane", {"team": "support"})
    assert (cluster.woken.keys, list(cluster.pool.names)) == ([CAMPAIGN] * 2, [])


def test_a_mailbox_of_another_namespace_is_never_selected(cluster: Cluster) -> None:
    cluster.sender({"selector": {}})
    cluster.mailbox("jane", namespace="umbrella")

    assert (cluster.woken.keys, list(cluster.pool.names)) == ([], [])


def test_a_sender_is_woken_by_how_its_mailboxes_stand_and_by_nothing_else(
    cluster: Cluster,
) -> None:
    cluster.sender()
    cluster.mailbox("jane", ready=READY)
    cluster.woken.keys.clear()

    cluster.mailbox("jane", SALES | {"more": "x"}, READY)
    assert cluster.woken.keys == []
    cluster.mailbox("jane", ready=REVOKED)
    cluster.mailbox("jane", deleted=True)
    assert cluster.woken.keys == [CAMPAIGN, CAMPAIGN]


def test_the_version_of_the_inputs_follows_every_mailbox(cluster: Cluster) -> None:
    def version() -> str:
        seen = cluster.store.seen(CAMPAIGN)
        assert seen is not None
        return seen.version

    cluster.sender()
    versions = [version()]
    for change in (READY, REVOKED, READY):
        cluster.mailbox("jane", ready=change)
        versions.append(version())
    cluster.mailbox("jane", deleted=True)
    versions.append(version())

    assert versions[1] == versions[3]
    assert versions[0] == versions[4]
    assert len(set(versions)) == 3


def test_two_replicas_find_the_same_version_in_whatever_order_they_learn(
    cluster: Cluster,
) -> None:
    other = Cluster()
    cluster.sender()
    for name in NAMES:
        cluster.mailbox(name, ready=READY)
    for name in reversed(NAMES):
        other.mailbox(name, ready=READY)
    other.sender()

    assert cluster.selection == other.selection


def test_another_selector_selects_afresh_and_names_need_no_pool(cluster: Cluster) -> None:
    cluster.mailbox("jane")
    cluster.mailbox("bob", {"team": "support"})
    cluster.sender()
    cluster.sender({"selector": {"matchLabels": {"team": "support"}}})
    assert list(cluster.pool.names) == ["bob"]

    cluster.sender({"names": ["jane"]})
    assert cluster.store.pools.of(CAMPAIGN) is None
    (sender,) = cluster.store.pools.senders()
    assert cluster.store.pools.names_for(sender) == ("jane",)

    cluster.sender(deleted=True)
    assert list(cluster.store.pools.senders()) == []


def test_what_is_made_of_a_pool_is_kept_until_a_mailbox_comes_or_goes_or_is_changed(
    cluster: Cluster,
) -> None:
    def made(moment: int = 0) -> list[str]:
        return [*cluster.pool.kept(moment, sorted)]

    cluster.sender()
    cluster.mailbox("jane")
    kept = cluster.pool.kept(0, sorted)

    cluster.mailbox("jane", ready=READY)
    assert cluster.pool.kept(0, sorted) is kept
    cluster.mailbox("bob")
    assert made() == ["bob", "jane"]
    cluster.mailbox("bob", deleted=True)
    assert made() == ["jane"]
    assert cluster.pool.kept(1, sorted) is not cluster.pool.kept(2, sorted)


def test_a_mailbox_is_found_by_its_address_however_it_is_written(cluster: Cluster) -> None:
    cluster.sender()
    cluster.mailbox("jane")
    cluster.mailbox("bob")

    assert list(cluster.pool.at("JANE@acme.example")) == ["jane"]
    assert list(cluster.pool.at("ceo@acme.example")) == []


STEPS: Final = some.lists(
    some.tuples(
        some.sampled_from(NAMES),
        some.sampled_from([SALES, {}]),
        some.sampled_from([READY, REVOKED, None]),
        some.booleans(),
    ),
    max_size=20,
)


@given(STEPS)
def test_what_is_counted_step_by_step_is_what_is_there(
    steps: list[tuple[str, Mapping[str, str], Mapping[str, str] | None, bool]],
) -> None:
    cluster = Cluster()
    cluster.sender()
    for name, labels, ready, deleted in steps:
        cluster.mailbox(name, labels, ready, deleted=deleted)

    there = (cluster.store.subject(Key(Kind.MAILBOX, "acme", name)) for name in NAMES)
    chosen = [chosen_of(each) for each in there if each and _is_sales(each)]
    counted, afresh = cluster.selection, selection_of("acme", chosen)
    assert set(cluster.pool.names) == {each.name for each in chosen}
    assert (counted.count, counted.sender, counted.trouble) == (
        afresh.count,
        afresh.sender,
        afresh.trouble,
    )


def _is_sales(mailbox: Any) -> bool:
    return bool(mailbox.labels == SALES)


@given(some.lists(some.tuples(some.sampled_from("abcdef"), some.booleans())))
def test_the_least_of_those_that_are_in_is_first(steps: list[tuple[str, bool]]) -> None:
    found, there = Least(), set[str]()
    for name, is_in in steps:
        found.put(name, is_in=is_in)
        (there.add if is_in else there.discard)(name)
        assert found.first() == min(there, default=None)
        assert len(found) == len(there)
