"""A cluster with tenants whose people have consented, its backups, and clusters made from these."""

import asyncio
import base64
import re
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from html import unescape
from pathlib import Path
from secrets import token_hex
from typing import Any, Final

import aiohttp
from yarl import URL

from lab.controlplane.kubectl import Kubectl
from lab.controlplane.plane import ControlPlane
from lab.controlplane.shell import said
from lab.stand.cluster import Cluster, Object
from lab.stand.consents import APP, OFFERS, with_page
from lab.stand.definitions import define
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import RECONNECT, infrastructure, mailbox, new_namespace, secret
from lab.stand.operator_process import Operator
from lab.stand.specs import MANAGED_GOOGLE
from lab.stand.standings import Summary, connected, summary
from lab.stand.world import World

PAGE: Final = (Path(__file__).parents[3] / "docs" / "backup.md").read_text()
COMMANDS: Final = re.findall(r"^ *\$ (.*)$", PAGE, re.MULTILINE)
SAVING: Final = (
    "> grants.yaml\n",
    "> platform-secrets.yaml\n",
    "> managedinfrastructures.yaml\n",
    "> mailboxes.yaml\n",
)
GRANT: Final = "mailbox-operator.io/grant"
FATE: Final = "mailbox-operator.io/fate"
TENANTS: Final = ("acme", "beta", "gamma")
PEOPLE: Final = ("ana", "jane", "john")
GRANTS: Final = {"grace": "1s"}
"""So short that only what is not left to time keeps anything."""

LOOK: Final = ("list", "secrets")
LISTS: Final = 2
"""A look lists the Secrets of the operator's namespace twice: grants, and pending consents."""

GIVEN: Final = re.compile(r"(?<=mailbox-operator\.io/granted-at: \")[^\"]+")
"""When a grant was given, as kubectl writes it."""

WITHIN: Final = 45.0
ONWARD: Final = re.compile(r'class="primary" href="([^"]+)"')
"""Where the page leads a browser on to the provider."""


@dataclass(frozen=True, slots=True)
class Backup:
    """What somebody saved of a cluster.

    Attributes:
        data: A copy of etcd's data.
        platform: The ManagedInfrastructure and the Secret of its app, as kubectl writes them.
        mailboxes: All Mailboxes, as kubectl writes them.
        grants: The Secrets with grants, as kubectl writes them of grants that are older.
    """

    data: Path
    platform: Sequence[str]
    mailboxes: str
    grants: str

    def write(self, folder: Path) -> None:
        """Write the files of the page on backups."""
        infrastructures, secrets = self.platform
        (folder / "managedinfrastructures.yaml").write_text(infrastructures)
        (folder / "platform-secrets.yaml").write_text(secrets)
        (folder / "mailboxes.yaml").write_text(self.mailboxes)
        (folder / "grants.yaml").write_text(self.grants)


@dataclass(frozen=True, slots=True)
class Site:
    """A cluster with an operator in it."""

    cluster: Cluster
    operator: Operator

    @property
    def home(self) -> str:
        """Name the operator's namespace."""
        return self.operator.installation.namespace

    async def mailboxes(self) -> list[Object]:
        """Read all Mailboxes."""
        return await self.cluster.list("Mailbox")

    async def grants(self) -> dict[str, Object]:
        """Read all Secrets with a grant, by name."""
        found = await self.cluster.list("Secret", self.home)
        labelled = [each for each in found if GRANT in each["metadata"].get("labels", {})]
        return {each["metadata"]["name"]: each for each in labelled}

    async def until_all(self, expected: Summary) -> list[Object]:
        """Wait until all Mailboxes stand so."""

        def stand(found: list[Object]) -> bool:
            return bool(found) and all(summary(each) == expected for each in found)

        return await eventually(self.mailboxes, stand, WITHIN, self.operator.tail)

    async def until_reconnected(self) -> None:
        """Have all Mailboxes proved once more."""
        asked = {"metadata": {"annotations": {RECONNECT: token_hex(4)}}}
        for each in await self.mailboxes():
            named = each["metadata"]
            await self.cluster.merge("Mailbox", named["name"], asked, named["namespace"])

        def answered(found: list[Object]) -> bool:
            handled = {each["status"].get("lastHandledReconnectAt") for each in found}
            return handled == {asked["metadata"]["annotations"][RECONNECT]}

        await eventually(self.mailboxes, answered, WITHIN, self.operator.tail)
        await self.until_all(connected())

    async def until_looked(self) -> None:
        """Wait until it has looked after all grants since its start."""

        async def looks() -> int:
            asked = self.operator.requests()
            return sum((r.verb, r.resource, r.namespace) == (*LOOK, self.home) for r in asked)

        await eventually(looks, lambda seen: seen >= LISTS, WITHIN, self.operator.tail)

    async def until_orphaned(self, *fates: str) -> None:
        """Wait until all grants wait, for these reasons and no other."""

        async def noted() -> set[str]:
            found = (await self.grants()).values()
            return {each["metadata"]["annotations"].get(FATE, "") for each in found}

        await eventually(noted, lambda seen: seen <= set(fates), WITHIN, self.operator.tail)


