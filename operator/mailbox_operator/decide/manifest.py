"""Reads fields out of a manifest, and names the field where one is not as the API says.

In a cluster the API server has checked all this before; `verify` reads files nobody has checked.
"""

import re
from collections.abc import Collection, Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any, Final, TypeVar

from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Reason

Word = TypeVar("Word", bound=StrEnum)
DURATION: Final = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
SECONDS: Final[Mapping[str, float]] = {"ms": 0.001, "s": 1, "m": 60, "h": 3600}


def invalid(field: str, problem: str) -> Fault:
    """Make the fault that says which field is not usable, and why."""
    return Fault(Reason.INVALID_SPEC, facts={"field": field, "problem": problem})


class Fields:
    """A mapping of a manifest that knows where it stands in there."""

    def __init__(self, content: Any, path: str, known: Collection[str]) -> None:
        if not isinstance(content, Mapping):
            raise invalid(path, "it must be a mapping")
        for name in content:
            if name not in known:
                raise invalid(
                    f"{path}.{name}", f"there is no such field; known: {', '.join(known)}"
                )
        self.content = content
        self.path = path

    def has(self, name: str) -> bool:
        """Say whether the field is there with a value."""
        return self.content.get(name) is not None

    def text(self, name: str, default: str | None = None) -> str:
        """Return a string.

        Raises:
            Fault: It is no string, or it is absent and there is no default.
        """
        value = self.content.get(name, default)
        if value is None:
            raise invalid(f"{self.path}.{name}", "it is required")
        if not isinstance(value, str):
            raise invalid(f"{self.path}.{name}", "it must be a string")
        return value

    def word(self, name: str, words: type[Word], default: Word | None = None) -> Word:
        """Return a member of an enumeration."""
        value = self.text(name, default)
        try:
            return words(value)
        except ValueError:
            choices = ", ".join(words)
            raise invalid(f"{self.path}.{name}", f"{value!r} is none of {choices}") from None

    def port(self, name: str, default: int) -> int:
        """Return a port number."""
        value = self.content.get(name, default)
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 65535:  # noqa: PLR2004 - the range of ports
            raise invalid(f"{self.path}.{name}", "it must be a number from 1 to 65535")
        return value

    def flag(self, name: str) -> bool:
        """Return a boolean; absent is False."""
        value = self.content.get(name, False)
        if not isinstance(value, bool):
            raise invalid(f"{self.path}.{name}", "it must be true or false")
        return value

    def duration(self, name: str, default: timedelta) -> timedelta:
        """Return a duration such as `10m` or `1h30m`."""
        value = self.content.get(name)
        if value is None:
            return default
        parts = DURATION.findall(str(value))
        if not parts or "".join(map("".join, parts)) != value:
            raise invalid(f"{self.path}.{name}", "it must be a duration such as 10m or 1h30m")
        return timedelta(seconds=sum(float(count) * SECONDS[unit] for count, unit in parts))

    def texts(self, name: str) -> tuple[str, ...]:
        """Return a list of strings; absent is empty."""
        value = self.content.get(name, ())
        if not isinstance(value, list | tuple) or not all(isinstance(item, str) for item in value):
            raise invalid(f"{self.path}.{name}", "it must be a list of strings")
        return tuple(value)

    def items(self, name: str) -> list[Any]:
        """Return a list; absent is empty."""
        value = self.content.get(name, [])
        if not isinstance(value, list):
            raise invalid(f"{self.path}.{name}", "it must be a list")
        return value

    def reference(self, name: str) -> str | None:
        """Return the name in a reference such as `credentialsSecretRef`; None if it is absent."""
        if not self.has(name):
            return None
        return Fields(self.content[name], f"{self.path}.{name}", ("name",)).text("name")

    def fields(self, name: str, known: Collection[str]) -> "Fields":
        """Return a mapping inside; absent is empty."""
        return Fields(self.content.get(name) or {}, f"{self.path}.{name}", known)
