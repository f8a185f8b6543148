"""What files declare, and every mistake that the API server would refuse, named at once."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from lab.stand.specs import SMTP
from mailbox_operator.decide.declared.documents import Declared, Document, read_declared
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.words import Kind
from unit.tables.secrets import GOOD, REFUSED, secret

GROUP: Final = "mailbox-operator.io"


def mailbox(**more: Any) -> dict[str, Any]:
    ours = {"apiVersion": f"{GROUP}/v1alpha1", "kind": "Mailbox", "metadata": {"name": "jane"}}
    return ours | {"spec": SMTP} | more


def read(*contents: Mapping[str, Any], namespace: str = "acme") -> Declared:
    documents = [Document(dict(each), "all.yaml", line) for line, each in enumerate(contents, 1)]
    return read_declared(documents, namespace)


def test_an_object_without_a_namespace_is_in_the_one_that_is_asked_for() -> None:
    elsewhere = mailbox(metadata={"name": "john", "namespace": "initech"})

    declared = read(mailbox(), elsewhere, secret(stringData={"password": "p"}))

    assert [str(key) for key in declared.objects] == ["acme/jane", "initech/john"]
    assert list(declared.secrets) == [("acme", "jane")]
    assert set(declared.labels) == {"acme", "initech"}


def test_the_labels_of_a_namespace_are_read_from_its_manifest() -> None:
    labelled = {"name": "acme", "labels": {"mail": "allowed"}}

    declared = read(mailbox(), {"apiVersion": "v1", "kind": "Namespace", "metadata": labelled})

    assert declared.labels["acme"] == {"kubernetes.io/metadata.name": "acme", "mail": "allowed"}


@pytest.mark.parametrize(
    "other",
    [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"generateName": "x-"}},
        {"resources": ["mailboxes.yaml"]},
        {"apiVersion": "vault.example/v1", "kind": "Secret", "spec": {}},
    ],
    ids=["another kind without a name", "kustomization without a kind", "another group's Secret"],
)
def test_what_no_attempt_needs_is_skipped(other: Mapping[str, Any]) -> None:
    declared = read(mailbox(), other)

    assert (declared.mistakes, declared.skipped.total()) == ([], 1)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (mailbox(apiVersion="other.example/v1"), "apiVersion: it must be mailbox-operator.io/v1"),
        (mailbox(apiVersion=f"{GROUP}/v1"), f"apiVersion: it must be {GROUP}/v1alpha1"),
        (mailbox(apiVersion=None), "apiVersion: it must be"),
        (mailbox(kind="ManagedInfrastructure", apiVersion="v1"), "apiVersion: it must be"),
        (secret(apiVersion="v1beta1"), "Secret: apiVersion: it must be v1"),
        (mailbox(metadata=None), "metadata.name: it is required"),
        (mailbox(metadata={"name": "Jane"}), "metadata.name: it must be the name of an object"),
        (mailbox(metadata={"name": "jane", "namespace": "a.b"}), "metadata.namespace: it must be"),
        (mailbox(metadata={"name": "jane", "label": {}}), "metadata.label: it is unknown"),
        (
            mailbox(metadata={"name": "j", "labels": {"a": 1}}),
            "metadata.labels.a: it must be a str",
        ),
        (mailbox(metadata={"name": "j", "annotations": {"a": True}}), "annotations.a: it must be"),
        (mailbox(specs={}), "specs: it is unknown"),
    ],
)
def test_what_the_api_server_refuses_as_such_is_a_mistake(
    content: Mapping[str, Any], told: str
) -> None:
    (mistake,) = read(content).mistakes

    assert mistake.startswith("all.yaml:1: ")
    assert told in mistake


def test_the_same_object_twice_is_a_mistake_only_if_it_differs() -> None:
    other = mailbox(spec=SMTP | {"displayName": "Jane"})

    assert read(mailbox(), mailbox()).mistakes == []
    assert read(mailbox(), other).mistakes == ["all.yaml:2: Mailbox jane: it is declared twice"]


def test_all_mistakes_are_named_at_once() -> None:
    broken = mailbox(spec=SMTP | {"checkInterval": "soon", "colour": "red", "suspend": "no"})
    wrong = mailbox(metadata={"name": "john"}, kind="Mailbox", apiVersion="v1")

    told = "\n".join(read(broken, wrong, secret(stringData={"password": 1})).all_mistakes)

    for place in ("checkInterval", "colour", "suspend", "apiVersion", "stringData.password"):
        assert place in told


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_a_secret_that_the_api_server_takes_is_read(content: Mapping[str, Any]) -> None:
    found = read(content).secrets["acme", "jane"]

    assert isinstance(found, Secret)


@pytest.mark.parametrize(("content", "field"), REFUSED.values(), ids=REFUSED)
def test_a_secret_that_the_api_server_refuses_says_why(
    content: Mapping[str, Any], field: str
) -> None:
    declared = read(mailbox(), content)

    (told, *_) = [*declared.mistakes, *declared.refused_secrets]
    assert field in told


def test_what_is_wrong_with_a_secret_shows_no_value_of_it() -> None:
    wrong = secret(data={"password": "hunter2!"}, stringData={"username": 8675309})

    (told,) = read(wrong).refused_secrets

    assert told.count(": it must be") == 2
    assert "hunter2" not in told
    assert "8675309" not in told


def test_plain_text_wins_over_base64() -> None:
    found = read(secret(data={"password": "b2xk"}, stringData={"password": "new"})).secrets

    held = found["acme", "jane"]
    assert isinstance(held, Secret)
    assert held.text("password") == "new"


def test_an_infrastructure_belongs_to_no_namespace() -> None:
    declared = read(mailbox(kind="ManagedInfrastructure", spec={}))

    assert list(declared.objects) == [Key(Kind.INFRASTRUCTURE, "", "jane")]
