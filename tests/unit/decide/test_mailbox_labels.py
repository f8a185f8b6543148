"""The labels of a Mailbox, as they are kept."""

import sys
from typing import Any, Final

from hypothesis import given, strategies as some

from mailbox_operator.decide.declared.labels import MOST_LABELS_BYTES, cut, read_labels
from mailbox_operator.decide.declared.mailbox import parse_mailbox

HELM: Final = {
    "app.kubernetes.io/managed-by": "Helm",
    "app.kubernetes.io/name": "mailbox-tenant",
    "app.kubernetes.io/version": "1.4.0",
    "helm.sh/chart": "mailbox-tenant-1.4.0",
}
WORDS: Final = some.text("abcdefghijklmnopqrstuvwxyz0123456789-./", max_size=63)


def body(labels: object) -> dict[str, Any]:
    metadata = {"name": "jane", "namespace": "acme", "labels": labels}
    return {"metadata": metadata, "spec": {}}


@given(some.dictionaries(WORDS, WORDS, max_size=12))
def test_labels_are_kept_as_they_are(labels: dict[str, str]) -> None:
    assert parse_mailbox(body(labels)).labels == labels


def test_an_object_without_labels_has_none() -> None:
    assert parse_mailbox(body(None)).labels == {}
    assert read_labels("odd").mapping == {}


def test_the_same_labels_of_many_mailboxes_are_kept_once() -> None:
    one, other = (parse_mailbox(body(dict(HELM))) for _ in range(2))

    assert one.label_keys is other.label_keys
    assert one.label_values is other.label_values


def test_a_mailbox_with_a_value_of_its_own_takes_a_hundred_bytes_more() -> None:
    one, other = (
        parse_mailbox(body(HELM | {"app.kubernetes.io/instance": name})) for name in ("a", "b")
    )

    assert one.label_keys is other.label_keys
    assert sys.getsizeof(one.label_values) <= 110


def test_labels_without_bound_are_not_kept() -> None:
    large = {f"label-{number}": "x" * 63 for number in range(100)}

    assert parse_mailbox(body(large)).labels is None


def test_what_is_cut_is_still_too_large_and_what_fits_is_whole() -> None:
    large = {f"label-{number:05}": "x" * 63 for number in range(10_000)}

    shorter = cut(large)

    assert len(str(shorter)) < 2 * MOST_LABELS_BYTES
    assert read_labels(shorter).mapping is None
    assert cut(HELM) == HELM
