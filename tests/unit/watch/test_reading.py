"""An object is read with whether this installation works on it; its labels are not kept."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from mailbox_operator.decide.declared.selector import read_selector
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.reading import parse, selecting

GOLD: Final = selecting(read_selector("tier=gold"))


def labelled(labels: Mapping[str, str] | None) -> Mapping[str, Any]:
    known = {"namespace": "acme", "name": "jane", "uid": "u", "resourceVersion": "1"}
    return {"metadata": {**known, "labels": labels}, "spec": {}}


@pytest.mark.parametrize("kind", Kind)
def test_objects_of_every_kind_are_selected_by_their_own_labels(kind: Kind) -> None:
    read = [GOLD(kind, labelled({"tier": tier})) for tier in ("gold", "iron")]

    assert [each.is_selected for each in read] == [True, False]


@pytest.mark.parametrize("labels", [None, {}])
def test_an_object_without_labels_is_selected_by_a_selector_that_asks_for_none(
    labels: Mapping[str, str] | None,
) -> None:
    body = labelled(labels)

    assert selecting(read_selector("!tier"))(Kind.MAILBOX, body).is_selected
    assert not GOLD(Kind.MAILBOX, body).is_selected


def test_without_a_selector_every_object_is_selected() -> None:
    assert selecting(()) is parse
    assert parse(Kind.MAILBOX, labelled({"tier": "iron"})).is_selected
