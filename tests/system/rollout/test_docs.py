"""What README and docs/rollout.md tell people to do, run line by line: their values, their commands."""

import asyncio
import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest
import yaml

from lab.servers.smtp import SmtpServer
from lab.stand.world import GOOD
from system.rollout.page import ROOT, Page, prepared, run
from system.rollout.site import Site

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

SHOW: Final = "kubectl --namespace acme get mailboxes"
CLEAN_UP: Final = (
    "helm uninstall mailboxes --namespace acme --wait",
    "helm uninstall mailbox-operator --namespace mail --wait",
    "kubectl delete namespace acme",
)
SENDERS: Final = ("billing@acme.example", "news@acme.example")
BILLING: Final = replace(GOOD, accounts={SENDERS[0]: "s3cret"}, senders=SENDERS)


INSTALL: Final = (ROOT / "README.md").read_text().split("## Install\n")[1].split("\n## ")[0]
README: Final = Page(INSTALL, (SHOW, *CLEAN_UP))
ROLLOUT: Final = Page(
    (ROOT / "docs" / "rollout.md").read_text(), ("kubectl delete namespace acme",)
)


def put_down(folder: Path, page: Page, site: Site, server: SmtpServer) -> None:
    """Write the files, with the servers of the tests in place of those on the internet."""
    here = {"host": "localhost", "port": server.port}
    (folder / "site.yaml").write_text(yaml.safe_dump(site.values()))
    for name, text in page.files.items():
        content = yaml.safe_load(text)
        if smtp := content.get("defaults", {}).get("smtp"):
            smtp |= here
        for offer in content.get("managedInfrastructures", {}).values():
            offer["presets"][0] |= here
        (folder / name).write_text(yaml.safe_dump(content))


def led(line: str) -> str:
    """Lead the operator's release to the servers of the tests."""
    deploys = re.search("helm (install|upgrade)( --install)? mailbox-operator", line)
    return f"{line} --values site.yaml" if deploys else line


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
            said[line] = await asyncio.to_thread(run, led(line), tmp_path / "work", environ)

    shown = [re.split(r" {2,}", row)[:6] for row in said[SHOW].splitlines()]
    assert shown[1:] == [
        ["billing", SENDERS[0], "SMTP", infrastructure, "True", "True"],
        ["news", SENDERS[1], "SMTP", infrastructure, "True", "True"],
    ]


async def test_the_pages_contain_their_values_and_commands() -> None:
    assert list(README.files) == ["acme.yaml"]
    assert list(ROLLOUT.files) == ["platform.yaml", "acme.yaml"]
    assert [len(README.commands), len(ROLLOUT.commands)] == [9, 14]
