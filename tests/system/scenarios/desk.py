"""A folder to write manifests in, a mail server to reach from them, and `mailbox-operator verify`."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

from lab.servers.smtp import Behaviour, SmtpServer
from lab.stand.operator_process import command, environment
from lab.stand.world import GOOD, World


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command."""

    status: int
    output: str
    errors: str

    @property
    def reasons(self) -> dict[str, str]:
        """Read the reason of each name from the table."""
        rows = [line.split() for line in self.output.splitlines()[1:]]
        return {row[1]: row[4] for row in rows}


@dataclass(frozen=True, slots=True)
class Desk:
    """What somebody has who writes manifests."""

    folder: Path
    server: SmtpServer
    configuration: Path

    @classmethod
    @asynccontextmanager
    async def of(
        cls, world: World, place: Path, behaviour: Behaviour = GOOD, **more: Any
    ) -> AsyncIterator[Self]:
        """Set up; `more` is for the configuration."""
        configuration = place / "configuration.json"
        configuration.write_text(json.dumps(world.configuration(**more)))
        folder = place / "manifests"
        folder.mkdir()
        async with world.server(behaviour) as server:
            yield cls(folder, server, configuration)

    def write(self, *manifests: Mapping[str, Any], name: str = "mailboxes.yaml") -> str:
        """Write a file with these documents."""
        path = self.folder / name
        path.write_text(yaml.safe_dump_all([dict(each) for each in manifests]))
        return str(path)

    def command(self, *arguments: str) -> list[str]:
        """Write the command line."""
        return [*command("verify", "--config", str(self.configuration)), *arguments]

    async def verify(self, *arguments: str, text: str = "") -> Outcome:
        """Run the command, with this on its standard input."""
        process = await asyncio.create_subprocess_exec(
            *self.command(*arguments),
            env=environment(),
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        output, errors = await process.communicate(text.encode())
        assert process.returncode is not None
        return Outcome(process.returncode, output.decode(), errors.decode())
