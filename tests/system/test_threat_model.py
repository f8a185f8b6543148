"""docs/threat-model.md names tests that are there."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "threat-model.md").read_text()
NAMED: Final = sorted(set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", PAGE)))


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_each_test_that_it_names_is_there(file: str, name: str) -> None:
    text = (ROOT / file).read_text()

    assert f"def {name}(" in text if name else True


def test_each_threat_has_a_defence_and_a_test() -> None:
    rows = [line for line in PAGE.splitlines() if line.startswith("| ") and "tests/" in line]

    assert len(rows) >= 8
    assert all(line.count("|") == 4 for line in rows)
