"""The words of the code are the words of the definitions, and none is missing on either side."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any, Final

import pytest
import yaml

from mailbox_operator.decide.declared import infrastructure, sender, spec
from mailbox_operator.decide.declared.infrastructure import USERNAMES
from mailbox_operator.decide.declared.kinds import KINDS
from mailbox_operator.decide.declared.providers import google, outlook
from mailbox_operator.decide.declared.providers.table import OAUTH_PROVIDERS, PROVIDERS, block_of
from mailbox_operator.decide.declared.selector import Operator
from mailbox_operator.decide.words import (
    Choose,
    Cloud,
    DeletionPolicy,
    FromHeader,
    Infrastructure,
    Kind,
    Provider,
    Security,
)
from unit.tables.schema import FILES, Node

MAILBOX, OFFER, SENDER = Kind.MAILBOX, Kind.INFRASTRUCTURE, Kind.SENDER
STATUSES: Final = ("True", "False", "Unknown")
WORDS: Final[dict[tuple[Kind, str], Iterable[str]]] = {
    (MAILBOX, "spec.provider"): Provider,
    (MAILBOX, "spec.infrastructure"): Infrastructure,
    (MAILBOX, "spec.google.grant"): google.GRANTS,
    (MAILBOX, "spec.outlook.grant"): outlook.GRANTS,
    (MAILBOX, "spec.outlook.cloud"): Cloud,
    (MAILBOX, "spec.smtp.security"): Security,
    (MAILBOX, "spec.deletionPolicy"): DeletionPolicy,
    (MAILBOX, "status.endpoint.security"): Security,
    (MAILBOX, "status.conditions[].status"): STATUSES,
    (OFFER, "spec.outlook.cloud"): Cloud,
    (OFFER, "spec.relay.security"): Security,
    (OFFER, "spec.presets[].security"): Security,
    (OFFER, "spec.presets[].usernameFormat"): USERNAMES,
    (OFFER, "spec.namespaceSelector.matchExpressions[].operator"): Operator,
    (OFFER, "spec.deletionPolicy"): DeletionPolicy,
    (OFFER, "status.conditions[].status"): STATUSES,
    (SENDER, "spec.choose"): Choose,
    (SENDER, "spec.from"): FromHeader,
    (SENDER, "spec.mailboxes.selector.matchExpressions[].operator"): Operator,
    (SENDER, "status.conditions[].status"): STATUSES,
}
DEFINITIONS: Final[dict[str, Any]] = {
    content["spec"]["names"]["kind"]: content["spec"]
    for content in (yaml.safe_load(file.read_text()) for file in FILES)
}


def nodes(kind: str) -> Iterator[Node]:
    for version in DEFINITIONS[kind]["versions"]:
        yield from Node("", version["schema"]["openAPIV3Schema"]).below()


ENUMS: Final = {
    (kind, node.path): node.schema["enum"]
    for kind in DEFINITIONS
    for node in nodes(kind)
    if "enum" in node.schema
}


@pytest.mark.parametrize("place", ENUMS, ids=": ".join)
def test_a_definition_takes_the_words_that_the_code_knows(place: tuple[Kind, str]) -> None:
    known = WORDS[place]

    assert set(ENUMS[place]) == {str(word) for word in known}


def test_every_place_with_words_is_in_a_definition() -> None:
    assert set(WORDS) == set(ENUMS)


@pytest.mark.parametrize("words", [Provider, Infrastructure, Cloud, Security, DeletionPolicy])
def test_the_words_of_the_manifests_are_all_in_a_definition(words: type[StrEnum]) -> None:
    assert any(set(words) == set(enum) for enum in ENUMS.values())


def test_every_kind_has_a_definition_that_names_and_places_it_as_the_code_does() -> None:
    defined = {
        kind: (content["names"]["plural"], content["scope"] == "Namespaced")
        for kind, content in DEFINITIONS.items()
    }

    assert defined == {kind: (each.plural, each.namespaced) for kind, each in KINDS.items()}


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (MAILBOX, spec.FIELDS),
        (OFFER, infrastructure.INFRASTRUCTURE_FIELDS),
        (SENDER, sender.SENDER_FIELDS),
    ],
)
def test_a_definition_has_the_fields_that_the_code_reads(
    kind: Kind, fields: tuple[str, ...]
) -> None:
    (content,) = (node.schema for node in nodes(kind) if node.path == "spec")

    assert set(content["properties"]) == set(fields)


@pytest.mark.parametrize("provider", Provider)
def test_the_block_of_a_provider_has_the_fields_that_the_code_reads(provider: Provider) -> None:
    blocks = {
        node.path: set(node.schema["properties"]) for node in nodes(MAILBOX) if is_block(node)
    }

    assert blocks[f"spec.{block_of(provider)}"] == set(PROVIDERS[provider].fields)


@pytest.mark.parametrize("provider", OAUTH_PROVIDERS)
def test_the_block_of_an_app_has_the_fields_that_the_code_reads(provider: Provider) -> None:
    blocks = {node.path: set(node.schema["properties"]) for node in nodes(OFFER) if is_block(node)}

    assert blocks[f"spec.{block_of(provider)}"] == set(OAUTH_PROVIDERS[provider].app_fields)


def is_block(node: Node) -> bool:
    return "properties" in node.schema
