"""An operator that cannot hear its cluster says so within a minute; one that can is not held up."""

import ssl
from http import HTTPStatus
from pathlib import Path

import pytest

from lab.servers.authority import Authority
from lab.servers.gateway import Gateway, Weather
from lab.servers.proxy import Proxy
from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.manifests import at, mailbox, password
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.specs import SMTP
from lab.stand.standings import connected, waiting
from lab.stand.world import QUICK, World
from mailbox_operator.decide.cluster.echo import LATE

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

WITHIN_SECONDS = 60
BUFFERS = f"is deaf: {LATE}"


async def until_not_ready(operator: Operator, words: str) -> None:
    """Wait until it says in these words that it is not ready, while it is alive."""

    async def look() -> tuple[int, str]:
        return await operator.get("/readyz")

    await eventually(
        look,
        lambda seen: seen[0] == HTTPStatus.SERVICE_UNAVAILABLE and words in seen[1],
        WITHIN_SECONDS,
        operator.tail,
    )
    assert (await operator.get("/healthz"))[0] == HTTPStatus.OK


async def test_a_kubeconfig_without_verification_is_obeyed_by_all_parts_with_a_warning(
    world: World, installation: Installation, tmp_path: Path
) -> None:
    insecure = {"certificate-authority-data": None, "insecure-skip-tls-verify": True}
    unverified = installation.at(tmp_path / "kubeconfig", **insecure)
    configuration = installation.write_configuration(world.configuration(leaderElection=QUICK))
    async with (
        world.server() as server,
        Operator.run(unverified, configuration) as operator,
        Scene.open(world, operator) as scene,
    ):
        await operator.wait_leading()
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected())

        assert len(operator.lines("API server not verified")) == 1
        assert (await operator.metrics())["mailbox_operator_watches_deaf"] == 0


async def test_an_authority_that_did_not_sign_the_api_server_is_named(
    world: World, installation: Installation, tmp_path: Path
) -> None:
    insecure = {"certificate-authority-data": None}
    other = installation.at(tmp_path / "kubeconfig", **insecure)
    configuration = installation.write_configuration(world.configuration())
    async with Operator.run(other, configuration) as operator:
        await until_not_ready(operator, "the certificate is not trusted")

        assert "not trusted" in operator.lines("rights of the operator not known yet")[0]["error"]


async def test_a_proxy_that_buffers_before_a_quiet_cluster_is_found_by_every_replica(
    world: World, installation: Installation, tmp_path: Path
) -> None:
    plane = installation.cluster.plane
    configuration = installation.write_configuration(world.configuration())
    tls = ssl.create_default_context(cafile=plane.ca)
    async with Gateway.running(plane.url, tls) as gateway:
        await gateway.turn(Weather(holds_back=True, buffer_bytes=65_536))
        plain = {"server": gateway.url, "certificate-authority-data": None}
        behind = installation.at(tmp_path / "kubeconfig", **plain)
        async with Operator.run(behind, configuration) as leader:
            await eventually(leader.is_leading, within=30, tell=leader.tail)
            await until_not_ready(leader, BUFFERS)
            async with Operator.run(behind, configuration) as follower:
                await until_not_ready(follower, BUFFERS)

                assert not await follower.is_leading()


UNREACHABLE = "127.0.0.1:1"
"""Where nobody listens: only a proxy with a route goes there."""

NAMED = pytest.mark.parametrize("named", ["environment", "kubeconfig"])


def behind(
    proxy: Proxy, named: str, installation: Installation, directory: Path
) -> tuple[Installation, dict[str, str]]:
    """Name a proxy where it is named in practice; return the variables of the process as well."""
    if named == "environment":
        return installation, {"HTTPS_PROXY": proxy.url}
    return installation.at(directory / "kubeconfig", **{"proxy-url": proxy.url}), {}


@NAMED
@pytest.mark.parametrize(
    ("proxy", "words"),
    [
        pytest.param(Proxy(refusal=403), "the proxy answers 403", id="refuses"),
        pytest.param(
            Proxy(inspects=Authority("A company").server_context()),
            "the certificate is not trusted",
            id="inspects",
        ),
    ],
)
async def test_a_proxy_that_is_in_the_way_is_named(
    world: World,
    installation: Installation,
    tmp_path: Path,
    named: str,
    proxy: Proxy,
    words: str,
) -> None:
    configuration = installation.write_configuration(world.configuration())
    async with proxy.running():
        there, variables = behind(proxy, named, installation, tmp_path)
        async with Operator.run(there, configuration, **variables) as operator:
            await until_not_ready(operator, words)


@NAMED
async def test_an_api_server_behind_a_proxy_is_reached_by_all_parts(
    world: World, installation: Installation, tmp_path: Path, named: str
) -> None:
    there = installation.cluster.plane.url.removeprefix("https://")
    proxy = Proxy(routes={UNREACHABLE: there})
    hidden = installation.at(tmp_path / "hidden", server=f"https://{UNREACHABLE}")
    configuration = installation.write_configuration(world.configuration(leaderElection=QUICK))
    async with proxy.running():
        reached, variables = behind(proxy, named, hidden, tmp_path)
        async with Operator.run(reached, configuration, **variables) as operator:
            await operator.wait_leading()
            async with Scene.open(world, operator) as scene:
                await scene.apply(mailbox(SMTP))
                await scene.until(waiting("CredentialsMissing"))

    assert set(proxy.asked) == {UNREACHABLE}
