"""Pages, charts and help speak plain, current English."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = ("docs", "helm", "crds", ".github")
SUFFIXES: Final = (".md", ".yaml", ".txt", ".tpl", ".json", ".lua")
PAGES: Final = [
    *sorted(ROOT.glob("*.md")),
    *sorted(
        page for folder in FOLDERS for page in (ROOT / folder).rglob("*") if page.suffix in SUFFIXES
    ),
]
SLOW: Final = re.compile(
    r"\b(mend(?:ed|s|ing)?|lies? in|told of|anew|in vain|whoever|nothing of it|it is no \w+"
    r"|belongs? into|whose move|comes? of|thereof|lest)\b",
    re.IGNORECASE,
)
"""Words that are archaic or a riddle, and slow readers down."""


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_has_no_archaic_words(page: Path) -> None:
    assert SLOW.findall(page.read_text()) == []


@pytest.mark.parametrize("command", [(), ("run",), ("verify",), ("check-api",), ("gateway",)])
def test_the_help_of_a_command_has_no_archaic_words(command: tuple[str, ...]) -> None:
    program = [sys.executable, "-m", "mailbox_operator", *command, "--help"]
    shown = subprocess.run(program, capture_output=True, text=True, check=True).stdout

    assert SLOW.findall(shown) == []
