"""The configuration of Renovate finds what it is there for."""

import json
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tools.workflows.workflows import ROOT

FILE: Final = ROOT / ".github" / "renovate.json5"
LINES: Final = [x for x in FILE.read_text().splitlines() if not x.lstrip().startswith("//")]
CONFIGURATION: Final[dict[str, Any]] = json.loads("\n".join(LINES))
(NODES,) = CONFIGURATION["customManagers"]


def matched(patterns: list[str]) -> list[Path]:
    """Find the files that patterns of Renovate match."""
    expressions = [re.compile(each.strip("/")) for each in patterns]
    files = [*(ROOT / ".lock").iterdir(), *(ROOT / "tests" / "tools" / "kind").iterdir()]
    names = {each: str(each.relative_to(ROOT)) for each in files}
    return [path for path, name in names.items() if any(x.search(name) for x in expressions)]


def test_every_lock_is_compiled_again() -> None:
    locks = matched(CONFIGURATION["pip-compile"]["managerFilePatterns"])

    assert set(locks) == set((ROOT / ".lock").glob("*.txt"))


def test_each_node_of_kind_is_found_with_its_digest() -> None:
    (file,) = matched(NODES["managerFilePatterns"])
    (expression,) = NODES["matchStrings"]

    found = list(re.finditer(expression.replace("(?<", "(?P<"), file.read_text()))

    assert [each["depName"] for each in found] == ["kindest/node"] * 2
    assert len({each["currentDigest"] for each in found}) == 2


def test_there_is_no_other_bot() -> None:
    assert list((ROOT / ".github").glob("dependabot*")) == []


@pytest.mark.parametrize("rule", CONFIGURATION["packageRules"], ids=str)
def test_a_rule_says_what_it_is_for(rule: dict[str, Any]) -> None:
    assert {"matchManagers", "matchPackageNames"} & rule.keys()
    assert {"enabled", "groupName"} & rule.keys()
