"""CHANGELOG.md as a release needs it: the section of a version, as notes and as Artifact Hub's list."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

CHANGELOG: Final = Path("CHANGELOG.md")
HEADING: Final = re.compile(r"^## (.+)$", re.MULTILINE)
DATED: Final = r"## {version} - \d{{4}}-\d\d-\d\d"
KIND: Final = re.compile(r"^### (\w+)$")
ENTRY: Final = re.compile(r"^- (.*)$")
LINK: Final = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)]*)\)")
SENTENCE: Final = re.compile(r"(.+?[.!?])(?=\s+[A-Z]|$)")
KINDS: Final = frozenset({"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"})


class ChangelogError(Exception):
    """CHANGELOG.md has no section for a version, or none with a date."""


def section(changelog: str, version: str) -> str:
    """Return what a changelog says of a version, without its heading.

    Raises:
        ChangelogError: Nothing, or without a date.
    """
    dated = re.compile(DATED.format(version=re.escape(version)))
    found = [each for each in HEADING.finditer(changelog) if dated.fullmatch(each[0])]
    if len(found) != 1:
        raise ChangelogError(
            f"{CHANGELOG} needs one heading such as `## {version} - 2027-01-31`, and has {len(found)}"
        )
    following = HEADING.search(changelog, found[0].end())
    text = changelog[found[0].end() : following.start() if following else None].strip()
    if not text:
        raise ChangelogError(f"{CHANGELOG} says nothing about {version}")
    return text


def changes(text: str) -> Iterator[tuple[str, str]]:
    """Read each entry of a section: its kind, such as `added`, and its first sentence in plain text."""
    kind, entry = "", ""
    for line in [*text.splitlines(), ""]:
        begins = ENTRY.match(line)
        if entry and (begins or not line.startswith(" ")):
            yield kind, first_sentence(entry)
            entry = ""
        if found := KIND.match(line):
            kind = found[1].lower() if found[1] in KINDS else ""
        elif begins and kind:
            entry = begins[1]
        elif entry:
            entry += f" {line.strip()}"


def first_sentence(entry: str) -> str:
    """Shorten an entry to its first sentence, without links and emphasis."""
    plain = LINK.sub(r"\1", entry).replace("**", "")
    found = SENTENCE.match(plain)
    return found[1] if found else plain
