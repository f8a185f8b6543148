"""The index: what wakes an object, what is digested of it, and what nothing depends on any more."""

from dataclasses import replace
from typing import Any

from mailbox_operator.decide.declared.infrastructure import parse_infrastructure
from mailbox_operator.decide.declared.mailbox import Mailbox, parse_mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.index import Index
from mailbox_operator.watch.refs import Topic

JANE = Key(Kind.MAILBOX, "acme", "jane")
LOGIN = (Topic.SECRET, "acme", "login")
GOOGLE = (Topic.SECRET, "operators", "google")
OFFER = parse_infrastructure(
    {
        "metadata": {"name": "default", "uid": "i1", "resourceVersion": "1"},
        "spec": {
            "google": {"clientSecretRef": {"name": "google"}},
            "outlook": {"clientSecretRef": {"name": "outlook"}},
        },
    }
)


def jane(**spec: Any) -> Mailbox:
    metadata = {"name": "jane", "namespace": "acme", "uid": "u1", "resourceVersion": "1"}
    return parse_mailbox({"metadata": metadata, "spec": {"address": "jane@acme.example", **spec}})


def private(**smtp: Any) -> Mailbox:
    return jane(
        provider="SMTP",
        infrastructure="Private",
        credentialsSecretRef={"name": "login"},
        smtp={"host": "smtp.acme.example", **smtp},
    )


PRIVATE, WITH_CA = private(), private(caSecretRef={"name": "ca"})
MANAGED = jane(provider="Google", infrastructure="Managed")


def test_a_secret_that_a_mailbox_names_wakes_it_until_it_is_gone() -> None:
    index = Index("operators")

    index.replace(None, PRIVATE)
    named = index.dependents(LOGIN)
    unused = index.replace(PRIVATE, None)

    assert (named, index.dependents(LOGIN)) == ((JANE,), ())
    assert list(unused) == [LOGIN]


def test_a_secret_that_another_mailbox_names_as_well_stays_in_use() -> None:
    index, john = Index("operators"), replace(PRIVATE, key=replace(JANE, name="john"), uid="u2")
    index.replace(None, PRIVATE)
    index.replace(None, john)

    unused = index.replace(PRIVATE, None)

    assert (list(unused), index.dependents(LOGIN)) == ([], (john.key,))


def test_a_secret_that_three_mailboxes_name_is_unused_after_the_last_one() -> None:
    index = Index("operators")
    boxes = [replace(PRIVATE, key=replace(JANE, name=name), uid=name) for name in "abc"]
    for box in boxes:
        index.replace(None, box)

    named = {*index.dependents(LOGIN)}
    unused = [list(index.replace(box, None)) for box in boxes]

    assert named == {box.key for box in boxes}
    assert unused == [[], [], [LOGIN]]


def test_a_new_view_of_a_mailbox_drops_only_what_it_names_no_more() -> None:
    index = Index("operators")
    index.replace(None, WITH_CA)

    unused = index.replace(WITH_CA, PRIVATE)

    assert list(unused) == [(Topic.SECRET, "acme", "ca")]
    assert index.dependents(LOGIN) == (JANE,)


def test_a_managed_mailbox_is_woken_by_the_offer_and_digests_its_secret_for_the_provider() -> None:
    index = Index("operators")

    wakers, inputs = index.wakers(MANAGED), index.inputs(MANAGED, OFFER)

    assert (Topic.INFRASTRUCTURE, "", "default") in wakers
    assert GOOGLE in inputs - wakers
    assert (Topic.SECRET, "operators", "outlook") not in inputs
    assert {ref[0] for ref in inputs & wakers} == {Topic.GRANT}
