"""The operator as its own process, seen from outside: log, probes, metrics, exit status."""

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

import aiohttp

from lab.controlplane.audit import Request
from lab.controlplane.process import Process, tied
from lab.node.image import Image
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.program import ROOT, Program

PROGRAM: Final = Program.chosen(os.environ)
MODULE: Final = ("-m", "mailbox_operator")
PROXIES: Final = re.compile("_proxy$", re.IGNORECASE)
STOPS_WITHIN: Final = timedelta(seconds=20)
START_SECONDS: Final = 30
NUMBERS: Final = count()

Line = dict[str, Any]


def process_of(
    kubeconfig: Path,
    configuration: Path,
    log: Path,
    *,
    part: str = "run",
    interpreter: Sequence[str] = (),
    within: Sequence[str] = (),
    **variables: str,
) -> Process:
    """Say how the operator is run; it is not started yet.

    Args:
        kubeconfig: Who it is in the cluster.
        configuration: Its configuration file.
        log: The file for what it writes.
        part: The command: `run`, or `gateway`.
        interpreter: Arguments for Python, such as those of a profiler.
        within: A program that sets up where the operator runs, and runs it.
        variables: More of them for its environment; OPERATOR_TREE chooses its program.
    """
    program = Program.chosen(os.environ | variables)
    command = [*within, str(program.python), *interpreter, *MODULE, part, "--config"]
    own = environment(program) | {"KUBECONFIG": str(kubeconfig)} | variables
    return Process([*command, str(configuration)], log, own, patience=STOPS_WITHIN)


@dataclass(slots=True)
class Operator:
    """The operator as tests and measurements see it.

    Attributes:
        installation: Whose rights it has.
    """

    installation: Installation
    process: Process
    _address: str = field(default="", init=False)

    @classmethod
    @asynccontextmanager
    async def run(
        cls,
        installation: Installation,
        configuration: Path,
        *,
        interpreter: Sequence[str] = (),
        within: Sequence[str] = (),
        **variables: str,
    ) -> AsyncIterator[Self]:
        """Start the operator; it is gone when the block ends.

        Args:
            installation: Whose rights it has.
            configuration: Its file.
            interpreter: Arguments for Python, such as those of a profiler.
            within: A program that sets up where the operator runs, and runs it.
            variables: More of them for its environment.
        """
        log = installation.directory / f"{installation.namespace}.{next(NUMBERS)}.log"
        process = process_of(
            installation.kubeconfig,
            configuration,
            log,
            interpreter=interpreter,
            within=within,
            **variables,
        )
        operator = cls(installation, process)
        process.start()
        try:
            yield operator
        finally:
            await operator.terminate()

    @property
    def log(self) -> Path:
        """The file with what it wrote."""
        return self.process.log

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.is_running

    def lines(self, message: str = "") -> list[Line]:
        """Read the log; the lines with one message, or all that are whole."""
        raw = self.log.read_text(errors="replace").splitlines(keepends=True)
        parsed = [json.loads(line) for line in raw if line.startswith("{") and line.endswith("\n")]
        return [line for line in parsed if not message or line["message"] == message]

    def attempts(self, name: str) -> list[Line]:
        """Read of the attempts made for one object, oldest first, as the log has them."""
        messages = {"attempt succeeded", "attempt failed", "attempt crashed"}
        return [x for x in self.lines() if x["message"] in messages and x["object"] == name]

    def tail(self) -> str:
        """Quote the end of the log."""
        return self.process.tail()

    def requests(self) -> list[Request]:
        """Read from the audit log what it has asked the API server for."""
        namespace = self.installation.namespace
        return self.installation.cluster.plane.requests(namespace, namespace)

    async def get(self, path: str) -> tuple[int, str]:
        """Ask its port, such as for `/readyz`; status 0 says that nobody answers."""
        http = self.installation.cluster.http
        try:
            async with http.get(f"{await self.url()}{path}", headers={"Authorization": ""}) as it:
                return it.status, await it.text()
        except aiohttp.ClientConnectionError as error:
            return 0, str(error)

    async def metrics(self) -> dict[str, float]:
        """Scrape it: values by name and labels, as they are written."""
        status, text = await self.get("/metrics")
        lines = text.splitlines() if status == HTTPStatus.OK else []
        samples = (line.rpartition(" ") for line in lines if not line.startswith("#"))
        return {name: float(value) for name, _, value in samples}

    async def is_leading(self) -> bool:
        """Whether it says that it leads."""
        return (await self.metrics()).get("mailbox_operator_leader") == 1

    async def wait_ready(self) -> Self:
        """Wait until it knows the cluster."""

        async def probe() -> int:
            assert self.is_running, self.tail()
            status, _ = await self.get("/readyz")
            return status

        await eventually(probe, lambda status: status == HTTPStatus.OK, START_SECONDS, self.tail)
        return self

    async def shards(self) -> int:
        """How many shards it says that it works on; none if it does not answer."""
        return int((await self.metrics()).get("mailbox_operator_shards", 0))

    async def wait_leading(self, within: float = START_SECONDS) -> Self:
        """Wait until it works."""
        await self.wait_ready()
        await eventually(self.is_leading, within=within, tell=self.tail)
        await eventually(self.shards, within=within, tell=self.tail)
        return self

    def pause(self) -> None:
        """Have it stand still, as a node that is out of processor time or memory does."""
        self.process.signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Have it go on where it stood."""
        self.process.signal(signal.SIGCONT)

    async def terminate(self) -> int:
        """Ask it to end, as Kubernetes does; return its exit status."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> int:
        """End it without a chance to tidy up."""
        return await self._end(signal.SIGKILL)

    async def wait_ended(self, within: float = STOPS_WITHIN.total_seconds()) -> int:
        """Wait until it ends by itself; return its exit status."""
        if not await asyncio.to_thread(self.process.ends_within, timedelta(seconds=within)):
            raise TimeoutError
        assert self.process.status is not None
        return self.process.status

    async def _end(self, how: signal.Signals) -> int:
        self.process.signal(how)
        try:
            return await self.wait_ended()
        except TimeoutError as error:
            raise AssertionError(f"it did not end.\n{self.tail()}") from error
        finally:
            self.process.stop(signal.SIGKILL)

    async def url(self) -> str:
        """Tell where its port is."""
        if not self._address:
            found = await eventually(self._listening, within=START_SECONDS, tell=self.tail)
            host, port = found[0]["address"]
            self._address = f"http://{host}:{port}"
        return self._address

    def answers_at(self, url: str) -> None:
        """Take note of where its port is, where its log does not say what leads there from here."""
        self._address = url

    async def _listening(self) -> list[Line]:
        assert self.is_running, self.tail()
        return self.lines("listening")


def command(*arguments: str) -> list[str]:
    """Name the program for another of its commands, so that it dies with the tests."""
    return tied(str(PROGRAM.python), *MODULE, *arguments)


def environment(program: Program = PROGRAM) -> dict[str, str]:
    """Pass on the environment, without a proxy; memory is kept for reuse as in the image.

    `COVERAGE_PROCESS_*` measure the operator.
    """
    own = {name: value for name, value in os.environ.items() if not PROXIES.search(name)}
    image = Image.of_dockerfile(ROOT / "Dockerfile", "", {}).environ
    memory = {name: value for name, value in image.items() if name.startswith("MALLOC_")}
    return {**own, **memory, "PYTHONPATH": str(program.sources)}
