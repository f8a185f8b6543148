"""One pod's life on the node, from its binding until it is gone from the API."""

import asyncio
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from typing import Final

import aiohttp

from lab.node.api import MERGE, core
from lab.node.boxing import Ground, box_of
from lab.node.network import Wire
from lab.node.probe import Probe
from lab.node.runtime import Container
from lab.node.spec import ConfigError, Spec
from lab.node.status import Status
from lab.stand.cluster import Object

AGAIN_SECONDS: Final = 0.5
LONGEST_SECONDS: Final = 8.0


@dataclass(slots=True)
class Pod:
    """A pod that runs here."""

    ground: Ground
    spec: Spec
    status: Status
    wire: Wire
    _container: Container | None = None
    _grace_seconds: float = 0
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _reported: Object = field(default_factory=dict)

    @property
    def directory(self) -> Path:
        """Where its volumes and logs are."""
        return self.ground.directory / f"{self.spec.name}.{self.spec.uid[:8]}"

    @property
    def logs(self) -> list[str]:
        """What its container wrote, one text for each run."""
        files = sorted(self.directory.glob("*.log"), key=lambda each: int(each.stem))
        return [each.read_text(errors="replace") for each in files]

    def tell(self) -> str:
        """Say how it stands, with the end of its log, for a test that fails."""
        tail = self.logs[-1].splitlines()[-25:] if self.logs else []
        return "\n".join([f"{self.spec.namespace}/{self.spec.name}: {self.status.state}", *tail])

    def stop(self, grace_seconds: float) -> None:
        """Ask for its end; only the first time counts."""
        if not self._stopping.is_set():
            self._grace_seconds = grace_seconds
            self._stopping.set()

    async def live(self) -> None:
        """Run until asked to end, and until the API server has forgotten it."""
        working = asyncio.create_task(self._work())
        working.add_done_callback(self._note_failure)
        try:
            await self._stopping.wait()
            working.cancel()
            await asyncio.wait({working})
            await self._end()
        finally:
            working.cancel()
            if self._container is not None:
                self._container.kill()
            await self.wire.close()

    async def _work(self) -> None:
        try:
            self.spec.check()
            await self._run_all()
        except Exception as error:
            self.status.wait("CreateContainerError", str(error))
            await self._report()
            raise

    async def _run_all(self) -> None:
        pause = AGAIN_SECONDS
        while self.spec.restarts_after(code := await self._run()):
            self.status.exit(code)
            self.status.restart()
            await self._report()
            await asyncio.sleep(pause)
            pause = min(2 * pause, LONGEST_SECONDS)
        self.status.finish(code)
        await self._report()

    async def _run(self) -> int:
        """Run the container once; return how it ended."""
        container = self._container = await self._start()
        self.status.run()
        await self._report()
        ending, probing = asyncio.create_task(container.wait()), asyncio.create_task(self._probe())
        try:
            await asyncio.wait({ending, probing}, return_when=asyncio.FIRST_COMPLETED)
            if not ending.done():
                probing.result()
                await container.stop(self.spec.grace_seconds, self.spec.pause_seconds)
            code = await ending
        finally:
            ending.cancel()
            probing.cancel()
        self._container = None
        return code

    async def _start(self) -> Container:
        while True:
            try:
                box = await box_of(
                    self.ground, self.spec, self.status.ip, self.wire, self.directory
                )
            except ConfigError as error:
                self.status.wait(error.reason, str(error))
                await self._report()
                await asyncio.sleep(AGAIN_SECONDS)
            else:
                return await Container.start(box, self.directory / f"{self.status.restarts}.log")

    async def _probe(self) -> None:
        """Follow the probes; return when the container is to be restarted."""
        probes = self.spec.probes()
        if probes.startup and not await anext(probes.startup.verdicts(self._ask)):
            return
        self.status.started, self.status.ready = True, probes.readiness is None
        await self._report()
        reading = asyncio.create_task(self._follow_readiness(probes.readiness))
        try:
            await self._until_dead(probes.liveness)
        finally:
            reading.cancel()

    async def _follow_readiness(self, probe: Probe | None) -> None:
        if probe is not None:
            async for well in probe.verdicts(self._ask):
                self.status.ready = well
                await self._report()

    async def _until_dead(self, probe: Probe | None) -> None:
        if probe is None:
            await asyncio.Event().wait()
        else:
            async for well in probe.verdicts(self._ask):
                if not well:
                    return

    async def _ask(self, probe: Probe) -> bool:
        """Ask as the kubelet does, whom no policy keeps out."""
        door = await self.wire.door(self.spec.port(probe.port))
        url = f"http://127.0.0.1:{door}{probe.path}"
        patience = aiohttp.ClientTimeout(total=probe.timeout_seconds)
        headers = {"Host": self.status.ip, "User-Agent": "kube-probe/1.37"}
        try:
            asked = self.ground.http.get(
                url, headers=headers, timeout=patience, allow_redirects=False
            )
            async with asked as response:
                return response.status < HTTPStatus.BAD_REQUEST
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def _end(self) -> None:
        if self._container is not None:
            pause = self.spec.pause_seconds
            self.status.finish(await self._container.stop(self._grace_seconds, pause))
            await self._report()
        itself = {"gracePeriodSeconds": 0, "preconditions": {"uid": self.spec.uid}}
        await self.ground.api.ask(
            "DELETE", core("pods", self.spec.name, self.spec.namespace), itself
        )

    async def _report(self) -> None:
        status = self.status.render()
        if status != self._reported:
            self._reported = status
            path = core("pods", self.spec.name, self.spec.namespace, "status")
            change = {"metadata": {"uid": self.spec.uid}, "status": status}
            await self.ground.api.ask("PATCH", path, change, MERGE)

    def _note_failure(self, working: asyncio.Task[None]) -> None:
        if not working.cancelled() and (error := working.exception()):
            self.ground.failures.append(error)
