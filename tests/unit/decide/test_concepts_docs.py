"""docs/concepts.md shows the conditions as the code writes them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from mailbox_operator.decide.declared.kinds import KINDS
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.status.capacity import CAPACITY, CapacityReason
from mailbox_operator.decide.status.conditions import Standing, Status, Verdict, conditions
from mailbox_operator.decide.words import Kind

PAGE: Final = (Path(__file__).parents[3] / "docs" / "concepts.md").read_text()
PART: Final = PAGE.split("## Conditions\n")[1].split("\n## ")[0]
TYPE: Final = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
STANDING: Final = re.compile(
    r"^\| [^`|]+ \| (True|False|Unknown) \| (\w+) \| (\w+) \| ?([^|]*?) ?\|$", re.MULTILINE
)
NOON: Final = datetime(2026, 11, 27, 12, tzinfo=UTC)


def written(standing: Standing) -> Mapping[str, str]:
    """Read the status of each condition that a standing is written as."""
    verdict = Verdict(standing, Reason.CONNECTED, "All is well.")
    return {
        each.type: each.status for each in conditions(verdict, 1, Status(), NOON, connects=True)
    }


def shown(standing: Standing) -> tuple[str, str, str, str]:
    """Write the row of a standing as the page does."""
    row, found = standing.value, written(standing)
    reason = f", reason `{row.explanation}`" if row.explanation else ""
    more = f"`{row.explaining}`{reason}" if row.explaining else ""
    return found["Ready"], found["Connected"], found["Error"], more


def test_the_page_has_every_type_of_condition_and_no_other() -> None:
    types = {name for standing in Standing for name in written(standing)}

    assert sorted(TYPE.findall(PART)) == sorted({*types, CAPACITY})


def test_the_page_has_every_reason_of_the_condition_capacity() -> None:
    (row,) = re.findall(r"^\| `Capacity` .*$", PART, re.MULTILINE)

    assert set(re.findall(r"`(\w+)`", row)) == {CAPACITY, *CapacityReason}


def test_the_page_has_every_combination_of_conditions() -> None:
    assert STANDING.findall(PART) == [shown(standing) for standing in Standing]


def test_the_page_says_of_which_kind_the_condition_connected_is() -> None:
    connecting = [kind for kind in Kind if KINDS[kind].connects]

    (row,) = re.findall(r"^\| `Connected` .* \| ([^|]*) \|$", PART, re.MULTILINE)
    assert [f"{kind} only" for kind in connecting] == [row]
