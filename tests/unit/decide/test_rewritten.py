"""A Secret that was written again, with the same in it, is worth neither an attempt nor a write."""

from dataclasses import replace
from typing import Final

from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.machine import Proof, conclude, decide
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.machine.steps import Rest
from unit.make import ENDPOINT, NOON, seen

PACE: Final = Pace((), ())


def concluded() -> Seen:
    """See a mailbox that was connected with some contents."""
    before = replace(seen(version="v1"), contents=b"contents")
    return replace(before, status=conclude(before, Proof(ENDPOINT), NOON, PACE, 0.5).status)


def test_the_same_contents_in_a_newer_version_ask_for_no_attempt() -> None:
    newer = replace(concluded(), version="v2")

    assert decide(newer, NOON, due=False) == Rest()


def test_a_check_with_the_same_contents_in_a_newer_version_writes_nothing() -> None:
    newer = replace(concluded(), version="v2")

    assert conclude(newer, Proof(ENDPOINT), NOON, PACE, 0.5).status == newer.status


def test_other_contents_are_written() -> None:
    newer = replace(concluded(), version="v2", contents=b"other")

    status = conclude(newer, Proof(ENDPOINT), NOON, PACE, 0.5).status

    assert status.secret_version == newer.stamp
