"""Knows of each watch, kopf's included, whether it can be relied on, and says so when that changes.

It opens none. A watch goes by the path that it is opened at.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import Final

from mailbox_operator.clock import spread
from mailbox_operator.cluster.paths import PATH
from mailbox_operator.decide.cluster.echo import Echo
from mailbox_operator.decide.cluster.watch_signs import Watch

LOOK_EVERY_SECONDS: Final = 1.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Hearing:
    """All watches that there have to be.

    Attributes:
        now: Seconds of a clock that never goes back.
    """

    now: Callable[[], float] = monotonic
    _watches: dict[str, Watch] = field(default_factory=dict)
    _echoes: dict[str, Echo] = field(default_factory=dict)
    _deaf: dict[str, str] = field(default_factory=dict)

    def want(self, *paths: str) -> None:
        """Count on watches from now on."""
        now = self.now()
        for path in paths:
            self._watches.setdefault(path, Watch(now, now))

    def expect(self, path: str) -> None:
        """Count on a watch from now on, and on it to tell in time what is known."""
        self.want(path)
        self._echoes.setdefault(path, Echo())

    def known(self, path: str, version: str) -> None:
        """Take note of a version that was read or written there."""
        if version.isdecimal():
            self._echo(path, lambda echo: echo.known(int(version), self.now()))

    def drop(self, path: str) -> None:
        """Do not count on a watch any more."""
        self._watches.pop(path, None)

    def wants(self, path: str) -> bool:
        """Say whether this is the path of a watch that is counted on."""
        return path in self._watches

    def seconds(self, path: str) -> int:
        """Say how long the next watch there is to last; neighbours do not end together."""
        watch = self._watches.get(path, Watch(0, 0))
        return round(spread(*watch.lasts))

    def listed(self, path: str) -> None:
        """Take note of a page of the listing before a watch."""
        self._note(path, lambda watch: watch.listed(self.now()))

    def opened(self, path: str) -> None:
        """Take note that a watch is open."""
        self._note(path, lambda watch: watch.open(self.now()))
        self._echo(path, lambda echo: echo.open(self.now()))

    def told(self, path: str, version: str = "") -> None:
        """Take note that a watch told something, such as a version of what it watches."""
        self._note(path, lambda watch: watch.told(self.now()))
        if version.isdecimal():
            self._echo(path, lambda echo: echo.told(int(version), self.now()))

    def ended(self, path: str) -> None:
        """Take note that a watch ended as it should."""
        self._note(path, lambda watch: watch.ended(self.now()))
        self._echo(path, lambda echo: echo.closed(self.now()))

    def given_up(self, path: str) -> None:
        """Take note that a watch was closed here, for it was silent."""
        self._note(path, lambda watch: watch.given_up(self.now()))
        self._echo(path, lambda echo: echo.closed(self.now()))

    def failed(self, path: str, trouble: str, *, is_listing: bool) -> None:
        """Take note that a watch, or the listing before it, does not come about."""
        self._note(path, lambda watch: watch.failed(self.now(), trouble, is_listing=is_listing))
        self._echo(path, lambda echo: echo.closed(self.now()))

    def nobody_found(self, trouble: str) -> None:
        """Take note that it is not even known yet what can be watched."""
        for path, watch in self._watches.items():
            if not watch.is_begun:
                self.failed(path, trouble, is_listing=True)

    @property
    def deaf(self) -> dict[str, str]:
        """Name the watches that cannot be relied on, and why."""
        now = self.now()
        found = {path: watch.deaf(now) for path, watch in self._watches.items()}
        late = {path: echo.deaf(now) for path, echo in self._echoes.items()}
        reasons = {path: why or late.get(path, "") for path, why in found.items()}
        return {watch_name(path): why for path, why in reasons.items() if why}

    def troubles(self) -> list[str]:
        """Say of each of them that it is deaf, and why."""
        return [f"the watch of {name} is deaf: {why}" for name, why in self.deaf.items()]

    def dead(self) -> Iterator[str]:
        """Say of those that are for a new process to open."""
        now = self.now()
        for path, watch in self._watches.items():
            if watch.is_dead(now):
                yield f"the watch of {watch_name(path)} has been still for {now - watch.heard:.0f} s"
        for path, echo in self._echoes.items():
            if echo.is_dead(now):
                yield f"the watch of {watch_name(path)} is deaf: {echo.deaf(now)}"

    async def run(self) -> None:
        """Log when a watch becomes deaf, and when it hears again; until cancelled."""
        while True:
            self.tell()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    def tell(self) -> None:
        """Log what changed since it was last asked to."""
        before, self._deaf = self._deaf, self.deaf
        for name, why in self._deaf.items():
            if before.get(name) != why:
                log.warning("watch is deaf", extra={"watch": name, "error": why})
        for name in before.keys() - self._deaf.keys():
            log.info("watch hears again", extra={"watch": name})

    def _echo(self, path: str, change: Callable[[Echo], Echo]) -> None:
        echo = self._echoes.get(path)
        if echo is not None:
            self._echoes[path] = change(echo)

    def _note(self, path: str, change: Callable[[Watch], Watch]) -> None:
        watch = self._watches.get(path)
        if watch is not None:
            self._watches[path] = change(watch)


def watch_name(path: str) -> str:
    """Name what is watched at a path as kubectl does, such as `secrets in namespace acme`."""
    found = PATH.search(path)
    if found is None:
        return path
    group, namespace, resource = found.groups()
    named = f"{resource}.{group}" if group else resource
    return f"{named} in namespace {namespace}" if namespace else named
