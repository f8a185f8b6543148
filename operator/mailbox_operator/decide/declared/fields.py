"""Reads fields out of a manifest, and names the field where one is not as the API says.

In a cluster the API server has checked all this before; `verify` reads files nobody has checked. As
for the API server, a field that is null is absent.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.texts.shapes import NAME, Shape

Read = TypeVar("Read")
Word = TypeVar("Word", bound=StrEnum)
Mistake = tuple[str, str]
"""A field, and what is wrong with it."""

MOST_TOLD: Final = 20
REQUIRED: Final = "it is required"
HIGHEST_PORT: Final = 65535
LONGEST_DURATION: Final = 16
PART: Final = r"([0-9]{1,5}(?:[.][0-9]{1,3})?)(ms|s|m|h)"
DURATION: Final = re.compile(rf"({PART})+")
SECONDS_OF_UNIT: Final[Mapping[str, float]] = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def sum_of(parts: Iterable[tuple[str, str]]) -> timedelta:
    """Add up the parts of a duration, each a number and its unit."""
    return timedelta(seconds=sum(float(count) * SECONDS_OF_UNIT[unit] for count, unit in parts))


def invalid(field: str, problem: str) -> Fault:
    """Make the fault that says which field is not usable, and why."""
    return Fault(Reason.INVALID_SPEC, facts={"field": field, "problem": problem})


def read_all(
    content: Any, path: str, known: Collection[str], read: Callable[["Fields"], Read]
) -> Read:
    """Read a mapping to its end, and name every mistake in it at once, as the API server does.

    Args:
        content: The mapping, or whatever is in its place.
        path: Where it is.
        known: Names of its fields.
        read: Takes the values out; what it returns is dropped where a field is not as it must be.

    Raises:
        Fault: `InvalidSpec`; its facts name the first field and its problem, then all others.
    """
    mistakes: list[Mistake] = []
    try:
        found = read(Fields(content, path, known, mistakes))
    except Fault as fault:
        mistakes.append((fault.facts["field"], fault.facts["problem"]))
        raise _all_of(mistakes) from fault
    if mistakes:
        raise _all_of(mistakes)
    return found


def _all_of(mistakes: Sequence[Mistake]) -> Fault:
    (field, problem), *others = mistakes
    told = [problem, *(": ".join(other) for other in others[: MOST_TOLD - 1])]
    if len(mistakes) > MOST_TOLD:
        told.append(f"and {len(mistakes) - MOST_TOLD} more")
    return invalid(field, "; ".join(told))


class Fields:
    """A mapping of a manifest that knows where it stands in there.

    Where a value is not as asked for, that is a mistake with the field's path: it is noted, and a
    value of the right type stands in, so that reading goes on. Where nobody collects mistakes, the
    first one is raised as `InvalidSpec`.
    """

    def __init__(
        self,
        content: Any,
        path: str,
        known: Collection[str],
        mistakes: list[Mistake] | None = None,
    ) -> None:
        self.path = path
        self._mistakes = mistakes
        self._is_mapping = isinstance(content, Mapping)
        self._content: Mapping[Any, Any] = content if self._is_mapping else {}
        if not self._is_mapping:
            self._note(path, "it must be a mapping")
        for name in self._content:
            if name not in known:
                self._note(self.at(name), f"it is unknown; known are {', '.join(known)}")

    def refuse(self, name: str, problem: str) -> None:
        """Note that a field is not usable, and why."""
        self._note(self.at(name), problem)

    def is_right(self, *names: str) -> bool:
        """Say whether no mistake was noted about these fields so far."""
        places = {self.at(name) for name in names}
        return self._is_mapping and places.isdisjoint(field for field, _ in self._mistakes or ())

    def has(self, name: str) -> bool:
        """Say whether the field is there with a value."""
        return self._content.get(name) is not None

    def at(self, name: str) -> str:
        """Return the path of a field."""
        return f"{self.path}.{name}" if self.path else name

    def raw(self, name: str) -> Any:
        """Return whatever a field has; None where it is absent."""
        return self._content.get(name)

    def text(self, name: str, shape: Shape, default: str | None = None) -> str:
        """Return a string; it is required where there is no default."""
        value = self._value(name, default)
        return "" if value is None else self.checked(value, shape, self.at(name))

    def text_or_none(self, name: str, shape: Shape) -> str | None:
        """Return a string, or None where it is absent."""
        return self.text(name, shape) if self.has(name) else None

    def checked(self, value: Any, shape: Shape, path: str) -> str:
        """Return a value from within the mapping, held to be a string of that shape."""
        if not isinstance(value, str):
            self._note(path, "it must be a string")
            return ""
        if not shape.fits(value):
            self._note(path, shape.problem + shape.advice(value))
        return value

    def word(self, name: str, words: Iterable[Word], default: Word | None = None) -> Word:
        """Return one of these words; it is required where there is no default."""
        value, known = self._value(name, default), tuple(words)
        for word in known:
            if isinstance(value, str) and word == value:
                return word
        if value is not None:
            self.refuse(name, f"it must be one of {', '.join(known)}")
        return known[0]

    def word_or_none(self, name: str, words: Iterable[Word]) -> Word | None:
        """Return one of these words, or None where it is absent."""
        return self.word(name, words) if self.has(name) else None

    def port_or_none(self, name: str) -> int | None:
        """Return a port number, or None where it is absent."""
        return self.positive_or_none(name, HIGHEST_PORT)

    def number(self, name: str, default: int, highest: int) -> int:
        """Return a whole number from 0 up to the highest; absent is the default."""
        value = self._value(name, default)
        if type(value) is not int or not 0 <= value <= highest:
            self.refuse(name, f"it must be a number from 0 to {highest}")
            return default
        return value

    def positive_or_none(self, name: str, highest: int) -> int | None:
        """Return a whole number from 1 up to the highest, or None where it is absent."""
        if not self.has(name):
            return None
        value = self._content[name]
        if type(value) is not int or not 1 <= value <= highest:
            self.refuse(name, f"it must be a number from 1 to {highest}")
            return None
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean; absent is False."""
        value = self._value(name, default=False)
        if not isinstance(value, bool):
            self.refuse(name, "it must be true or false")
            return False
        return value

    def duration(self, name: str, default: timedelta) -> timedelta:
        """Return a duration such as `10m` or `1h30m`."""
        if not self.has(name):
            return default
        value = self._content[name]
        right = isinstance(value, str) and len(value) <= LONGEST_DURATION
        if not right or DURATION.fullmatch(value) is None:
            self.refuse(name, "it must be a duration such as 90s, 10m or 1h30m")
            return default
        return sum_of(re.findall(PART, value))

    def texts(
        self, name: str, shape: Shape, most: int, *, distinct: bool = False
    ) -> tuple[str, ...]:
        """Return a list of strings; absent is empty."""
        items = self._items(name, most)
        texts = [self.checked(item, shape, path) for path, item in items]
        if distinct and len(set(texts)) < len(texts):
            self.refuse(name, "it must name each item only once")
        return tuple(texts)

    def each(self, name: str, most: int, known: Collection[str]) -> list["Fields"]:
        """Return the mappings of a list; absent is empty."""
        items = self._items(name, most)
        return [Fields(item, path, known, self._mistakes) for path, item in items]

    def reference(self, name: str) -> str:
        """Return the name in a reference such as `credentialsSecretRef`."""
        value = self._value(name)
        if value is None:
            return ""
        return Fields(value, self.at(name), ("name",), self._mistakes).text("name", NAME)

    def reference_or_none(self, name: str) -> str | None:
        """Return the name in a reference, or None where it is absent."""
        return self.reference(name) if self.has(name) else None

    def fields(self, name: str, known: Collection[str]) -> "Fields":
        """Return a mapping inside; absent is empty."""
        return Fields(self._value(name, {}), self.at(name), known, self._mistakes)

    def mapping(self, name: str, most: int) -> Mapping[Any, Any]:
        """Return a mapping whose keys are the owner's own; absent is empty."""
        value = self._value(name, {})
        if not isinstance(value, Mapping) or len(value) > most:
            self.refuse(name, f"it must be a mapping of at most {most} entries")
            return {}
        return value

    def _items(self, name: str, most: int) -> list[tuple[str, Any]]:
        value = self._value(name, [])
        if not isinstance(value, list) or len(value) > most:
            self.refuse(name, f"it must be a list of at most {most} items")
            return []
        return [(f"{self.at(name)}[{place}]", item) for place, item in enumerate(value)]

    def _value(self, name: str, default: Any = None) -> Any:
        """Return a field's value, or its default; None, once noted, where it is required."""
        value = self._content.get(name)
        value = default if value is None else value
        if value is None and self._is_mapping:
            self.refuse(name, REQUIRED)
        return value

    def _note(self, field: str, problem: str) -> None:
        if self._mistakes is None:
            raise invalid(field, problem)
        self._mistakes.append((field, problem))
