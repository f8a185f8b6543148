"""Decides whether a watch can be relied on: whether it is open, and has told anything lately.

A cluster may have nothing to tell for hours. An API server sends bookmarks then, but none of kinds that
have not changed since it started. It always ends a watch when it was asked to, though, and so a watch
of which nothing is heard is a short one: its end is a sign of life. The very first one is shorter
still: within a minute it shows whether anything arrives.
"""

from dataclasses import dataclass, replace
from typing import Final

FIRST_SECONDS: Final = 20
"""How long the first watch lasts, and one after words that arrived too late."""
QUIET_SECONDS: Final = 50
"""How long one lasts that told nothing yet: less than kopf and the operator wait for a word."""
UNHEARD_SECONDS: Final = 45.0
"""Without a sign for so long the first watch is deaf."""
SILENT_SECONDS: Final = 180.0
"""The same for later ones: one that fell silent is given up after 90 s, and a quiet one opened."""
FAILING_SECONDS: Final = 40.0
"""A watch that is refused, or finds nobody, for so long is deaf: it is not a restart any more."""
HELD_BACK_SECONDS: Final = 0.5
"""What arrives so shortly before the end was not passed on when it was told."""
MOST_HELD_BACK: Final = 2
DEAD_SECONDS: Final = 300.0
"""A watch that did nothing, or was open and silent, for so long is for a new process to open."""

SILENT: Final = "nothing arrives: look for a proxy that holds back what the API server sends"
HELD_BACK: Final = "events arrive only when the watch ends: look for a proxy that buffers"


@dataclass(frozen=True, slots=True)
class Watch:
    """What became of one watch. Times are seconds of a clock that never goes back.

    Attributes:
        heard: When something arrived, a page of a listing included; at first when it was wanted.
        moved: When anything happened, a refusal included.
        opened: When the present one was opened; None if none is open.
        first: When it told something first; None if it has not yet.
        is_begun: Whether anything ever arrived for it, a page of its listing included.
        has_ended: Whether one of them ended as it should, or told something.
        proved: Whether one of them told something that arrived before its end.
        held_back: How many in a row told all they had to tell at their end.
        failing: Since when it is refused or finds nobody; None while it does not.
        is_listing: Whether that concerns the listing before the watch.
        trouble: Why it is refused, or what it finds.
    """

    heard: float
    moved: float
    opened: float | None = None
    first: float | None = None
    is_begun: bool = False
    has_ended: bool = False
    proved: bool = False
    held_back: int = 0
    failing: float | None = None
    is_listing: bool = False
    trouble: str = ""

    @property
    def lasts(self) -> tuple[int, int]:
        """Return the bounds of how long the next one is to last, in seconds."""
        if self.proved:
            return (240, 480)
        is_first = not self.has_ended or self.held_back
        return (FIRST_SECONDS, FIRST_SECONDS) if is_first else (QUIET_SECONDS, QUIET_SECONDS)

    def listed(self, now: float) -> "Watch":
        """Take note of a page of the listing before it."""
        found = replace(self, heard=now, moved=now, is_begun=True)
        return replace(found, failing=None, trouble="") if self.is_listing else found

    def open(self, now: float) -> "Watch":
        """Take note that the API server has opened it."""
        found = replace(self, moved=now, opened=now, first=None, is_begun=True)
        return replace(found, failing=None, trouble="")

    def told(self, now: float) -> "Watch":
        """Take note of an event or a bookmark."""
        first = now if self.first is None else self.first
        proven = self._proven(now)
        found = replace(proven, heard=now, moved=now, first=first, has_ended=True)
        return replace(found, failing=None, trouble="")

    def ended(self, now: float) -> "Watch":
        """Take note that it ended as it should."""
        found = replace(self._proven(now), heard=now, moved=now, has_ended=True)
        found = replace(found, opened=None, first=None)
        if found.proved or self.first is None or self.opened is None:
            return found
        lasted = self.first - self.opened
        held_back = self.held_back + 1 if lasted > FIRST_SECONDS / 2 else self.held_back
        return replace(found, held_back=held_back)

    def failed(self, now: float, trouble: str, *, is_listing: bool) -> "Watch":
        """Take note that it, or the listing before it, was refused or found nobody."""
        since = now if self.failing is None else self.failing
        found = replace(self.given_up(now), failing=since)
        return replace(found, is_listing=is_listing, trouble=trouble)

    def given_up(self, now: float) -> "Watch":
        """Take note that it broke off, or was silent for too long: the next one may be quiet."""
        is_proved = self._proven(now).proved and self.first is not None
        return replace(self, moved=now, opened=None, first=None, proved=is_proved)

    def deaf(self, now: float) -> str:
        """Say why it cannot be relied on; empty if it can."""
        if self.failing is not None and now - self.failing >= FAILING_SECONDS:
            return self.trouble
        if self.held_back >= MOST_HELD_BACK:
            return HELD_BACK
        longest = SILENT_SECONDS if self.has_ended else UNHEARD_SECONDS
        return self.trouble or SILENT if now - self.heard > longest else ""

    def is_dead(self, now: float) -> bool:
        """Say whether a new process is the remedy: it does nothing, or is open and says nothing."""
        is_silent = self.failing is None and now - self.heard > DEAD_SECONDS
        return is_silent or now - self.moved > DEAD_SECONDS

    def _proven(self, now: float) -> "Watch":
        if self.first is None or now - self.first < HELD_BACK_SECONDS:
            return self
        return replace(self, proved=True, held_back=0)
