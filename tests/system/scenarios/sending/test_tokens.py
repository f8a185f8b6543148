"""Mail flows by tokens of a provider that takes each refresh token once: there is one chain of them."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from lab.servers.authority import Authority
from lab.stand.consents import awaiting
from lab.stand.eventually import eventually
from lab.stand.gateway_process import COMPLETED, Application, Gateway
from lab.stand.installation import Installation
from lab.stand.manifests import sender
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import available, connected, stalled, summary
from lab.stand.world import QUICK, World
from system.scenarios.plays import grant_of
from system.scenarios.sending.applications import application_of, gateway_section, login_of
from system.scenarios.sending.load import Load, subjects
from system.scenarios.strict import StrictGoogle, consents

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.sending,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

LIFETIME_SECONDS: Final = 129
"""The operator takes a token for good until two minutes before its end: so it refreshes each 6 s."""

REFRESHES: Final = 3
NOT_NOW: Final = 451
PLENTY: Final = 1_000_000
"""Recipients a day: more than is known of the provider, for the load is without pause."""
TROUBLES: Final = ("attempt failed", "attempt crashed", "no access token for the gateways")
BEFORE_THE_CONSENT: Final = {"AwaitingConsent"}
OF_A_MOMENT: Final = "NoMailbox"
"""Of a Sender whose Mailbox was not heard of yet."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def google(authority: Authority) -> AsyncIterator[StrictGoogle]:
    """The provider."""
    async with StrictGoogle.running(authority, LIFETIME_SECONDS) as running:
        yield running


@pytest.fixture(scope="module")
def configured(installation: Installation, world: World, google: StrictGoogle) -> Path:
    """Write the configuration of the operator and of its gateways."""
    content = google.configuration(world, gateway=gateway_section(), leaderElection=QUICK)
    return installation.write_configuration(content)


@pytest.fixture(scope="module")
def configured_second(installation: Installation, world: World, google: StrictGoogle) -> Path:
    """Write the configuration of one more operator."""
    own = {"gateway": gateway_section(), "leaderElection": QUICK}
    return installation.write_configuration(google.configuration_of_another(world, **own), "second")


@dataclass(slots=True)
class Stage:
    """A Mailbox that its owner consented for, and two gateways that send through it.

    Attributes:
        link: Where the owner consents.
        applications: One Sender's, at each gateway.
    """

    scene: Scene
    google: StrictGoogle
    link: str
    applications: list[Application]

    @classmethod
    @asynccontextmanager
    async def open(
        cls, scene: Scene, google: StrictGoogle, browser: Browser, *gateways: Gateway
    ) -> AsyncIterator[Self]:
        """Have the owner consent."""
        link = await awaiting(scene)
        await consents(browser, link)
        await scene.change({"sending": {"perDay": PLENTY}})
        await scene.until(connected())
        await scene.apply(sender("jane"))
        await scene.until_sender(available())
        for gateway in gateways:
            await gateway.wait_ready()
        applications = [await application_of(scene, gateway) for gateway in gateways]
        for application in applications:
            await sends(application, within=15)
        yield cls(scene, google, link, applications)

    async def refresh_token(self) -> str:
        """Read the newest refresh token that the operator keeps."""
        grant = await grant_of(self.scene, await self.scene.mailbox())
        return base64.b64decode(grant["refresh-token"]).decode()

    async def handed_over(self) -> str:
        """Read what the gateways sign in with."""
        uid = (await self.scene.mailbox())["metadata"]["uid"]
        name, home = f"mailbox-access-{uid}", self.scene.platform_namespace
        found = await self.scene.cluster.find("Secret", name, home)
        return str(found and found["data"])

    async def is_refreshed(self, load: Load) -> None:
        """Wait for the next access token; then have each gateway log in with it, and send."""
        await self.next_token()
        self.google.mail.hang_up()
        await load.until_acknowledged(2 * len(self.applications))

    async def next_token(self) -> None:
        """Wait until the operator has refreshed, and handed the next access token over."""
        before = await self.refresh_token(), await self.handed_over()

        async def look() -> tuple[str, str]:
            return await self.refresh_token(), await self.handed_over()

        def differs(found: tuple[str, str]) -> bool:
            return found[0] != before[0] and found[1] != before[1]

        await eventually(look, differs, within=40, tell=self.scene.operator.tail)


