"""One Sender over several Mailboxes: they join by a label, share recipients, and one stands in.

The provider of each is its own server, which tells what went out by it.
"""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from email import message_from_bytes
from typing import Any, Final, Self

import pytest
import pytest_asyncio

from lab.servers.smtp import Behaviour, SmtpServer
from lab.stand.cluster import Object
from lab.stand.consents import APP
from lab.stand.eventually import eventually
from lab.stand.gateway_process import COMPLETED, Application, Gateway
from lab.stand.manifests import Manifest, at, mailbox, secret, sender
from lab.stand.scene import Scene
from lab.stand.specs import GOOGLE, OUTLOOK, Spec
from lab.stand.standings import available, connected, stalled, waiting
from lab.stand.world import World
from system.scenarios.sending.applications import application_of

pytestmark = [pytest.mark.cluster, pytest.mark.sending, pytest.mark.asyncio(loop_scope="module")]

NAMES: Final = ("amy", "bob", "jane")
SALES: Final = {"team": "sales"}
SELECTED: Final = {"mailboxes": {"selector": {"matchLabels": SALES}}}
BY_RECIPIENT: Final = SELECTED | {"choose": "ByRecipient", "from": "Rewrite"}
PEOPLE: Final = [f"customer-{number}@other.example" for number in range(24)]
ROUND: Final = "one of this round"
FOLLOWING: Final = {"in-reply-to": "<1@acme.example>"}


def _author(message: bytes) -> str:
    return str(message_from_bytes(message)["from"])


def campaign(spec: dict[str, Any]) -> Manifest:
    """Declare a Sender that selects by labels."""
    return sender("") | {"spec": spec}


@dataclass(slots=True)
class Team:
    """Mailboxes with a label, each at a server of its own.

    Attributes:
        servers: By the name of the Mailbox.
    """

    scene: Scene
    stack: AsyncExitStack
    servers: dict[str, SmtpServer] = field(default_factory=dict)

    @classmethod
    async def of(cls, scene: Scene, stack: AsyncExitStack, *names: str) -> Self:
        """Have Mailboxes that are connected."""
        team = cls(scene, stack)
        for name in names:
            await team.hire(name)
        return team

    async def hire(self, name: str, labels: dict[str, str] | None = None) -> None:
        """Have one more."""
        address = f"{name}@acme.example"
        behaviour = Behaviour(accounts={address: "right"}, senders=(address,))
        server = await self.stack.enter_async_context(self.scene.world.server(behaviour))
        own: Spec = {"address": address, "credentialsSecretRef": {"name": name}}
        found = mailbox(at(server, **own, displayName=f"{name.title()} of Acme"), name)
        found["metadata"]["labels"] = SALES if labels is None else labels
        await self.scene.apply(secret({"password": "right"}, name), found)
        await self.scene.until(connected(), name)
        self.servers[name] = server

    async def label(self, name: str, team: str | None) -> None:
        """Give a Mailbox another label, and nothing else."""
        change = {"metadata": {"labels": {"team": team}}}
        await self.scene.cluster.merge("Mailbox", name, change, self.scene.namespace)

    async def until_counted(self, summary: str) -> Object:
        """Wait until the Sender counts so many."""

        async def look() -> Object:
            return await self.scene.cluster.find("Sender", "app", self.scene.namespace) or {}

        return await eventually(
            look,
            lambda found: found.get("status", {}).get("mailboxes", {}).get("summary") == summary,
            tell=self.scene.operator.tail,
        )

    async def firsts(self, application: Application, **more: str) -> dict[str, str]:
        """Send to everybody; return by which Mailbox each was sent to, or the reply that refused."""
        found = dict[str, str]()
        for each in PEOPLE:
            code, text = await application.send(each, **more)
            found[each] = text.rpartition("/")[2] if code == COMPLETED else f"{code} {text}"
        return found


@pytest_asyncio.fixture(loop_scope="module")
async def team(scene: Scene) -> AsyncIterator[Team]:
    async with AsyncExitStack() as stack:
        yield await Team.of(scene, stack, *NAMES)


async def application_for(team: Team, gateway: Gateway, spec: dict[str, Any]) -> Application:
    await team.scene.apply(campaign(spec))
    await team.scene.until_sender(available())
    application = await application_of(team.scene, gateway)
    await eventually(application.send, lambda reply: reply[0] == COMPLETED)
    return application


