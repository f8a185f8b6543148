"""Wrong passwords for one account reach its server ten times an hour, whatever a tenant does."""

import asyncio
import base64

import pytest

from lab.stand.eventually import eventually
from lab.stand.manifests import at, mailbox, password, secret
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected, summary
from lab.stand.world import World
from mailbox_operator.cluster.refusal_record import RECORD_NAME
from mailbox_operator.decide.refusals.ledger import OF_A_NAMESPACE, OF_AN_ACCOUNT, OF_ONE_TENANT
from system.scenarios.guesser import GUESSES, Guesser, kept, serving, under_way

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


def written(scene: Scene) -> int:
    """Count the writes of that Secret."""
    asked = [each for each in scene.operator.requests() if each.writes]
    return sum(each.resource == "secrets" for each in asked)


async def test_created_and_deleted_mailboxes_do_not_get_more_guesses(scene: Scene) -> None:
    async with scene.world.server(serving("mia@acme.example")) as server:
        tenant = Guesser(scene, server, "mia@acme.example")

        for turn in ("first", "second", "third"):
            await tenant.guess(turn)

    assert server.auths == OF_ONE_TENANT
    reasons = [scene.attempts(f"third-{number}")[0]["reason"] for number in range(GUESSES)]
    assert reasons == ["RateLimited"] * GUESSES

    async def held() -> float:
        metrics = await scene.operator.metrics()  # which may be as old as the last scrape
        return metrics['mailbox_operator_logins_held_back_total{scope="account"}']

    await eventually(held, lambda count: count >= 3 * GUESSES - OF_ONE_TENANT)


async def test_two_namespaces_get_no_more_guesses_and_the_owner_stays_connected(
    world: World, operator: Operator, scene: Scene
) -> None:
    async with (
        world.server(serving("ned@acme.example")) as server,
        Scene.open(world, operator) as second,
        Scene.open(world, operator) as owner,
    ):
        spec = at(server, address="ned@acme.example")
        await owner.apply(password(), mailbox(spec, "ned"))
        await owner.until(connected(), "ned")

        await Guesser(scene, server, "ned@acme.example").guess("first")
        await Guesser(second, server, " NED@acme.example ").guess("second")
        assert server.auths == 1 + OF_AN_ACCOUNT
        await owner.reconnect("again", "ned")
        await owner.until_attempted(2, "ned")

        assert summary(await owner.mailbox("ned")) == connected()
        assert [line["message"] for line in owner.attempts("ned")] == ["attempt succeeded"] * 2


async def test_a_guess_each_for_many_accounts_is_bounded(scene: Scene) -> None:
    many = [f"person-{number}" for number in range(OF_A_NAMESPACE + 10)]
    async with scene.world.server(serving()) as server:
        await scene.apply(secret({"password": "spring"}, "guess"))
        for name in many:
            spec = at(server, address=f"{name}@globex.example")
            await scene.apply(mailbox(spec | {"credentialsSecretRef": {"name": "guess"}}, name))

        await asyncio.gather(*(scene.until_attempted(1, name, within=60) for name in many))

    assert server.auths == OF_A_NAMESPACE


async def test_the_record_of_refusals_names_nobody_and_is_not_written_for_accepted_passwords(
    scene: Scene,
) -> None:
    async with scene.world.server(serving("zoe@acme.example")) as server:
        before = len(await kept(scene))
        await Guesser(scene, server, "zoe@acme.example").guess("first", 1)
        await eventually(lambda: kept(scene), lambda rows: len(rows) > before)
        others = await under_way(scene)
        await scene.apply(password(), mailbox(at(server, address="zoe@acme.example")))
        await scene.until(connected())
        await eventually(lambda: under_way(scene), lambda count: count <= others)
        count = written(scene)

        for number in range(5):
            await scene.reconnect(f"again-{number}")
            await scene.until_attempted(2 + number)

        assert written(scene) == count
    found = await scene.cluster.find("Secret", RECORD_NAME, scene.platform_namespace)
    content = base64.b64decode((found or {})["data"]["refusals"])
    assert not any(word in content for word in (b"zoe", b"acme", scene.namespace.encode()))
