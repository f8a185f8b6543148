"""The pages fit the site as well as GitHub: each has a place, and none is written in one's own way."""

import re
from collections.abc import Iterator
from typing import Any, Final

import pytest
import yaml

from tools.site.hooks import DOCS, ROOT, outside, path_of

CONFIGURATION: Final = (ROOT / ".mkdocs.yml").read_text()
PAGES: Final = sorted(
    [
        *(str(page.relative_to(ROOT)) for page in (ROOT / DOCS).rglob("*.md")),
        *(path for path in outside() if path.endswith(".md")),
    ]
)
FENCED: Final = re.compile(r"^ *(```+)[^\n]*\n.*?^ *\1 *$", re.MULTILINE | re.DOTALL)
COMMENT: Final = re.compile(r"^<!--.*-->$", re.MULTILINE)
ITEM: Final = re.compile(r" *(?:[-*]|\d+\.) ")
SHALLOW: Final = re.compile(r"^ {1,3}(?:(?:[-*]|\d+\.) .*|```.*)$", re.MULTILINE)


def configuration() -> Any:
    """Read the configuration without the objects of Python that it asks for."""
    return yaml.safe_load(re.sub(r"!(!python/\S+|ENV)", "", CONFIGURATION))


def places(nav: Any) -> Iterator[str]:
    """Name the pages of the navigation, in their order."""
    match nav:
        case str():
            yield nav
        case list():
            for each in nav:
                yield from places(each)
        case dict():
            for each in nav.values():
                yield from places(each)
        case _:
            raise TypeError(nav)


def unopened(text: str) -> list[str]:
    """Find the lists that begin right under a line of text, which the site shows as text."""
    blocks = re.split(r"\n\s*\n", COMMENT.sub("", FENCED.sub("", text)))
    lines = [block.lstrip("\n").splitlines() for block in blocks]
    return [
        line
        for block in lines
        for line in block[1:]
        if ITEM.match(line) and not ITEM.match(block[0])
    ]


def test_every_page_has_one_place_in_the_navigation() -> None:
    assert sorted(map(path_of, places(configuration()["nav"]))) == PAGES


def test_the_site_is_strict_and_loads_nothing_from_elsewhere() -> None:
    found = configuration()

    assert found["strict"] is True
    assert found["theme"]["font"] is False
    assert set(found["validation"].values()) == {"warn"}
    assert "://" not in CONFIGURATION.replace("`", "")


def test_what_the_configuration_names_is_there() -> None:
    found = configuration()
    loaded = [DOCS + path for path in (*found["extra_css"], *found["extra_javascript"])]

    assert [
        path for path in (*found["hooks"], *loaded, found["docs_dir"]) if not (ROOT / path).exists()
    ] == []


@pytest.mark.parametrize("page", PAGES)
def test_what_is_within_a_list_is_indented_by_four(page: str) -> None:
    text = (ROOT / page).read_text()

    assert SHALLOW.findall(FENCED.sub(lambda found: found[0].partition("\n")[0], text)) == []


@pytest.mark.parametrize("page", PAGES)
def test_a_list_begins_under_an_empty_line(page: str) -> None:
    assert unopened((ROOT / page).read_text()) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Two:\n- a\n- b", ["- a", "- b"]),
        ("Two:\n\n- a\n- b", []),
        ("- a\n    - b", []),
        ("<!-- list -->\n1. a", []),
        ("```\nyaml:\n- a\n```", []),
    ],
)
def test_a_list_under_text_is_found(text: str, found: list[str]) -> None:
    assert unopened(text) == found
