"""The table of values in a chart's README, made from the comments in its values.yaml."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import yaml

TABLE: Final = re.compile(r"(<!-- values -->\n).*?(<!-- /values -->)", re.DOTALL)
DESCRIPTION: Final = re.compile(r"^\s*# -- (.*)$")
CONTINUATION: Final = re.compile(r"^\s*# (?!-- )(.*)$")
KEY: Final = re.compile(r"^(\s*)([\w-]+):")


def readme(chart: Path) -> str:
    """Put the table of values into the README of a chart."""
    rows = [f"| `{path}` | `{default}` | {text} |" for path, default, text in values(chart)]
    table = "\n".join(["| value | default | meaning |", "|---|---|---|", *rows])
    page = (chart / "README.md").read_text()
    return TABLE.sub(lambda found: f"{found[1]}{table}\n{found[2]}", page)


def values(chart: Path) -> Iterator[tuple[str, str, str]]:
    """Read each described value of a chart: its path, its default, what it means."""
    text = (chart / "values.yaml").read_text()
    defaults = yaml.safe_load(text)
    for path, meaning in described(text.splitlines()):
        default: Any = defaults
        for key in path:
            default = default[key]
        yield ".".join(path), json.dumps(default, ensure_ascii=False), meaning


def described(lines: list[str]) -> Iterator[tuple[list[str], str]]:
    """Pair each description with the key below it."""
    path: list[tuple[int, str]] = []
    words: list[str] = []
    for line in lines:
        if found := DESCRIPTION.match(line):
            words = [found[1]]
        elif words and (found := CONTINUATION.match(line)):
            words.append(found[1])
        elif found := KEY.match(line):
            path = [(depth, key) for depth, key in path if depth < len(found[1])]
            path.append((len(found[1]), found[2]))
            if words:
                yield [key for _, key in path], " ".join(words).replace("|", "\\|")
            words = []
