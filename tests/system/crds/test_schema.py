"""What the definitions promise by themselves, without a cluster."""

from pathlib import Path

import pytest

from unit.tables import infrastructures, senders, specs
from unit.tables.schema import FILES, definition, messages, nodes, version

MAILBOXES, INFRASTRUCTURES, SENDERS = FILES
TOO_LONG_A_NAME = "must have at most 63 characters"
FRAGMENTS = {
    MAILBOXES: {
        TOO_LONG_A_NAME,
        *(fragment for _, fragment in specs.BAD.values()),
        *(fragment for _, _, fragment in specs.TRANSITIONS.values()),
    },
    INFRASTRUCTURES: {
        TOO_LONG_A_NAME,
        *(fragment for _, fragment in infrastructures.BAD.values()),
    },
    SENDERS: {
        "must have at most 58 characters",
        *(fragment for _, fragment in senders.MISTAKES.values()),
        *(fragment for _, _, fragment in senders.TRANSITIONS.values()),
    },
}
SUBDOMAIN = r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$"
each = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)


@each
def test_every_field_says_what_it_is(file: Path) -> None:
    silent = [node.path for node in nodes(file) if len(node.schema.get("description", "")) < 8]

    assert not silent


@each
def test_every_value_has_a_largest_size(file: Path) -> None:
    boundless = [node.path for node in nodes(file) if not node.is_bounded]

    assert not boundless


@each
def test_the_name_of_every_secret_has_the_shape_that_kubernetes_admits(file: Path) -> None:
    names = [
        node.schema for node in nodes(file) if node.path.endswith(("SecretRef.name", "secretName"))
    ]

    shapes = {(name["minLength"], name["maxLength"], name["pattern"]) for name in names}

    assert shapes == {(1, 253, SUBDOMAIN)}


@each
def test_a_definition_is_small_enough_to_read(file: Path) -> None:
    assert len(file.read_bytes()) < 40_000


@each
def test_a_definition_contains_nothing_that_a_template_engine_replaces(file: Path) -> None:
    assert "{{" not in file.read_text()


@each
def test_no_two_rules_answer_alike(file: Path) -> None:
    assert sorted(messages(file)) == sorted(set(messages(file)))


@each
def test_a_rule_answers_in_one_or_two_sentences(file: Path) -> None:
    assert [message for message in messages(file) if not message.endswith(".")] == []


@each
def test_every_rule_is_broken_by_some_bad_spec(file: Path) -> None:
    untested = [
        message
        for message in messages(file)
        if not any(fragment in message for fragment in FRAGMENTS[file])
    ]

    assert not untested


def test_a_mailbox_has_ten_rules_and_more() -> None:
    assert len(messages(MAILBOXES)) >= 10


@each
def test_conditions_are_a_map_by_type(file: Path) -> None:
    (conditions,) = (node.schema for node in nodes(file) if node.path == "status.conditions")

    assert conditions["x-kubernetes-list-type"] == "map"
    assert conditions["x-kubernetes-list-map-keys"] == ["type"]
    assert "observedGeneration" in conditions["items"]["properties"]


@each
def test_the_status_is_written_apart_from_the_spec(file: Path) -> None:
    assert version(file)["subresources"] == {"status": {}}


@each
def test_no_category_is_named_like_a_kind(file: Path) -> None:
    """A category hides a kind of its name, and deletes as much as it lists."""
    names = {definition(other)["spec"]["names"]["plural"] for other in FILES}

    assert names.isdisjoint(definition(file)["spec"]["names"]["categories"])


def test_a_sender_is_a_provisioned_service() -> None:
    """A ServiceBinding finds the Secret by this label and status.binding.name."""
    labels = definition(SENDERS)["metadata"]["labels"]
    paths = {node.path for node in nodes(SENDERS)}

    assert labels == {"servicebinding.io/provisioned-service": "true"}
    assert "status.binding.name" in paths
