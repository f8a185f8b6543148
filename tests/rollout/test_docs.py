"""docs/rollout.md, run line by line: its values, its commands, in its order."""

import asyncio
import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import yaml

from rollout.site import Site
from scenarios.world import GOOD
from servers.smtp import SmtpServer

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = (ROOT / "docs" / "rollout.md").read_text()
VALUES: Final = re.compile(r"`(\w+\.yaml)`[^`]*:\n\n```yaml\n(.*?)```", re.DOTALL)
CONSOLE: Final = re.compile(r"```console\n(.*?)```", re.DOTALL)
SENDERS: Final = ("billing@acme.example", "news@acme.example")
BILLING: Final = replace(GOOD, accounts={SENDERS[0]: "s3cret"}, senders=SENDERS)


def commands() -> Iterator[str]:
    for block in CONSOLE.findall(PAGE):
        yield from (line.removeprefix("$ ") for line in block.splitlines())


def put_down(folder: Path, site: Site, server: SmtpServer) -> None:
    """Write the values of the page, with the servers of the tests in place of those on the internet."""
    for name, text in VALUES.findall(PAGE):
        content = yaml.safe_load(text)
        if name == "platform.yaml":
            (preset,) = content["managedInfrastructures"]["default"]["presets"]
            preset |= {"host": "localhost", "port": server.port}
            content |= site.values()
        (folder / name).write_text(yaml.safe_dump(content))


def run(line: str, folder: Path, environ: Mapping[str, str]) -> str:
    done = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


def programs(site: Site, folder: Path) -> Mapping[str, str]:
    """Let the commands of the page find the programs, the charts and the cluster of the test."""
    assets, names = site.cluster.plane.assets, ("kubectl", "helm")
    for name in names:
        (folder / name).symlink_to(next(assets.locate(p) for p in assets.programs if p == name))
    (folder / "work").mkdir()
    (folder / "work" / "helm").symlink_to(ROOT / "helm")
    kubeconfig = str(site.cluster.plane.kubeconfig)
    return {**os.environ, "KUBECONFIG": kubeconfig, "PATH": f"{folder}:{os.environ['PATH']}"}


async def test_the_page_is_true(site: Site, tmp_path: Path) -> None:
    environ, said = programs(site, tmp_path), dict[str, str]()
    async with site.world.server(BILLING) as server:
        put_down(tmp_path / "work", site, server)
        for line in commands():
            said[line] = await asyncio.to_thread(run, line, tmp_path / "work", environ)

    shown = said["kubectl --namespace acme get mailboxes"].splitlines()
    assert [re.split(r" {2,}", row)[:6] for row in shown[1:]] == [
        ["billing", SENDERS[0], "SMTP", "Managed", "True", "True"],
        ["news", SENDERS[1], "SMTP", "Managed", "True", "True"],
    ]


async def test_the_page_has_its_values_and_its_commands() -> None:
    assert [name for name, _ in VALUES.findall(PAGE)] == ["platform.yaml", "acme.yaml"]
    assert len(list(commands())) > 10
