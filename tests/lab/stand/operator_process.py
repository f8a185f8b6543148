"""The operator as its own process, seen from outside: log, probes, metrics, exit status."""

import asyncio
import json
import os
import re
import signal
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any, Final, Self

import aiohttp

from lab.controlplane import tether
from lab.controlplane.audit import Request
from lab.stand.eventually import eventually
from lab.stand.installation import Installation

SOURCES: Final = Path(__file__).parents[3] / "operator"
PROXIES: Final = re.compile("_proxy$", re.IGNORECASE)
STOPS_WITHIN_SECONDS: Final = 20
START_SECONDS: Final = 30
NUMBERS: Final = count()

Line = dict[str, Any]


@dataclass(slots=True)
class Operator:
    """One process.

    Attributes:
        installation: Whose rights it has.
        log: The file with what it wrote.
    """

    installation: Installation
    log: Path
    process: asyncio.subprocess.Process
    _address: str = field(default="", init=False)

    @classmethod
    @asynccontextmanager
    async def run(
        cls,
        installation: Installation,
        configuration: Path,
        *,
        within: Sequence[str] = (),
        **variables: str,
    ) -> AsyncIterator[Self]:
        """Start the operator; it is gone when the block ends.

        Args:
            installation: Whose rights it has.
            configuration: Its file.
            within: A program that sets up where the operator runs, and runs it.
            variables: More of them for its environment.
        """
        log = installation.directory / f"{installation.namespace}.{next(NUMBERS)}.log"
        with log.open("wb") as written:
            process = await asyncio.create_subprocess_exec(
                *command("run", "--config", str(configuration), within=within),
                env=environment() | {"KUBECONFIG": str(installation.kubeconfig)} | variables,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=written,
                stderr=written,
            )
        operator = cls(installation, log, process)
        try:
            yield operator
        finally:
            await operator.terminate()

    @property
    def is_running(self) -> bool:
        """Whether it has not ended."""
        return self.process.returncode is None

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
        last = self.log.read_text(errors="replace").splitlines()[-25:]
        return "\n".join([f"The end of {self.log}:", *last])

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
        _, text = await self.get("/metrics")
        samples = (line.rpartition(" ") for line in text.splitlines() if not line.startswith("#"))
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

    async def wait_leading(self, within: float = START_SECONDS) -> Self:
        """Wait until it works."""
        await self.wait_ready()
        await eventually(self.is_leading, within=within, tell=self.tail)
        return self

    def pause(self) -> None:
        """Have it stand still, as a node that is out of processor time or memory does."""
        self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Have it go on where it stood."""
        self.process.send_signal(signal.SIGCONT)

    async def terminate(self) -> int:
        """Ask it to end, as Kubernetes does; return its exit status."""
        return await self._end(signal.SIGTERM)

    async def kill(self) -> int:
        """End it without a chance to tidy up."""
        return await self._end(signal.SIGKILL)

    async def wait_ended(self, within: float = STOPS_WITHIN_SECONDS) -> int:
        """Wait until it ends by itself; return its exit status."""
        async with asyncio.timeout(within):
            return await self.process.wait()

    async def _end(self, how: signal.Signals) -> int:
        if self.is_running:
            self.process.send_signal(how)
        try:
            return await self.wait_ended()
        except TimeoutError as error:
            self.process.kill()
            await self.process.wait()
            raise AssertionError(f"it did not end.\n{self.tail()}") from error

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


def command(*arguments: str, within: Sequence[str] = ()) -> list[str]:
    """Name the program so that it dies with the tests, whatever becomes of them."""
    return tied(*within, sys.executable, "-m", "mailbox_operator", *arguments)


def tied(*command: str) -> list[str]:
    """Have a program die with this process."""
    return [sys.executable, "-I", tether.__file__, str(os.getpid()), *command]


def environment() -> dict[str, str]:
    """Pass on the environment, without a proxy; `COVERAGE_PROCESS_*` measure the operator."""
    own = {name: value for name, value in os.environ.items() if not PROXIES.search(name)}
    return {**own, "PYTHONPATH": str(SOURCES)}
