"""Answers /healthz, /readyz and /metrics."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from aiohttp import web

from mailbox_operator.report.metrics.expositions import Exposed, Expositions

STUCK_SECONDS: Final = 60.0


@dataclass(frozen=True, slots=True)
class Health:
    """What the probes ask.

    Attributes:
        is_ready: Whether the first listing is taken in.
        idle_seconds: How long ago the schedule last turned; None while this replica does not lead.
        oldest_seconds: How long ago the oldest of the attempts in flight began.
        longest_seconds: How long one may take.
        lagging: How many objects the watches failed to tell of.
        unready: Says why this replica cannot be relied on: a missing right, a watch that is deaf.
        dead: Says which watches a new process has to open.
    """

    is_ready: Callable[[], bool]
    idle_seconds: Callable[[], float | None]
    oldest_seconds: Callable[[], float]
    longest_seconds: float
    lagging: Callable[[], int]
    unready: Callable[[], Iterable[str]] = tuple
    dead: Callable[[], Iterable[str]] = tuple

    def waits_for(self) -> list[str]:
        """Say why this replica is not ready; empty if it is."""
        return [*self.unready()] or ([] if self.is_ready() else ["listing"])

    def troubles(self) -> list[str]:
        """Name what does not move; empty if all is well."""
        return list(self._troubles())

    def _troubles(self) -> Iterator[str]:
        if (idle := self.idle_seconds() or 0.0) > STUCK_SECONDS:
            yield f"the schedule has not moved for {idle:.0f} s"
        if (oldest := self.oldest_seconds()) > self.longest_seconds:
            yield f"an attempt has not ended for {oldest:.0f} s"
        if lagging := self.lagging():
            yield f"a watch is behind by {lagging} objects"
        yield from self.dead()


def application(health: Health, metrics: Exposed) -> web.Application:
    """Build the web application."""

    async def healthz(_: web.Request) -> web.Response:
        troubles = health.troubles()
        return web.Response(text="\n".join(troubles) or "ok", status=503 if troubles else 200)

    async def readyz(_: web.Request) -> web.Response:
        missing = health.waits_for()
        return web.Response(text="\n".join(missing) or "ok", status=503 if missing else 200)

    expositions = Expositions(metrics)

    async def exposed(request: web.Request) -> web.StreamResponse:
        zipped = "gzip" in request.headers.get("Accept-Encoding", "")
        found = await expositions.latest(request.headers.get("Accept", ""))
        headers = {"Content-Type": found.content_type, "Vary": "Accept, Accept-Encoding"}
        response = web.StreamResponse(
            headers=headers | ({"Content-Encoding": "gzip"} if zipped else {})
        )
        if zipped:
            response.content_length = len(found.packed)
        await response.prepare(request)
        for piece in found.pieces(zipped=zipped):
            await response.write(piece)
        await response.write_eof()
        return response

    app = web.Application()
    app.add_routes(
        [
            web.get("/healthz", healthz),
            web.get("/readyz", readyz),
            web.get("/metrics", exposed, allow_head=False),
        ]
    )
    return app
