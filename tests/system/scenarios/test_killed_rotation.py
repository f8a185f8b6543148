"""`kill -9` between a provider's answer, a newer refresh token, and its write to the API server."""

import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web
from playwright.async_api import Browser

from lab.servers.authority import Authority
from lab.servers.gateway import FINE, Gateway, Weather
from lab.stand.consents import awaiting
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected, stalled, summary
from lab.stand.world import QUICK, World
from system.scenarios.plays import grant_of, rotating
from system.scenarios.strict import StrictGoogle, consents

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(180),
]

WITHIN: Final = 45.0
"""Until the Lease of a killed leader ends, and its successor has looked."""


def is_rotation(request: web.Request) -> bool:
    """Say whether a request writes a newer token over an older one."""
    return request.method == "PATCH" and "/secrets/mailbox-grant-" in request.path


@dataclass(slots=True)
class Stage:
    """A scene whose operator reaches the API server by way of a gateway, and has a successor."""

    scene: Scene
    gateway: Gateway
    installation: Installation
    configuration: Path

    @classmethod
    @asynccontextmanager
    async def open(
        cls, world: World, installation: Installation, place: Path, configured: Mapping[str, Any]
    ) -> AsyncIterator["Stage"]:
        """Run an operator as long as the block lasts, or until it is killed."""
        plane = installation.cluster.plane
        tls = ssl.create_default_context(cafile=plane.ca)
        async with Gateway.running(plane.url, tls) as gateway:
            plain = {"server": gateway.url, "certificate-authority-data": None}
            behind = installation.at(place / "kubeconfig", **plain)
            configuration = behind.write_configuration(configured)
            async with (
                Operator.run(behind, configuration) as operator,
                Scene.open(world, await operator.wait_leading()) as scene,
            ):
                yield cls(scene, gateway, behind, configuration)

    async def is_killed_before_the_write(self, name: str) -> None:
        """Have a token refreshed, and the operator killed once the provider has answered."""
        await self.gateway.turn(Weather(loses=is_rotation))
        before = len(self.gateway.asked)
        await self.scene.reconnect("again", name)

        async def sent() -> bool:
            asked = self.gateway.asked[before:]
            return any(each.startswith("PATCH") and "/mailbox-grant-" in each for each in asked)

        await eventually(sent, within=WITHIN, tell=self.scene.operator.tail)
        await self.scene.operator.kill()
        await self.gateway.turn(FINE)

    @asynccontextmanager
    async def succeeded(self) -> AsyncIterator[Operator]:
        """Run the next operator."""
        async with Operator.run(self.installation, self.configuration) as operator:
            self.scene.operator = operator
            yield await operator.wait_leading(within=WITHIN)

    async def until_answered(self, name: str) -> Mapping[str, Any]:
        """Wait until the request for an attempt was answered; return the mailbox."""

        async def look() -> Mapping[str, Any]:
            return await self.scene.mailbox(name)

        return await eventually(
            look,
            lambda found: found["status"].get("lastHandledReconnectAt") == "again",
            WITHIN,
            self.scene.operator.tail,
        )


async def test_a_mailbox_whose_provider_lets_older_tokens_live_reconnects_automatically(
    world: World, installation: Installation, tmp_path: Path
) -> None:
    configured = world.configuration(leaderElection=QUICK)
    async with Stage.open(world, installation, tmp_path, configured) as stage:
        await rotating(stage.scene)
        found = await stage.scene.until(connected(), "rotating")
        before = await grant_of(stage.scene, found)

        await stage.is_killed_before_the_write("rotating")
        assert await grant_of(stage.scene, found) == before

        async with stage.succeeded():
            assert summary(await stage.until_answered("rotating")) == connected()
            after = await grant_of(stage.scene, found)
            assert after["refresh-token"] != before["refresh-token"]


async def test_a_mailbox_whose_provider_takes_each_token_once_asks_its_owner_for_one_consent(
    world: World, installation: Installation, authority: Authority, browser: Browser, tmp_path: Path
) -> None:
    async with StrictGoogle.running(authority) as google:
        configured = google.configuration(world, leaderElection=QUICK)
        async with Stage.open(world, installation, tmp_path, configured) as stage:
            link = await awaiting(stage.scene)
            await consents(browser, link)
            await stage.scene.until(connected())

            await stage.is_killed_before_the_write("jane")

            async with stage.succeeded():
                found = await stage.scene.until(stalled("GrantRevoked"), within=WITHIN)
                assert found["status"]["consentURL"] == link
                await consents(browser, link)
                await stage.scene.until(connected(), within=WITHIN)
