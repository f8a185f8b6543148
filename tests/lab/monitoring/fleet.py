"""Three tenants with mailboxes in every state, two replicas and a gateway, and a Prometheus."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Self
from urllib.parse import urlsplit

from lab.browser.chromium import chromium
from lab.browser.person import Person
from lab.controlplane.ports import free_ports
from lab.servers.prometheus import Prometheus, Target, hasty_rules
from lab.servers.smtp import SmtpServer, Stage
from lab.stand.consents import APP, awaiting, with_page
from lab.stand.eventually import eventually
from lab.stand.gateway_process import COMPLETED, SECTION, Application, Gateway, login_of
from lab.stand.installation import Installation
from lab.stand.kept import kept
from lab.stand.manifests import Manifest, at, infrastructure, mailbox, secret, sender
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.specs import GOOGLE, MANAGED_GOOGLE, OUTLOOK
from lab.stand.standings import available, connected, retrying, stalled, waiting
from lab.stand.world import GOOD, World

TENANTS: Final = ("globex", "initech", "umbrella")
PEOPLE: Final = ("ada", "ben", "cleo", "dora", "emil", "fay")
EXPIRES: Final = "mailbox-operator.io/expires-at"
ODDITIES: Final = {
    "odd": replace(GOOD, replies={Stage.AUTH: b"599 What?"}),
    "strict": replace(GOOD, replies={Stage.AUTH: b"534 5.7.9 App password needed"}),
    "closed": replace(GOOD, mechanisms=()),
}
OPTIONS: Final = ("--set", "gateway.enabled=true")
"""What Helm is told, so that the rights of a gateway are there."""

NOWHERE: Final = {"host": "localhost", "security": "STARTTLS"}


@dataclass(frozen=True, slots=True)
class Fleet:
    """What there is to look at.

    Attributes:
        replicas: The one that leads comes first.
        second: Configuration of the other one, which has a port of its own.
        tenants: A scene each.
        gateway: Where applications of the first tenant send.
        server: Where the people of the first tenant are known.
    """

    world: World
    replicas: tuple[Operator, ...]
    second: Path
    tenants: tuple[Scene, ...]
    gateway: Gateway
    server: SmtpServer
    prometheus: Prometheus
    opened: AsyncExitStack

    @classmethod
    @asynccontextmanager
    async def open(cls, world: World, home: Installation, folder: Path) -> AsyncIterator[Self]:
        """Start replicas and Prometheus, which sees all from the beginning, then the mailboxes."""
        accounts = {address_of(name): "right" for name in PEOPLE}
        async with AsyncExitStack() as opened:
            second = folder / "second.yaml"
            replicas = await _replicas(world, home, opened, second)
            targets = [
                Target(urlsplit(await replica.url()).netloc, f"mailbox-operator-{number}")
                for number, replica in enumerate(replicas)
            ]
            gateway = await _gateway(world, home, opened)
            place = urlsplit(await gateway.url()).netloc
            targets.append(Target(place, "mailbox-gateway-0", "mailbox-operator-gateway"))
            running = Prometheus.running(folder, targets, hasty_rules(folder))
            prometheus = opened.enter_context(running)
            server = world.server(replace(GOOD, accounts=accounts, senders=None))
            await opened.enter_async_context(server)
            scenes = [Scene.open(world, replicas[0], name) for name in TENANTS]
            tenants = [await opened.enter_async_context(each) for each in scenes]
            yield cls(world, replicas, second, tuple(tenants), gateway, server, prometheus, opened)

    async def settle_in(self) -> None:
        """Bring all mailboxes, and wait until each is where it belongs."""
        await self.passwords()
        await self.messages()
        await self.tokens()
        await self.consents()

    async def passwords(self) -> None:
        """The first tenant has mailboxes with passwords, good and bad ones."""
        globex = self.tenants[0]
        await globex.apply(word("right", "good"), word("wrong", "bad"))
        for name in PEOPLE:
            await globex.apply(mailbox(self.person(name), name))
        await globex.apply(mailbox(self.person("ada", sending={"perDay": 4}), "ada"))
        await globex.apply(
            mailbox(self.person("ada", "bad"), "old-password"),
            mailbox(self.person("ben", "none"), "no-secret"),
            mailbox(
                self.person("cleo") | {"smtp": NOWHERE | {"port": self.world.ports[-1]}}, "gone"
            ),
            mailbox(self.person("dora", suspend=True), "asleep"),
        )
        for name in PEOPLE:
            await globex.until(connected(), name)
        await globex.until(stalled("InvalidCredentials"), "old-password")
        await globex.until(waiting("CredentialsMissing"), "no-secret")
        await globex.until(retrying("ConnectionRefused"), "gone")

    async def messages(self) -> None:
        """An application of the first tenant sends, and one tries to as somebody else."""
        globex = self.tenants[0]
        await globex.apply(sender("ada", name="shop"))
        await globex.until_sender(available(), "shop")
        shop = await self.shop()
        await eventually(shop.send, lambda told: told[0] == COMPLETED, tell=self.gateway.tail)
        assert (await shop.send())[0] == COMPLETED
        assert (await shop.send(**{"from": address_of("ben")}))[0] != COMPLETED
        stranger = replace(shop, login={**shop.login, "password": "wrong"})
        assert (await stranger.send())[0] != COMPLETED

    async def shop(self) -> Application:
        """The application of the first tenant."""
        globex = self.tenants[0]
        login = await login_of(globex.cluster, globex.namespace, "shop-smtp")
        port, _ = await self.gateway.ports()
        return Application(login, port)

    async def tokens(self) -> None:
        """The second tenant has tokens, a server that nobody understands, and a strict one."""
        initech, world = self.tenants[1], self.world
        for token in ("1//initech", "0.initech"):
            world.grant(token)
        google = secret(APP | {"refresh-token": "1//initech"}, "google")
        outlook = secret(APP | {"refresh-token": "0.initech", "tenant-id": "x.example"}, "outlook")
        await initech.apply(expiring(google, 200), expiring(outlook, 12), word("right", "good"))
        await initech.apply(
            mailbox(GOOGLE | named("google"), "google"),
            mailbox(OUTLOOK | named("outlook"), "outlook"),
        )
        for name, behaviour in ODDITIES.items():
            server = await self.opened.enter_async_context(world.server(behaviour))
            spec = at(server, address=address_of(name)) | named("good")
            await initech.apply(mailbox(spec, name))
        await initech.until(connected(), "google")
        await initech.until(connected(), "outlook")
        await initech.until(stalled("AppPasswordRequired"), "strict")
        await initech.until(stalled("SmtpAuthDisabled"), "closed")
        await initech.until(retrying("Unknown"), "odd")

    async def consents(self) -> None:
        """The third tenant's people click; one of them does not, and one app is broken."""
        umbrella = self.tenants[2]
        place = umbrella.platform_namespace
        gone = f"{umbrella.namespace}/gil"
        await umbrella.apply(kept(place, gone, {"deletion-policy": "Retain"}))
        await umbrella.apply(secret(APP | {"client-secret": "old"}, "broken", place))
        await umbrella.apply(
            infrastructure("legacy", {"google": {"clientSecretRef": {"name": "broken"}}})
        )
        await umbrella.until_platform(stalled("OAuthAppInvalid"), "legacy")
        lost = MANAGED_GOOGLE | {
            "address": address_of("lou"),
            "managedInfrastructureName": "nowhere",
        }
        await umbrella.apply(mailbox(lost, "lou"))
        await umbrella.until(waiting("InfrastructureNotFound"), "lou")
        async with chromium() as browser, Person.of(browser) as person:
            await person.begins(await awaiting(umbrella))
            await person.allows()
            await umbrella.until(connected())
            link = await self.one_more("kim")
            await person.begins(link)
            await person.cancels()
            await person.sees("Access was not fully allowed")
            await person.page.goto(f"{link.rpartition('/')[0]}/nobody")
        await umbrella.apply(expiring(secret(APP, "app", place), 90))

    async def one_more(self, name: str) -> str:
        """Declare another mailbox that waits for consent; return the link."""
        umbrella = self.tenants[2]
        spec = MANAGED_GOOGLE | {"address": address_of(name)}
        await umbrella.apply(
            mailbox(spec | {"managedInfrastructureName": umbrella.namespace}, name)
        )
        found = await umbrella.until(waiting("AwaitingConsent"), name)
        link: str = found["status"]["consentURL"]
        return link

    def person(self, name: str, credentials: str = "good", **more: Any) -> dict[str, Any]:
        """Ask for a mailbox of somebody the server knows."""
        return at(self.server, address=address_of(name), **more) | named(credentials)


