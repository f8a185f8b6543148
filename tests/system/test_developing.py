"""docs/developing.md leads to files, symbols and tests that are there, and to all that matter."""

import re
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
PACKAGE: Final = ROOT / "operator" / "mailbox_operator"
PAGE: Final = (ROOT / "docs" / "developing.md").read_text()
FILES: Final = sorted(set(re.findall(r"`([\w/-]+(?:\.(?:py|yaml|tpl|txt|toml)|/))`", PAGE)))
TESTS: Final = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE)))
SYMBOL: Final = re.compile(r"^\| \w+ \| .* \| `(\w+)` in `([\w/.]+)` \|$", re.MULTILINE)
PROVIDER: Final = re.compile(r"\bProvider\.(?:GOOGLE|OUTLOOK)\b")
KIND: Final = re.compile(r"\bKind\.INFRASTRUCTURE\b|isinstance\([^)]*\bManagedInfrastructure\b")
OF_ONE_PROVIDER: Final = ("connect/google/", "connect/outlook/", "decide/declared/providers/")


def part(name: str) -> str:
    """Return what stands between two markers of the page."""
    return PAGE.split(f"<!-- {name} -->")[1].split(f"<!-- /{name} -->")[0]


def naming(pattern: re.Pattern[str]) -> list[str]:
    """Find the files of the package that a pattern matches."""
    files = sorted(PACKAGE.rglob("*.py"))
    return [str(each.relative_to(PACKAGE)) for each in files if pattern.search(each.read_text())]


@pytest.mark.parametrize("file", FILES)
def test_a_file_that_the_page_names_is_there(file: str) -> None:
    assert (PACKAGE / file).exists() or (ROOT / file).exists()


@pytest.mark.parametrize(("file", "name"), TESTS)
def test_a_test_that_the_page_names_is_there(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / file).read_text()


@pytest.mark.parametrize(("name", "file"), SYMBOL.findall(PAGE))
def test_a_word_of_the_glossary_is_in_its_file(name: str, file: str) -> None:
    assert re.search(rf"\b{name}\b", (PACKAGE / file).read_text())


def test_the_glossary_has_twenty_words_and_each_its_place() -> None:
    words = [line for line in part("glossary").splitlines() if line.startswith("| ")]

    assert len(words) - 1 == len(SYMBOL.findall(PAGE))
    assert len(words) > 20


def test_the_flow_is_shown_in_twelve_files() -> None:
    steps = re.findall(r"^\d+\. `([\w/.]+)`", part("twelve"), re.MULTILINE)

    assert len(set(steps)) == 12


def test_a_provider_is_named_only_where_the_page_says() -> None:
    named = [file for file in naming(PROVIDER) if not file.startswith(OF_ONE_PROVIDER)]

    assert [file for file in named if f"`{file}`" not in part("provider")] == []


def test_a_kind_is_named_only_where_the_page_says() -> None:
    assert [file for file in naming(KIND) if f"`{file}`" not in part("kind")] == []
