"""The forms for issues are what GitHub takes, and ask for what SUPPORT.md says how to get."""

import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

ROOT: Final = Path(__file__).parents[2]
SUPPORT: Final = (ROOT / "SUPPORT.md").read_text()
FORMS: Final = sorted((ROOT / ".github" / "ISSUE_TEMPLATE").glob("*.yaml"))
TYPES: Final = {"markdown", "textarea", "input"}
COMMAND: Final = re.compile(r"`(?:kubectl|helm) [^`]*`")


def form(path: Path) -> Any:
    """Read a form."""
    return yaml.safe_load(path.read_text())


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_has_what_github_asks_for(path: Path) -> None:
    found = form(path)

    assert {"name", "description", "body"} <= set(found)
    assert {item["type"] for item in found["body"]} <= TYPES
    asked = [item for item in found["body"] if item["type"] != "markdown"]
    assert all(item["attributes"]["label"] for item in asked)
    assert len({item["id"] for item in asked}) == len(asked)


def test_there_is_a_form_for_each_kind_of_issue() -> None:
    assert [path.stem for path in FORMS] == ["bug", "feature", "reply"]


def test_a_form_asks_for_what_the_page_on_support_shows_how_to_get() -> None:
    texts = [item["attributes"].get("description", "") for item in form(FORMS[0])["body"]]

    commands = [command for text in texts for command in COMMAND.findall(text)]
    assert len(commands) > 5
    assert [command for command in commands if command not in SUPPORT] == []
