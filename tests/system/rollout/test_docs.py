"""What README and docs/rollout.md tell people to do, run line by line: their values, their commands."""

import asyncio
import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from lab.servers.smtp import SmtpServer
from lab.stand.world import GOOD
from system.rollout.site import Site

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

ROOT: Final = Path(__file__).parents[3]
VALUES: Final = re.compile(r"`(\w+\.yaml)`[^`]*:\n\n```yaml\n(.*?)```", re.DOTALL)
CONSOLE: Final = re.compile(r"```console\n(.*?)```", re.DOTALL)
SHOW: Final = "kubectl --namespace acme get mailboxes"
CLEAN_UP: Final = (
    "helm uninstall mailboxes --namespace acme --wait",
    "helm uninstall mailbox-operator --namespace mail --wait",
    "kubectl delete namespace acme",
)
SENDERS: Final = ("billing@acme.example", "news@acme.example")
BILLING: Final = replace(GOOD, accounts={SENDERS[0]: "s3cret"}, senders=SENDERS)


@dataclass(frozen=True, slots=True)
class Page:
    """Instructions for people.

    Attributes:
        text: The part of a page that has them.
        more: Commands that tidy up after them, or show what came of them.
    """

    text: str
    more: tuple[str, ...]

    @property
    def values(self) -> Mapping[str, Any]:
        """Read the files that people are told to write."""
        return {name: yaml.safe_load(text) for name, text in VALUES.findall(self.text)}

    @property
    def commands(self) -> list[str]:
        """Read the commands."""
        blocks = CONSOLE.findall(self.text)
        lines = [line for block in blocks for line in block.splitlines()]
        return [*(line.removeprefix("$ ") for line in lines), *self.more]


INSTALL: Final = (ROOT / "README.md").read_text().split("## Install\n")[1].split("\n## ")[0]
README: Final = Page(INSTALL, (SHOW, *CLEAN_UP))
ROLLOUT: Final = Page(
    (ROOT / "docs" / "rollout.md").read_text(), ("kubectl delete namespace acme",)
)


def put_down(folder: Path, page: Page, site: Site, server: SmtpServer) -> None:
    """Write the files, with the servers of the tests in place of those on the internet."""
    here = {"host": "localhost", "port": server.port}
    (folder / "site.yaml").write_text(yaml.safe_dump(site.values()))
    for name, content in page.values.items():
        if smtp := content.get("defaults", {}).get("smtp"):
            smtp |= here
        for offer in content.get("managedInfrastructures", {}).values():
            offer["presets"][0] |= here
        (folder / name).write_text(yaml.safe_dump(content))


def run(line: str, folder: Path, environ: Mapping[str, str]) -> str:
    """Run a command as it stands; the operator's release is led to the servers of the tests."""
    led = (
        " --values site.yaml"
        if re.search("helm (install|upgrade)( --install)? mailbox-operator", line)
        else ""
    )
    done = subprocess.run(
        ["bash", "-c", line + led],
        cwd=folder,
        env=environ,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"
    return done.stdout


def prepared(site: Site, folder: Path) -> Mapping[str, str]:
    """Let the commands find the programs, the charts and the cluster of the test."""
    assets = site.cluster.plane.assets
    for name in ("kubectl", "helm"):
        (folder / name).symlink_to(next(assets.locate(p) for p in assets.programs if p == name))
    (folder / "work").mkdir()
    (folder / "work" / "helm").symlink_to(ROOT / "helm")
    kubeconfig = str(site.cluster.plane.kubeconfig)
    return {**os.environ, "KUBECONFIG": kubeconfig, "PATH": f"{folder}:{os.environ['PATH']}"}


@pytest.mark.parametrize(
    ("page", "infrastructure"),
    [(README, "Private"), (ROLLOUT, "Managed")],
    ids=["README", "rollout"],
)
async def test_the_page_of_the_rollout_runs_as_written(
    site: Site, tmp_path: Path, page: Page, infrastructure: str
) -> None:
    environ, said = prepared(site, tmp_path), dict[str, str]()
    async with site.world.server(BILLING) as server:
        put_down(tmp_path / "work", page, site, server)
        for line in page.commands:
            said[line] = await asyncio.to_thread(run, line, tmp_path / "work", environ)

    shown = [re.split(r" {2,}", row)[:6] for row in said[SHOW].splitlines()]
    assert shown[1:] == [
        ["billing", SENDERS[0], "SMTP", infrastructure, "True", "True"],
        ["news", SENDERS[1], "SMTP", infrastructure, "True", "True"],
    ]


async def test_the_pages_contain_their_values_and_commands() -> None:
    assert list(README.values) == ["acme.yaml"]
    assert list(ROLLOUT.values) == ["platform.yaml", "acme.yaml"]
    assert [len(README.commands), len(ROLLOUT.commands)] == [9, 13]
