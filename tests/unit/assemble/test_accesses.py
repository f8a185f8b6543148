"""For which mailboxes a replica keeps access tokens at hand."""

from dataclasses import replace
from typing import Any, Final

import pytest

from mailbox_operator.assemble.accesses import case_of, is_foreign, wanted
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import Mailbox, ReadableMailbox
from mailbox_operator.decide.declared.selector import Operator, Requirement
from mailbox_operator.decide.declared.sender import Sending
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.status.conditions import Standing, Status, Verdict, conditions
from mailbox_operator.decide.words import Infrastructure
from mailbox_operator.watch.refs import Topic
from mailbox_operator.watch.store import Store
from unit.make import EMPTY, NOON, mailbox, oauth_spec, sender, spec, unreadable


def stands(standing: Standing, reason: Reason, version: str) -> Status:
    """Make a status that is judged on these inputs."""
    written = conditions(Verdict(standing, reason, "text"), 1, EMPTY, NOON, connects=True)
    return Status(observed_generation=1, conditions=written, secret_version=version)


def stored(*subjects: Subject) -> Store:
    store = Store("operators")
    for each in subjects:
        store.upsert(each)
    return store


def connected(found: ReadableMailbox) -> ReadableMailbox:
    """Say of a Mailbox that it is connected, with the inputs that it has."""
    seen = stored(found).seen(found.key)
    assert seen is not None
    status = stands(Standing.CONNECTED, Reason.CONNECTED, seen.version)
    return replace(found, status=status)


def is_selected(found: Mailbox) -> bool:
    """Take every Mailbox that is selected as one for this replica."""
    return found.is_selected


GOOGLE: Final = connected(mailbox(oauth_spec()))
SHOP: Final = sender()


def test_a_token_is_wanted_for_a_connected_mailbox_that_a_sender_names() -> None:
    store = stored(GOOGLE, SHOP)

    (found,) = wanted(store, is_selected)

    case = case_of(store, found)
    assert found == GOOGLE
    assert case is not None
    assert case.mailbox == GOOGLE


def test_a_token_is_wanted_once_for_several_senders() -> None:
    other = replace(SHOP, key=replace(SHOP.key, name="other"), uid="other")

    assert len([*wanted(stored(GOOGLE, SHOP, other), is_selected)]) == 1


def test_a_token_is_wanted_for_a_mailbox_that_a_sender_selects_as_soon_as_it_has_the_label() -> (
    None
):
    team = Requirement("team", Operator.IN, ("sales",))
    store = stored(GOOGLE, sender(Sending((), (team,))))
    assert [*wanted(store, is_selected)] == []

    store.upsert(replace(GOOGLE, label_keys=("team",), label_values="sales", version="8"))

    (found,) = wanted(store, is_selected)
    assert found.key == GOOGLE.key


@pytest.mark.parametrize(
    "subjects",
    [
        pytest.param([GOOGLE], id="no Sender"),
        pytest.param([SHOP], id="no Mailbox"),
        pytest.param([unreadable(), SHOP], id="a Mailbox that cannot be read"),
        pytest.param([connected(mailbox(spec())), SHOP], id="a password"),
        pytest.param([mailbox(oauth_spec()), SHOP], id="a Mailbox that is not connected"),
        pytest.param([GOOGLE, sender(Sending(("jane",), suspend=True))], id="a suspended Sender"),
        pytest.param([GOOGLE, sender(Sending(("joe",)))], id="a Sender of another Mailbox"),
        pytest.param([replace(GOOGLE, is_selected=False), SHOP], id="another operator's Mailbox"),
        pytest.param(
            [replace(GOOGLE, generation=2), SHOP], id="a Mailbox that was changed a moment ago"
        ),
        pytest.param(
            [GOOGLE, replace(SHOP, key=replace(SHOP.key, namespace="other"))],
            id="a Sender of another namespace",
        ),
    ],
)
def test_no_token_is_wanted_elsewhere(subjects: list[Any]) -> None:
    assert [*wanted(stored(*subjects), is_selected)] == []


def test_no_token_is_wanted_where_the_infrastructure_is_missing() -> None:
    managed = connected(mailbox(oauth_spec(infrastructure=Infrastructure.MANAGED, secret=None)))
    store = stored(managed, SHOP)

    assert [case_of(store, found) for found in wanted(store, is_selected)] == [None]


def test_no_token_is_fetched_with_inputs_that_are_not_judged_yet() -> None:
    store = stored(GOOGLE, SHOP)
    store.note((Topic.SECRET, GOOGLE.key.namespace, str(GOOGLE.spec.secret)), "a-uid/8")

    assert [case_of(store, found) for found in wanted(store, is_selected)] == [None]


def test_a_mailbox_for_others_to_work_on_is_foreign_and_one_that_is_gone_is_not() -> None:
    assert is_foreign(replace(GOOGLE, is_selected=False), is_selected)
    assert not is_foreign(GOOGLE, is_selected)
    assert not is_foreign(None, is_selected)
