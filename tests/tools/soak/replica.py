"""One replica of the operator: started, killed, stopped and woken up, and looked at from outside."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from lab.stand.installation import Installation
from lab.stand.nodes import Node
from lab.stand.operator_process import Operator
from tools.bench.usage import usage
from tools.soak.judge import now

MIB: Final = 1024.0


@dataclass(slots=True)
class Replica:
    """A replica, through all of its lives.

    Attributes:
        name: What it calls itself to mail servers.
        page_port: Of its consent page.
        node: Where it runs.
        stops: When it did not run: from, and to; None while it does not.
        peak_mib: The most memory it ever had, over all its lives.
        most_files: The most descriptors it ever had open.
        ends: Exit statuses of lives that it ended by itself; 1 where it lost the Lease.
    """

    name: str
    installation: Installation
    configuration: Path
    page_port: int
    node: Node
    stops: list[tuple[datetime, datetime | None]] = field(default_factory=list)
    peak_mib: float = 0.0
    most_files: int = 0
    ends: list[int] = field(default_factory=list)
    operator: Operator | None = None
    _life: AsyncExitStack = field(default_factory=AsyncExitStack)

    @property
    def is_up(self) -> bool:
        """Whether it runs, as a readiness probe would find out."""
        return self.operator is not None and self.operator.is_running and not self._is_stopped

    @property
    def pid(self) -> int:
        """Its process."""
        assert self.operator is not None
        return self.operator.process.pid

    async def start(self) -> Operator:
        """Start it."""
        running = Operator.run(self.installation, self.configuration, **self.node.variables)
        self.operator = await self._life.enter_async_context(running)
        self._goes_on()
        return self.operator

    async def revive(self) -> None:
        """Start it again if it ended by itself, as a kubelet does."""
        if self.operator is not None and not self.operator.is_running:
            self.ends.append(self.operator.process.status or 0)
            await self._life.aclose()
            await self.start()

    async def kill(self, down_seconds: float) -> None:
        """End it at once, and start it again after a while."""
        if self.operator is None:
            return
        operator, self.operator = self.operator, None
        self.stops.append((now(), None))
        if operator.is_running:
            await operator.kill()
        await self._life.aclose()
        await asyncio.sleep(down_seconds)
        await self.start()

    async def pause(self, seconds: float) -> None:
        """Stop it for a while; none of its threads ends."""
        if self.operator is None or not self.operator.is_running:
            return
        self.stops.append((now(), None))
        self.operator.pause()
        try:
            await asyncio.sleep(seconds)
        finally:
            if self.operator.is_running:
                self.operator.resume()
            self._goes_on()

    async def go_wrong(self, by_seconds: int, seconds: float) -> None:
        """Step its wall clock for a while."""
        self.node.step(by_seconds)
        try:
            await asyncio.sleep(seconds)
        finally:
            self.node.step(0)

    async def end(self) -> None:
        """End it politely."""
        await self._life.aclose()

    def was_stopped(self, start: datetime, end: datetime) -> bool:
        """Say whether it did not run at some moment between two times."""
        return any(began <= end and (over is None or over >= start) for began, over in self.stops)

    def measure(self) -> tuple[float, int]:
        """Return its memory in MiB and its open descriptors; zero of one that does not run."""
        if not self.is_up:
            return 0.0, 0
        try:
            used, files = usage(self.pid), sum(1 for _ in Path(f"/proc/{self.pid}/fd").iterdir())
        except (OSError, KeyError):  # it ended just now
            return 0.0, 0
        self.peak_mib = max(self.peak_mib, used.peak_mib)
        self.most_files = max(self.most_files, files)
        return used.resident_mib, files

    @property
    def _is_stopped(self) -> bool:
        return bool(self.stops) and self.stops[-1][1] is None

    def _goes_on(self) -> None:
        if self._is_stopped:
            began, _ = self.stops[-1]
            self.stops[-1] = (began, now())
