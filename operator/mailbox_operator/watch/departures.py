"""Remembers what is gone, so that a view from before its end does not bring it back.

Views come from the watches, from listings and from answers to writes, and not in the order in which
they were made. A resourceVersion tells which is the later one, also of two objects of the same name.
"""

from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.cluster.versions import newer

MOST_DEPARTED: Final = 10_000


@dataclass(slots=True)
class Departures:
    """The latest of what is gone.

    Attributes:
        most: How many are remembered; those that went first are forgotten first.
    """

    most: int = MOST_DEPARTED
    _versions: dict[Hashable, str] = field(default_factory=dict)

    def note(self, name: Hashable, version: str) -> None:
        """Remember that nothing of this name is there as of a resourceVersion; empty if not known."""
        before = self._versions.pop(name, "")
        if not version or (before and newer(before, version)):
            version = before
        if version:
            self._versions[name] = version
        if len(self._versions) > self.most:
            del self._versions[next(iter(self._versions))]

    def are_after(self, name: Hashable, version: str) -> bool:
        """Say whether what had this name went after the view of this resourceVersion was made."""
        gone = self._versions.get(name)
        return gone is not None and not newer(version, gone)

    def forget(self, name: Hashable) -> None:
        """Forget that it was gone: it is there again."""
        self._versions.pop(name, None)
