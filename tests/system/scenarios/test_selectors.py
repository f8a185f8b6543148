"""Two installations in one namespace share a cluster by a label: each Mailbox has one of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio

from lab.controlplane.ports import free_ports
from lab.stand.cluster import Cluster
from lab.stand.consents import awaiting, with_page
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import RECONNECT, at, infrastructure, mailbox, password
from lab.stand.operator_process import Operator
from lab.stand.scene import MAILBOX, Scene
from lab.stand.specs import MANAGED_SMTP
from lab.stand.standings import connected, waiting
from lab.stand.world import World
from system.scenarios.restored import LISTS, LOOK, Site, consent

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

TIER: Final = "tier"
SECOND: Final = "second"
SELECTORS: Final = {"mailbox-operator": "tier=gold", SECOND: "tier!=gold"}
"""By the name of the Lease."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Two operators, and a scene that both watch."""

    gold: Operator
    others: Operator
    scene: Scene

    async def hand_over(self, tier: str | None) -> None:
        """Set the label of jane, or remove it, and wait for the check that is asked for with it."""
        asked = f"as {tier}"
        change = {"labels": {TIER: tier}, "annotations": {RECONNECT: asked}}
        await self.scene.cluster.merge(MAILBOX, "jane", {"metadata": change}, self.scene.namespace)

        async def handled() -> str:
            status = (await self.scene.mailbox())["status"]
            return str(status.get("lastHandledReconnectAt", ""))

        await eventually(handled, lambda seen: seen == asked, tell=self.others.tail)
        await self.scene.until(connected())

    def tried(self, name: str = "jane") -> tuple[int, int]:
        """Count the attempts of each operator for a Mailbox."""
        key = f"{self.scene.namespace}/{name}"
        return len(self.gold.attempts(key)), len(self.others.attempts(key))

    async def until_both_looked(self) -> None:
        """Wait until both have looked after all grants once more."""
        home = self.gold.installation.namespace

        async def looks() -> int:
            asked = self.gold.requests()  # both act as one ServiceAccount
            return sum((r.verb, r.resource, r.namespace) == (*LOOK, home) for r in asked)

        before = await looks()
        await eventually(looks, lambda seen: seen >= before + 4 * LISTS, 30, self.gold.tail)


def labelled(made: dict[str, Any], **labels: str) -> dict[str, Any]:
    """Label an object."""
    return made | {"metadata": made["metadata"] | {"labels": labels}}


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def rights(
    cluster: Cluster,
    installation: Installation,
    helm: Path,
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[Installation]:
    """Give the operators' ServiceAccount the rights of a second release in its namespace."""
    home = installation.namespace
    names = f"fullnameOverride={home}-2,serviceAccount.name={home}"
    options = ("--set", f"{names},config.leaderElection.leaseName={SECOND}")
    made = await Installation.into(home, cluster, helm, tmp_path_factory.mktemp("second"), *options)
    yield made
    for each in made.rights:
        if each["kind"].startswith("ClusterRole"):
            await cluster.delete(each["kind"], each["metadata"]["name"])


@pytest_asyncio.fixture(loop_scope="module")
async def pair(
    world: World, installation: Installation, rights: Installation
) -> AsyncIterator[Pair]:
    ports = free_ports(2)
    known = with_page(world, ports[0], intervals={"transient": ["1s"], "sweep": "1s"})
    world.oauth.behaviour = replace(world.oauth.behaviour, screens=False)
    paths = [
        installation.write_configuration(
            {
                **known,
                "consent": {**known["consent"], "port": port},
                "leaderElection": {"leaseName": lease},
                "watch": {"selector": selector},
            },
            lease,
        )
        for (lease, selector), port in zip(SELECTORS.items(), ports, strict=True)
    ]
    async with (
        Operator.run(installation, paths[0]) as gold,
        Operator.run(rights, paths[1]) as others,
        Scene.open(world, gold) as scene,
    ):
        await asyncio.gather(gold.wait_leading(), others.wait_leading())
        yield Pair(gold, others, scene)


async def test_each_mailbox_is_connected_by_exactly_one_operator(pair: Pair) -> None:
    scene = pair.scene
    async with scene.world.server() as server:
        await scene.apply(
            password(),
            labelled(mailbox(at(server), "golden"), tier="gold"),
            labelled(mailbox(at(server), "leaden"), tier="lead"),
            mailbox(at(server), "plain"),
        )
        names = ("golden", "leaden", "plain")
        await asyncio.gather(*(scene.until(connected(), name) for name in names))

        assert [pair.tried(name) for name in names] == [(1, 0), (0, 1), (0, 1)]
        assert server.connections == len(names)


async def test_a_label_hands_a_mailbox_over_and_back(pair: Pair) -> None:
    scene = pair.scene
    async with scene.world.server() as server:
        await scene.apply(password(), labelled(mailbox(at(server)), tier="gold"))
        await scene.until(connected())

        await pair.hand_over("lead")
        handed_over = pair.tried()
        await pair.hand_over("gold")

        assert (handed_over, pair.tried()) == ((1, 1), (2, 1))
        assert server.connections == sum(pair.tried())


async def test_no_consent_is_lost_when_a_mailbox_is_handed_over(pair: Pair) -> None:
    scene, site = pair.scene, Site(pair.scene.cluster, pair.gold)
    revoked = len(scene.world.oauth.ledger.revocations)
    await consent(scene.world, await awaiting(scene))
    await scene.until(connected())
    given = set(await site.grants())

    for tier in ("gold", None):
        await pair.hand_over(tier)
        await pair.until_both_looked()

    assert set(await site.grants()) == given
    assert len(scene.world.oauth.ledger.revocations) == revoked


async def test_a_claim_holds_across_the_selections(pair: Pair) -> None:
    scene = pair.scene
    async with scene.world.server() as server:
        preset = {"name": "Acme", "host": "localhost", "port": server.port}
        offer = {"presets": [preset | {"domains": ["acme.example"]}]}
        spec = MANAGED_SMTP | {"managedInfrastructureName": scene.namespace}
        await scene.apply(password(), infrastructure(scene.namespace, offer))
        await scene.apply(labelled(mailbox(spec), tier="gold"))
        await scene.until(connected())

        await scene.apply(mailbox(spec, "rival"))

        await scene.until(waiting("AlreadyClaimed"), "rival")
        assert pair.tried("rival") == (0, 1)