async def _gateway(world: World, home: Installation, opened: AsyncExitStack) -> Gateway:
    """Start a gateway, and wait until it takes mail."""
    configuration = home.write_configuration(world.configuration(gateway=SECTION), "gateway")
    gateway = await opened.enter_async_context(Gateway.serve(home, configuration))
    await gateway.wait_ready()
    return gateway


async def _replicas(
    world: World, home: Installation, opened: AsyncExitStack, second: Path
) -> tuple[Operator, Operator]:
    """Start one that leads and has the consent page that people come to, then another."""
    public, own, metrics = free_ports(3)
    more: dict[str, Any] = {
        "gateway": SECTION,
        "intervals": {"transient": ["1s", "2s"], "capacity": "1s"},
    }
    page = home.write_configuration(with_page(world, public, **more))
    leader = await opened.enter_async_context(Operator.run(home, page))
    await leader.wait_leading()
    listen = {"address": "127.0.0.1", "port": metrics}
    beside = with_page(world, own, public, listen=listen, **more)
    home.write_configuration(beside).rename(second)
    follower = await opened.enter_async_context(Operator.run(home, second))
    return leader, await follower.wait_ready()


def address_of(name: str) -> str:
    """Name the address of somebody."""
    return f"{name}@acme.example"


def named(name: str) -> dict[str, Any]:
    """Name the Secret with the credentials."""
    return {"credentialsSecretRef": {"name": name}}


def word(password: str, name: str) -> Manifest:
    """Write a Secret with a password."""
    return secret({"password": password}, name)


def expiring(manifest: Manifest, days: int) -> Manifest:
    """Note on a Secret that it expires in so many days."""
    moment = (datetime.now(UTC) + timedelta(days=days)).date().isoformat()
    return manifest | {"metadata": manifest["metadata"] | {"annotations": {EXPIRES: moment}}}
