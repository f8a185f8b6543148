"""docs/getting-started.md, run from its install to its removal: its commands, manifests and program.

What the page has and a test has not is in HERE. The sections before the install build the image and
make the cluster, by Docker and kind: the node of these tests has the image under the same name, and one
with Python under the name in the page's Job.
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from email import message_from_bytes
from functools import partial
from pathlib import Path
from typing import Final

import pytest
import yaml

from lab.node.image import Image
from lab.node.policy import Peer, Workload
from lab.node.service import served
from lab.node.workloads import ROOT, image_of
from lab.servers.smtp import SmtpServer
from lab.stand.eventually import eventually
from lab.stand.world import GOOD
from system.rollout.page import Page, prepared, run
from system.rollout.site import Site

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(300),
]

HERE: Final[Mapping[str, str]] = {
    "--set gateway.enabled=true": "--set gateway.enabled=true --values site.yaml",
    "port: 587": "port: {provider}",
}
"""All that is not as on the page: ports below 1024 belong to root, and the servers are not the world's.

`site.yaml` has their authority, the addresses that may be dialled, and the gateway's port.
"""

PAGE: Final = (ROOT / "docs" / "getting-started.md").read_text().partition("\n## Install\n")[2]
BEFORE, _, REST = PAGE.partition("\n## Send\n")
SENDING, _, AFTER = REST.partition("\n## What next\n")

PROVIDER: Final = "smtp.acme.example"
GATEWAY: Final = "mailbox-operator-gateway"
ADDRESS: Final = "billing@acme.example"
BILLING: Final = replace(GOOD, accounts={ADDRESS: "s3cret"}, senders=(ADDRESS,))
APPLICATION: Final = Peer(
    "10.244.9.7", Workload("acme", {}, {"kubernetes.io/metadata.name": "acme"})
)
PYTHON: Final = Image(
    "python",
    ("python",),
    environ={"PATH": "/opt/python/bin"},
    files={"/opt/python": ROOT / ".venv"},
)
"""What the page's Job asks for."""
NAMESPACES: Final = {"mail", "acme"}


@pytest.fixture(scope="module")
def image(image_tree: Path) -> Image:
    """The image with what its Dockerfile leaves of the packages."""
    return image_of(image_tree)


@pytest.fixture(scope="module")
def images(image: Image) -> tuple[Image, ...]:
    return image, PYTHON


@pytest.fixture(scope="module")
def names() -> tuple[str, ...]:
    """The hosts of the page: the provider's, and the gateway's as its Secret has it."""
    return PROVIDER, f"{GATEWAY}.mail.svc"


def here(text: str, provider: SmtpServer) -> Page:
    """Put in what stands for things of the page that are not here."""
    for theirs, ours in HERE.items():
        text = text.replace(theirs, ours.format(provider=provider.port))
    return Page(text)


async def follow(page: Page, folder: Path, environ: Mapping[str, str]) -> None:
    """Write the files of a part of the page, and run its commands."""
    for name, text in page.files.items():
        (folder / name).write_text(text)
    for line in page.commands:
        await asyncio.to_thread(run, line, folder, environ)


@asynccontextmanager
async def told(site: Site) -> AsyncIterator[None]:
    """Say how all pods stand if the page leads nowhere."""
    try:
        yield
    except AssertionError as error:
        error.add_note(site.node.tell())
        raise


def kinds(site: Site) -> str:
    """Name the kinds of which there can be objects, but Events, which outlive what they are about."""
    found = site.cluster.plane.kubectl("api-resources", "--verbs=list", "--output=name")
    return ",".join(each for each in found.split() if not each.startswith("events"))


def left(site: Site, of: str) -> list[str]:
    """Name the objects that the page has brought: in its namespaces, or by what they say."""
    found = site.cluster.plane.kubectl("get", of, "--all-namespaces", "--output=json")
    items = [(each, each["metadata"]) for each in json.loads(found)["items"]]
    return [
        f"{each['kind']} {about.get('namespace', '')}/{about['name']}"
        for each, about in items
        if NAMESPACES & {about["name"], about.get("namespace")} or "mailbox" in json.dumps(each)
    ]


async def test_the_page_leads_from_nothing_to_a_message_and_back(
    site: Site, tmp_path: Path
) -> None:
    environ, folder = prepared(site, tmp_path), tmp_path / "work"
    known = await asyncio.to_thread(kinds, site)
    context, service = site.world.authority.server_context(PROVIDER), site.world.ports[-1]
    values = site.values(gateway={"port": service})
    (folder / "site.yaml").write_text(yaml.safe_dump(values))

    async with site.world.server(BILLING, context) as provider, told(site):
        await follow(here(BEFORE, provider), folder, environ)
        place = site.node, "mail", GATEWAY, "submission", APPLICATION
        async with served(*place, listen=service):
            await follow(here(SENDING, provider), folder, environ)
        await follow(here(AFTER, provider), folder, environ)

    (content,) = provider.messages
    sent = message_from_bytes(content)
    assert (sent["From"], sent["To"], sent["Subject"]) == (
        ADDRESS,
        "you@acme.example",
        "Your order",
    )
    await eventually(partial(asyncio.to_thread, left, site, known), lambda seen: not seen, 30)


async def test_the_page_has_what_is_run() -> None:
    assert [list(Page(part).files) for part in (BEFORE, SENDING, AFTER)] == [
        ["billing.yaml"],
        ["send.yaml"],
        [],
    ]
    assert [len(Page(part).commands) for part in (BEFORE, SENDING, AFTER)] == [10, 3, 4]
    assert [theirs for theirs in HERE if theirs not in BEFORE] == []
