"""People look after mailboxes by the command line, with their own kubeconfig."""

import asyncio
import io
import json
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from lab.servers.smtp import SmtpServer
from lab.stand.manifests import at, mailbox, password, sender
from lab.stand.scene import Scene
from lab.stand.standings import connected, stalled
from lab.stand.world import GOOD
from system.scenarios.home import Home

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

PASSWORD: Final = "canary-password"


POD: Final[dict[str, Any]] = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {"name": "an-operator", "labels": {"app.kubernetes.io/name": "mailbox-operator"}},
    "spec": {
        "containers": [
            {
                "name": "operator",
                "image": "mailbox-operator",
                "env": [{"name": "HTTPS_PROXY", "value": f"http://me:{PASSWORD}@proxy"}],
            }
        ]
    },
}


@pytest.fixture
def home(tmp_path: Path, scene: Scene) -> Home:
    return Home.of(tmp_path, scene)


async def connected_at(scene: Scene, server: SmtpServer) -> None:
    await scene.apply(password(), mailbox(at(server)))
    await scene.until(connected())


async def test_status_shows_what_is_well_and_ends_with_0(scene: Scene, home: Home) -> None:
    async with scene.world.server() as server:
        await scene.apply(sender("jane"))
        await connected_at(scene, server)

        found = await home.run("status")

    assert found.output.startswith(f"Mailbox {scene.namespace}/jane  Connected\n")
    assert "looked at again: every 10m" in found.output
    assert "Sender app" in found.output
    assert "\x1b" not in found.output
    assert (found.status, found.errors) == (0, "")


async def test_status_says_who_must_act_and_ends_with_1(scene: Scene, home: Home) -> None:
    async with scene.world.server() as server:
        await scene.apply(password("wrong"), mailbox(at(server)))
        await scene.until(stalled("InvalidCredentials"))

        found = await home.run("status", "jane")
        listed = await home.run("status", "-A", "-o", "json")
        again = await home.run("status", "-A", "-o", "yaml")

    assert (found.status, listed.status) == (1, 1)
    assert yaml.safe_load(again.output).keys() == {"items"}
    assert "who must act: Mailbox owner" in found.output
    items: list[dict[str, Any]] = json.loads(listed.output)["items"]
    (jane,) = [each for each in items if each["namespace"] == scene.namespace]
    assert (jane["reason"], jane["whoMustAct"]) == ("InvalidCredentials", "Mailbox owner")


async def test_reconnect_waits_for_what_comes_of_it(scene: Scene, home: Home) -> None:
    async with scene.world.server(replace(GOOD, accounts={"joe": "right"})) as server:
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(stalled("InvalidCredentials"))

        failed = await home.run("reconnect", "jane", "--wait")
        server.behaviour = GOOD
        fine = await home.run("reconnect", "mbx/jane", "--wait")

    assert (failed.status, fine.status) == (1, 0)
    assert "InvalidCredentials" in failed.output
    assert "Connected" in fine.output


async def test_what_is_suspended_is_not_asked_to_reconnect_until_it_is_resumed(
    scene: Scene, home: Home
) -> None:
    async with scene.world.server() as server:
        await connected_at(scene, server)

        done = [await home.run("suspend", "jane"), await home.run("suspend", "--all")]
        refused = await home.run("reconnect", "jane", "--wait")
        shown = await home.run("status")
        resumed = await home.run("resume", "jane")
        again = await home.run("reconnect", "jane", "--wait")

    named = f"Mailbox {scene.namespace}/jane"
    assert [each.errors for each in done] == [
        f"{named}: suspended\n",
        f"{named}: suspended already\n",
    ]
    assert (refused.status, "resume it first" in refused.errors) == (2, True)
    assert f"{named}  Suspended" in shown.output
    assert (resumed.status, again.status) == (0, 0)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("status", "nobody"), "there is no Mailbox nobody in namespace"),
        (("status", "--context", "elsewhere"), "has no context elsewhere"),
        (("status", "secret/jane"), "names no object"),
        (("reconnect",), "name what is meant, or use --all"),
        (("suspend", "minfra/none"), "there is no ManagedInfrastructure none"),
    ],
)
async def test_what_cannot_be_done_is_said_and_ends_with_2(
    home: Home, words: tuple[str, ...], error: str
) -> None:
    found = await home.run(*words)

    assert (found.status, found.output) == (2, "")
    assert error in found.errors


async def test_a_reconnect_that_nobody_answers_ends_in_time(scene: Scene, home: Home) -> None:
    async with scene.world.server() as server:
        await scene.apply(mailbox(at(server) | {"suspend": True}))
        await scene.change({"suspend": False})

        found = await home.run("reconnect", "jane", "--wait", "--timeout", "0.1", "-n", "default")
        none = await home.run("senders")

    assert (found.status, "there is no Mailbox jane" in found.errors) == (2, True)
    assert (none.status, "there is no Sender" in none.errors) == (0, True)


async def test_a_mailbox_that_takes_no_consent_has_no_page(scene: Scene, home: Home) -> None:
    async with scene.world.server() as server:
        await scene.apply(password("wrong"), mailbox(at(server)))
        await scene.until(stalled("InvalidCredentials"))

        found = await home.run("connect", "jane", "--no-wait")

    assert (found.status, "takes no consent" in found.errors) == (2, True)


async def test_kubectl_runs_it_as_a_plugin(scene: Scene, home: Home) -> None:
    async with scene.world.server() as server:
        await connected_at(scene, server)

        found = await home.run_program("mailbox", "status", "jane", program="kubectl")
        usage = await home.run_program("mailbox", "reconnect", "--help", program="kubectl")

    assert (found.status, found.errors) == (0, "")
    assert "kubectl mailbox reconnect jane --wait" in usage.output


async def test_a_diagnosis_holds_objects_and_no_secret(scene: Scene, home: Home) -> None:
    behaviour = replace(GOOD, accounts={"jane@acme.example": PASSWORD})
    async with scene.world.server(behaviour) as server:
        await scene.apply(password(PASSWORD), mailbox(at(server)), sender("jane"))
        pod = POD | {"metadata": POD["metadata"] | {"namespace": scene.namespace}}
        await asyncio.to_thread(scene.cluster.plane.apply, pod)
        await scene.until(connected())
        found = await home.run("diagnose", "--to", str(home.folder / "report.tar.gz"))

    packed = (home.folder / "report.tar.gz").read_bytes()
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        files = {each.name: archive.extractfile(each).read() for each in archive.getmembers()}  # type: ignore[union-attr]
    whole = b"".join(files.values())
    (jane,) = yaml.safe_load(files["mailbox-diagnosis/mailbox.yaml"])
    assert found.status == 0
    assert "look at it before you publish it" in found.errors
    assert jane["metadata"]["name"] == "jane"
    assert "managedFields" not in jane["metadata"]
    assert b"Connected" in files["mailbox-diagnosis/events.yaml"]
    assert b"(left out)" in files["mailbox-diagnosis/operator/pods.yaml"]
    assert (PASSWORD.encode() in whole, b"kind: Secret\n" in whole) == (False, False)


@pytest.mark.parametrize("shell", ["bash", "zsh"])
async def test_a_completion_names_the_commands(home: Home, shell: str) -> None:
    found = await home.run_program("completion", shell, program="mailbox-operator")

    assert found.status == 0
    assert "reconnect" in found.output
