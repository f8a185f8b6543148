"""The measurements: all relays in turn, several times, so that they share a noisy machine."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from lab.controlplane.process import ProcessError
from tools.bench.figures import Cpu, Figures
from tools.bench.gateway.applications import Applications, Sent
from tools.bench.gateway.options import CONNECTIONS, PER_CROWD, Options
from tools.bench.gateway.provider import Provider, Seen
from tools.bench.gateway.relay import Relay
from tools.bench.gateway.stand import Served
from tools.bench.usage import tree_cpu_seconds, usage

SHARE_ALONE: Final = 5
"""One of so many messages is sent by one application alone, to measure what a relay adds."""

REST_SECONDS: Final = 0.1
ARRIVE_SECONDS: Final = 120.0


@dataclass(frozen=True, slots=True)
class Measured:
    """What some messages took."""

    sent: Sent
    seen: Seen
    cpu: Cpu
    logins: int

    @property
    def per_second(self) -> float:
        """Messages that reached the provider in a second."""
        return self.sent.sent / ((self.seen.last_at - self.sent.began_at) / 1e9)


@dataclass(slots=True)
class Rounds:
    """Measures, and keeps the figures of each round.

    Attributes:
        relays: All of them; the gateway is one.
        say: Tells the person who waits.
    """

    options: Options
    provider: Provider
    relays: Sequence[Relay]
    directory: Path
    say: Callable[[str], None]
    _found: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    async def run(self, served: Served) -> Figures:
        """Make all measurements; return the medians, and the most logins of any round."""
        for number in range(self.options.rounds):
            names = ", ".join(each.name for each in self.relays)
            self.say(f"round {number + 1} of {self.options.rounds}: {names}")
            for relay in self.relays:
                await self._throughput(relay)
            for relay in self.relays:
                await self._latency(relay)
        self.say(f"{self.options.crowd} applications, each with a mailbox of its own")
        crowd = await self._crowd(served)
        most = {name: max(each) for name, each in self._found.items() if name.endswith("logins")}
        return {name: median(each) for name, each in self._found.items()} | most | crowd

    async def _throughput(self, relay: Relay) -> None:
        """Several applications, each as fast as it can."""
        before = None if relay.lag is None else await relay.lag()
        found = await self._measured(relay, CONNECTIONS, self.options.messages)
        if relay.lag is not None and before is not None:
            self._note(relay, lag_p99_ms=1000 * (await relay.lag()).since(before).quantile(0.99))
        each_ms = 1000 / found.sent.sent
        self._note(
            relay,
            cpu_ms=found.cpu["relay"] * each_ms,
            provider_cpu_ms=found.cpu["provider"] * each_ms,
            applications_cpu_ms=found.cpu["applications"] * each_ms,
            per_second=found.per_second,
            logins=found.logins,
            busy_p50_ms=found.seen.p50,
            busy_p99_ms=found.seen.p99,
        )

    async def _latency(self, relay: Relay) -> None:
        """One application alone."""
        found = await self._measured(relay, 1, max(1, self.options.messages // SHARE_ALONE))
        self._note(
            relay,
            reply_p50_ms=found.sent.p50,
            reply_p99_ms=found.sent.p99,
            arrival_p50_ms=found.seen.p50,
            arrival_p99_ms=found.seen.p99,
        )

    async def _crowd(self, served: Served) -> Figures:
        """As many applications as one replica takes, each with a session at the provider."""
        size, relay = self.options.crowd, served.relay
        first = await self.provider.seen()
        async with Applications.connected(relay, size, self.directory) as applications:
            before = relay.cpu_seconds()
            await applications.send(PER_CROWD * size)
            took = relay.cpu_seconds() - before
            now = await self.provider.seen()
        if now.open < size:
            raise ProcessError(f"{now.open} sessions of {size} are open.\n{relay.tails()}")
        return {
            "crowd_sessions": now.open,
            "crowd_logins": now.logins - first.logins,
            "crowd_cpu_ms": 1000 * took / (PER_CROWD * size),
            "crowd_peak_mib": usage(served.gateway.process.pid).peak_mib,
        }

    async def _measured(self, relay: Relay, connections: int, messages: int) -> Measured:
        """Have messages sent by applications that are connected, and wait until all have arrived."""
        first = await self.provider.seen()
        async with Applications.connected(relay, connections, self.directory) as applications:
            await self._arrived(relay, first.messages + connections)
            await self._rested(relay)
            before = await self.provider.seen(forgetting=True)
            used = self._cpu(relay, applications)
            sent = await applications.send(messages)
            seen = await self._arrived(relay, before.messages + messages)
            await self._rested(relay)
            now = self._cpu(relay, applications)
        took = {name: seconds - used[name] for name, seconds in now.items()}
        return Measured(sent, seen, took, seen.logins - first.logins)

    def _cpu(self, relay: Relay, applications: Applications) -> Cpu:
        return {
            "relay": relay.cpu_seconds(),
            "provider": tree_cpu_seconds(self.provider.process.pid),
            "applications": tree_cpu_seconds(applications.process.pid),
        }

    async def _arrived(self, relay: Relay, count: int) -> Seen:
        try:
            async with asyncio.timeout(ARRIVE_SECONDS):
                while (seen := await self.provider.seen()).messages < count:
                    relay.check()
                    await asyncio.sleep(REST_SECONDS)
        except TimeoutError:
            lost = f"{relay.name}: messages did not arrive.\n{relay.tails()}"
            raise ProcessError(lost) from None
        return seen

    async def _rested(self, relay: Relay) -> None:
        """Wait until a relay does nothing more."""
        before, now = -1.0, relay.cpu_seconds()
        while now > before:
            await asyncio.sleep(REST_SECONDS)
            before, now = now, relay.cpu_seconds()

    def _note(self, relay: Relay, **figures: float) -> None:
        for name, value in figures.items():
            self._found[f"{relay.name} {name}"].append(value)
