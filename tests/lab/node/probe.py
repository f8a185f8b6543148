"""Probes, in the rhythm of the kubelet."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class Probe:
    """How often to ask what, and how many answers make a verdict."""

    path: str
    port: int | str
    delay_seconds: float
    period_seconds: float
    timeout_seconds: float
    successes: int
    failures: int

    @classmethod
    def parse(cls, found: dict[str, Any]) -> Self:
        """Read a probe; the API server has filled in what was left out."""
        return cls(
            found["httpGet"].get("path", "/"),
            found["httpGet"]["port"],
            found.get("initialDelaySeconds", 0),
            found["periodSeconds"],
            found["timeoutSeconds"],
            found["successThreshold"],
            found["failureThreshold"],
        )

    async def verdicts(self, ask: Callable[[Self], Awaitable[bool]]) -> AsyncIterator[bool]:
        """Ask for ever; tell whenever there were enough equal answers in a row."""
        await asyncio.sleep(self.delay_seconds)
        last, streak = None, 0
        while True:
            good = await ask(self)
            last, streak = good, streak + 1 if good is last else 1
            if streak >= (self.successes if good else self.failures):
                yield good
            await asyncio.sleep(self.period_seconds)