@asynccontextmanager
async def cluster_of(directory: Path, data: Path | None = None) -> AsyncIterator[Cluster]:
    """Start a cluster of its own.

    Args:
        directory: For its files.
        data: Etcd's data from a backup; None for an empty cluster.
    """
    if data is not None:
        shutil.copytree(data, directory / "etcd")
    plane = await asyncio.to_thread(ControlPlane.start, directory)
    try:
        await asyncio.to_thread(define, plane)
        async with Cluster.of(plane) as opened:
            yield opened
    finally:
        await asyncio.to_thread(plane.stop)


@asynccontextmanager
async def working(
    installation: Installation, configuration: Mapping[str, Any]
) -> AsyncIterator[Site]:
    """Run an operator that leads."""
    path = installation.write_configuration(configuration)
    async with Operator.run(installation, path) as operator:
        await operator.wait_leading()
        yield Site(installation.cluster, operator)


async def populate(installation: Installation, world: World) -> None:
    """Declare tenants and their Mailboxes, and have the owner of each consent at its page."""
    page = with_page(world, grants=GRANTS)
    world.oauth.behaviour = replace(world.oauth.behaviour, screens=False)
    await installation.cluster.apply(
        secret(APP, "app", installation.namespace),
        infrastructure("default", OFFERS["Google"]),
        *(new_namespace(name) for name in TENANTS),
        *declared(),
    )
    async with working(installation, page) as site:
        links = [await link_of(site, tenant_name, name) for tenant_name, name in names()]
        await asyncio.gather(*(consent(world, link) for link in links))
        await site.until_all(connected())


async def consent(world: World, link: str) -> None:
    """Click the button of a page, and come back from the provider, which asks nothing."""
    tls = aiohttp.TCPConnector(ssl=world.authority.client_context())
    async with aiohttp.ClientSession(connector=tls) as browser:
        async with browser.post(link) as answer:
            (onward,) = ONWARD.findall(await answer.text())
        async with browser.get(URL(unescape(onward), encoded=True)) as answer:
            text = await answer.text()
            assert "Connected" in text, text


async def link_of(site: Site, namespace: str, name: str) -> str:
    """Wait for the link that a Mailbox has for its owner."""

    async def look() -> str:
        found = await site.cluster.find("Mailbox", name, namespace)
        return str((found or {}).get("status", {}).get("consentURL", ""))

    return await eventually(look, within=WITHIN, tell=site.operator.tail)


def save(cluster: Cluster, directory: Path) -> Backup:
    """Save a cluster in both ways: as the page has it, and etcd's data while it is stopped."""
    servers = cluster.plane.servers
    assert servers is not None
    for words in SAVING:
        by_the_page(cluster, directory, words)
    texts = {path.stem: path.read_text() for path in directory.glob("*.yaml")}
    grants = GIVEN.sub("2026-01-01T00:00:00Z", texts["grants"])
    cluster.plane.stop_api_server()
    servers.etcd.stop()
    shutil.copytree(servers.layout.directory / "etcd", directory / "data")
    servers.start_etcd()
    cluster.plane.start_api_server()
    platform = (texts["managedinfrastructures"], texts["platform-secrets"])
    return Backup(directory / "data", platform, texts["mailboxes"], grants)


def by_the_page(cluster: Cluster, folder: Path, words: str) -> str:
    """Run the one command of the page on backups with these words, for the app of the tests."""
    [command] = [each for each in COMMANDS if words in f"{each}\n"]
    kubectl = Kubectl.of(cluster.plane.assets, cluster.plane.kubeconfig)
    return said(command.replace("google-app", "app"), kubectl, folder)


def create(cluster: Cluster, *texts: str) -> None:
    """Create objects as the page on backups has it."""
    for text in texts:
        cluster.plane.kubectl("create", "--filename=-", input=text)


async def create_tenants(cluster: Cluster, backup: Backup) -> None:
    """Create the tenants' namespaces, and in them what was saved."""
    await cluster.apply(*(new_namespace(name) for name in TENANTS))
    await asyncio.to_thread(create, cluster, backup.mailboxes)


def names() -> Iterator[tuple[str, str]]:
    """Name all Mailboxes: more than may go within an hour."""
    return ((tenant_name, name) for tenant_name in TENANTS for name in PEOPLE)


def declared() -> Iterator[Mapping[str, Any]]:
    """Declare all Mailboxes."""
    for tenant_name, name in names():
        made = mailbox(MANAGED_GOOGLE | {"address": f"{name}@{tenant_name}.example"}, name)
        yield made | {"metadata": {"name": name, "namespace": tenant_name}}


def tokens_of(grants: Mapping[str, Object]) -> list[str]:
    """Read the tokens of grants."""
    return sorted(
        base64.b64decode(each["data"]["refresh-token"]).decode() for each in grants.values()
    )


def names_of(mailboxes: Sequence[Object]) -> set[str]:
    """Name the Secrets that Mailboxes have their grants in."""
    return {f"mailbox-grant-{each['metadata']['uid']}" for each in mailboxes}