async def test_recipients_are_shared_and_each_hears_from_one_mailbox_in_its_own_name(
    team: Team, gateway: Gateway
) -> None:
    application = await application_for(team, gateway, BY_RECIPIENT)
    assert application.login["from"] == "amy@acme.example"

    found = await team.firsts(application, **{"from": "www-data@localhost"}, subject=ROUND)

    assert set(found.values()) == set(NAMES)
    for name, server in team.servers.items():
        own = [each for each in PEOPLE if found[each] == name]
        shown = [_author(each) for each in server.messages if ROUND.encode() in each]
        assert shown == [f"{name.title()} of Acme <{name}@acme.example>"] * len(own)
        assert {each.sender for each in server.attempts if each.messages} == {
            f"{name}@acme.example"
        }
    assert await team.firsts(application, **FOLLOWING) == found


async def test_a_mailbox_joins_by_its_label_and_leaves_without_it(
    team: Team, gateway: Gateway
) -> None:
    application = await application_for(team, gateway, BY_RECIPIENT)
    before = await team.firsts(application)

    await team.hire("zoe", {})
    await team.label("zoe", "sales")
    await team.until_counted("4/4")
    after = await eventually(
        lambda: team.firsts(application), lambda found: "zoe" in found.values(), within=30
    )
    assert {after[each] for each in PEOPLE if after[each] != before[each]} == {"zoe"}

    await team.label("zoe", None)
    await team.until_counted("3/3")
    await eventually(lambda: team.firsts(application), lambda found: found == before, within=30)


async def test_a_mailbox_that_is_lost_moves_its_recipients_and_its_follow_ups_wait(
    team: Team, gateway: Gateway
) -> None:
    application = await application_for(team, gateway, BY_RECIPIENT)
    before = await team.firsts(application)

    await team.scene.apply(secret({"password": "wrong"}, "bob"))
    await team.scene.until(stalled("InvalidCredentials"), "bob", within=30)
    found = await team.until_counted("2/3")
    after = await eventually(
        lambda: team.firsts(application), lambda found: "bob" not in found.values(), within=30
    )
    follow_ups = await team.firsts(application, **FOLLOWING)

    assert "bob: InvalidCredentials" in str(found["status"]["conditions"])
    for each in PEOPLE:
        if before[each] == "bob":
            assert after[each] in {"amy", "jane"}
            assert follow_ups[each].startswith(
                "450 4.3.2 a follow-up goes out by the recipient's own mailbox only:"
                f" {team.scene.namespace}/bob is not connected: InvalidCredentials"
            )
        else:
            assert after[each] == follow_ups[each] == before[each]


async def test_the_envelope_names_one_of_those_that_a_selector_finds(
    team: Team, gateway: Gateway
) -> None:
    application = await application_for(team, gateway, SELECTED)
    jane = Application({**application.login, "from": "jane@acme.example"}, application.port)
    ceo = Application({**application.login, "from": "ceo@acme.example"}, application.port)

    assert (await jane.send(subject=ROUND))[0] == COMPLETED
    assert ROUND.encode() in team.servers["jane"].messages[-1]
    assert (await ceo.send())[0] == 553

    await team.label("jane", None)
    refused = await eventually(jane.send, lambda reply: reply[0] != COMPLETED)
    assert refused[0] == 553


async def test_a_selector_that_finds_nothing_waits_for_a_mailbox(team: Team) -> None:
    await team.scene.apply(campaign({"mailboxes": {"selector": {"matchLabels": {"team": "none"}}}}))
    await team.scene.until_sender(waiting("NoMailbox"))

    await team.label("amy", "none")

    await team.scene.until_sender(available())


@pytest_asyncio.fixture(loop_scope="module")
async def mixed(scene: Scene, world: World) -> AsyncIterator[Team]:
    """One Mailbox at each provider."""
    async with AsyncExitStack() as stack:
        team = await Team.of(scene, stack, "smtp")
        for name, spec, server in (
            ("google", GOOGLE, world.google),
            ("outlook", OUTLOOK, world.outlook),
        ):
            address = f"{name}@acme.example"
            world.grant(f"1//{name}", address)
            own = {"address": address, "credentialsSecretRef": {"name": name}}
            found = mailbox(spec | own, name)
            found["metadata"]["labels"] = SALES
            await scene.apply(secret(APP | {"refresh-token": f"1//{name}"}, name), found)
            await scene.until(connected(), name)
            team.servers[name] = server
        yield team


async def test_one_campaign_sends_through_google_outlook_and_smtp_at_once(
    mixed: Team, gateway: Gateway
) -> None:
    application = await application_for(mixed, gateway, BY_RECIPIENT)

    found = await eventually(
        lambda: mixed.firsts(application, subject=ROUND),
        lambda found: set(found.values()) == {"google", "outlook", "smtp"},
        within=60,
    )

    for name, server in mixed.servers.items():
        own = [each for each in PEOPLE if found[each] == name]
        shown = [_author(each) for each in server.messages if ROUND.encode() in each]
        assert len(shown) >= len(own) > 0
        assert {each.rpartition(" ")[2].strip("<>") for each in shown} == {f"{name}@acme.example"}
