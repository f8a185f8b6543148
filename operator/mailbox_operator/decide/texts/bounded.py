"""Reads foreign JSON within bounds: of length before it is parsed, of depth afterwards."""

import json
from collections.abc import Iterator
from typing import Any, Final, NoReturn

LONGEST_JSON: Final = 65_536
DEEPEST: Final = 32
"""Key files, tokens, key sets and discovery documents need fewer than ten levels."""


def read_json(text: str | bytes, longest: int = LONGEST_JSON) -> Any:
    """Parse a JSON text (RFC 8259) that somebody else wrote.

    Args:
        text: As it came.
        longest: Characters or bytes that are parsed at the most.

    Raises:
        ValueError: It is no JSON, longer than that, or nested more than `DEEPEST` levels deep.
    """
    if len(text) > longest:
        raise ValueError(f"longer than {longest}")
    try:
        value = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("nested too deep") from None
    level = [value]
    for _ in range(DEEPEST):
        level = [child for parent in level for child in _containers(parent)]
        if not level:
            return value
    raise ValueError("nested too deep")


def _containers(value: Any) -> Iterator[Any]:
    children = value.values() if isinstance(value, dict) else value
    if isinstance(value, dict | list):
        yield from (child for child in children if isinstance(child, dict | list))


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"JSON must not contain {constant}")
