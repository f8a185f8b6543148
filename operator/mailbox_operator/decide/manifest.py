"""Reads fields out of a manifest, and names the field where one is not as the API says.

In a cluster the API server has checked all this before; `verify` reads files nobody has checked. As
for the API server, a field that is null is absent.
"""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.shapes import NAME, Shape

Word = TypeVar("Word", bound=StrEnum)
HIGHEST_PORT: Final = 65535
LONGEST_DURATION: Final = 16
PART: Final = r"([0-9]{1,5}(?:[.][0-9]{1,3})?)(ms|s|m|h)"
DURATION: Final = re.compile(rf"({PART})+")
SECONDS: Final[Mapping[str, float]] = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def invalid(field: str, problem: str) -> Fault:
    """Make the fault that says which field is not usable, and why."""
    return Fault(Reason.INVALID_SPEC, facts={"field": field, "problem": problem})


class Fields:
    """A mapping of a manifest that knows where it stands in there.

    Every method raises `InvalidSpec` with the field's path where its value is not as asked for.
    """

    def __init__(self, content: Any, path: str, known: Collection[str]) -> None:
        if not isinstance(content, Mapping):
            raise invalid(path, "it must be a mapping")
        for name in content:
            if name not in known:
                raise invalid(f"{path}.{name}", f"it is unknown; known are {', '.join(known)}")
        self._content = content
        self.path = path

    def has(self, name: str) -> bool:
        """Say whether the field is there with a value."""
        return self._content.get(name) is not None

    def at(self, name: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{name}"

    def text(self, name: str, shape: Shape, default: str | None = None) -> str:
        """Return a string; it is required where there is no default."""
        return check_text(self._value(name, default), shape, self.at(name))

    def text_or_none(self, name: str, shape: Shape) -> str | None:
        """Return a string, or None where it is absent."""
        return self.text(name, shape) if self.has(name) else None

    def word(self, name: str, words: Iterable[Word], default: Word | None = None) -> Word:
        """Return one of these words; it is required where there is no default."""
        value = self._value(name, default)
        for word in words:
            if isinstance(value, str) and word == value:
                return word
        raise invalid(self.at(name), f"it must be one of {', '.join(words)}")

    def word_or_none(self, name: str, words: Iterable[Word]) -> Word | None:
        """Return one of these words, or None where it is absent."""
        return self.word(name, words) if self.has(name) else None

    def port_or_none(self, name: str) -> int | None:
        """Return a port number, or None where it is absent."""
        if not self.has(name):
            return None
        value = self._content[name]
        if type(value) is not int or not 1 <= value <= HIGHEST_PORT:
            raise invalid(self.at(name), f"it must be a number from 1 to {HIGHEST_PORT}")
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean; absent is False."""
        value = self._value(name, default=False)
        if not isinstance(value, bool):
            raise invalid(self.at(name), "it must be true or false")
        return value

    def duration(self, name: str, default: timedelta) -> timedelta:
        """Return a duration such as `10m` or `1h30m`."""
        if not self.has(name):
            return default
        value = self._content[name]
        right = isinstance(value, str) and len(value) <= LONGEST_DURATION
        if not right or DURATION.fullmatch(value) is None:
            raise invalid(self.at(name), "it must be a duration such as 90s, 10m or 1h30m")
        parts = re.findall(PART, value)
        return timedelta(seconds=sum(float(count) * SECONDS[unit] for count, unit in parts))

    def texts(
        self, name: str, shape: Shape, most: int, *, distinct: bool = False
    ) -> tuple[str, ...]:
        """Return a list of strings; absent is empty."""
        items = self.items(name, most)
        texts = [check_text(item, shape, path) for path, item in items]
        if distinct and len(set(texts)) < len(texts):
            raise invalid(self.at(name), "it names something twice")
        return tuple(texts)

    def items(self, name: str, most: int) -> list[tuple[str, Any]]:
        """Return the items of a list, each with its path; absent is empty."""
        value = self._value(name, [])
        if not isinstance(value, list) or len(value) > most:
            raise invalid(self.at(name), f"it must be a list of {most} items at the most")
        return [(f"{self.at(name)}[{place}]", item) for place, item in enumerate(value)]

    def reference(self, name: str) -> str:
        """Return the name in a reference such as `credentialsSecretRef`."""
        return Fields(self._value(name), self.at(name), ("name",)).text("name", NAME)

    def reference_or_none(self, name: str) -> str | None:
        """Return the name in a reference, or None where it is absent."""
        return self.reference(name) if self.has(name) else None

    def fields(self, name: str, known: Collection[str]) -> "Fields":
        """Return a mapping inside; absent is empty."""
        return Fields(self._value(name, {}), self.at(name), known)

    def mapping(self, name: str, most: int) -> Mapping[Any, Any]:
        """Return a mapping whose keys are the owner's own; absent is empty."""
        value = self._value(name, {})
        if not isinstance(value, Mapping) or len(value) > most:
            raise invalid(self.at(name), f"it must be a mapping of {most} entries at the most")
        return value

    def _value(self, name: str, default: Any = None) -> Any:
        value = self._content.get(name)
        if value is not None:
            return value
        if default is None:
            raise invalid(self.at(name), "it is required")
        return default


def check_text(value: Any, shape: Shape, path: str) -> str:
    """Return a value that is a string of that shape; raises `InvalidSpec` otherwise."""
    if not isinstance(value, str):
        raise invalid(path, "it must be a string")
    if not shape.fits(value):
        raise invalid(path, shape.problem + shape.advice(value))
    return value
