"""Reads objects as the API server sends them, and says of each whether it is this installation's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mailbox_operator.decide.declared.kinds import KINDS, Subject
from mailbox_operator.decide.declared.selector import Requirement
from mailbox_operator.decide.words import Kind

Parse = Callable[[Kind, Mapping[str, Any]], Subject]


def parse(kind: Kind, body: Mapping[str, Any]) -> Subject:
    """Read an object of any kind."""
    return KINDS[kind].parse(body)


def selecting(requirements: Sequence[Requirement]) -> Parse:
    """Return what reads an object and compares its labels with a selector; an empty one takes all.

    Only the outcome is kept of it: labels may be as large as the rest of the object.
    """

    def read(kind: Kind, body: Mapping[str, Any]) -> Subject:
        labels, subject = body["metadata"].get("labels") or {}, parse(kind, body)
        is_selected = all(each.admits(labels) for each in requirements)
        return subject if is_selected else replace(subject, is_selected=False)

    return read if requirements else parse