@pytest_asyncio.fixture(loop_scope="module")
async def stage(
    world: World,
    installation: Installation,
    configured: Path,
    google: StrictGoogle,
    browser: Browser,
) -> AsyncIterator[Stage]:
    async with (
        Operator.run(installation, configured) as operator,
        Gateway.serve(installation, configured) as first,
        Gateway.serve(installation, configured) as second,
        Scene.open(world, await operator.wait_leading()) as scene,
        Stage.open(scene, google, browser, first, second) as opened,
    ):
        yield opened


async def sends(application: Application, within: float) -> None:
    """Wait until an application can send."""

    async def look() -> tuple[int, str]:
        return await application.send(subject=f"at {application.port}")

    await eventually(look, lambda reply: reply[0] == COMPLETED, within)


def troubles(operator: Operator) -> set[str]:
    """Read from the log why something failed."""
    return {line["reason"] for text in TROUBLES for line in operator.lines(text)} - {OF_A_MOMENT}


async def test_a_chain_of_refresh_tokens_outlives_an_operator_that_is_killed_while_mail_flows(
    stage: Stage, installation: Installation, configured: Path
) -> None:
    first = stage.scene.operator
    async with Load.of(*stage.applications * 2) as load:
        for _ in range(REFRESHES):
            await stage.is_refreshed(load)
            await stage.scene.reconnect(await stage.refresh_token())

        await first.kill()
        async with Operator.run(installation, configured) as second:
            stage.scene.operator = second
            for _ in range(REFRESHES):
                await stage.is_refreshed(load)
            assert summary(await stage.scene.mailbox()) == connected()

    assert troubles(first) | troubles(second) == BEFORE_THE_CONSENT
    taken, logins = subjects(stage.google.mail), stage.google.mail.attempts
    assert load.acknowledged <= set(taken)
    assert len(taken) == len(set(taken))
    assert load.codes <= {COMPLETED, NOT_NOW}
    assert load.lost == set()
    assert all(each.accepted for each in logins if each.auths)


async def test_a_replica_takes_the_chain_over_from_one_that_ends_while_mail_flows(
    stage: Stage, installation: Installation, configured_second: Path
) -> None:
    first = stage.scene.operator
    async with Operator.run(installation, configured_second) as second:
        await second.wait_ready()
        async with Load.of(*stage.applications * 2) as load:
            await stage.next_token()
            status = await first.terminate()
            await second.wait_leading()
            await stage.next_token()
            await load.until_acknowledged(len(stage.applications))
        stage.google.mail.hang_up()
        for application in stage.applications:
            await sends(application, within=15)

    assert status == 0
    assert troubles(first) | troubles(second) == BEFORE_THE_CONSENT
    assert (load.codes, load.lost) == ({COMPLETED}, set())
    taken = [each for each in subjects(stage.google.mail) if each in load.replies]
    assert sorted(taken) == sorted(load.acknowledged)


async def test_an_application_whose_mailbox_lost_its_consent_sends_again_after_the_next_one(
    stage: Stage, browser: Browser
) -> None:
    application = stage.applications[0]
    await asyncio.to_thread(stage.google.certified.revoke, await stage.refresh_token())
    stage.google.mail.hang_up()

    told = await eventually(application.send, lambda reply: "GrantRevoked" in reply[1], 60)
    await stage.scene.until(stalled("GrantRevoked"))
    await consents(browser, stage.link)
    await sends(application, within=90)

    assert told[0] == NOT_NOW
    assert await login_of(stage.scene) == application.login
