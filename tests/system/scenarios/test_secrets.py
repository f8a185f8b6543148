"""What is written to Secrets: only what is used of them matters, and only that is read."""

import asyncio
import base64
import re
import secrets
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from lab.stand.installation import Installation
from lab.stand.manifests import Manifest, at, mailbox, password, secret
from lab.stand.operator_process import Operator
from lab.stand.scene import Scene
from lab.stand.standings import connected, stalled
from lab.stand.world import GOOD, World

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

FLEET: Final = tuple(f"mailbox-{number}" for number in range(5))
HARMLESS: Final[dict[str, dict[str, Any]]] = {
    "annotation": {"metadata": {"annotations": {"reconciled-at": "12:00"}}},
    "label": {"metadata": {"labels": {"team": "acme"}}},
    "unrelated key": {"data": {"database-password": "eA=="}},
    "the operator's own annotation": {
        "metadata": {"annotations": {"mailbox-operator.io/expires-at": "2027-01-01"}}
    },
}
FAR: Final = "24h"
MOST_MIB: Final = 250


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
async def test_a_write_that_changes_nothing_that_is_used_dials_nobody_and_writes_nothing(
    scene: Scene, change: dict[str, Any]
) -> None:
    own = f"{scene.namespace}@acme.example"  # each account is refused only so often
    async with scene.world.server(replace(GOOD, accounts={own: "right"}, senders=(own,))) as server:
        asked = at(server, address=own, checkInterval=FAR)
        await scene.apply(password(), *(mailbox(asked, name) for name in FLEET))
        await asyncio.gather(*(scene.until(connected(), name) for name in FLEET))
        written = [len(scene.writes(name)) for name in FLEET]
        tried = [len(scene.attempts(name)) for name in FLEET]

        read = scene.reads()
        await scene.cluster.merge("Secret", "jane", change, scene.namespace)
        await scene.until_read(read + 1)
        await scene.cluster.merge("Secret", "jane", password("wrong"), scene.namespace)
        await asyncio.gather(*(scene.until(stalled("InvalidCredentials"), n) for n in FLEET))

    assert [len(scene.attempts(name)) for name in FLEET] == [each + 1 for each in tried]
    assert [len(scene.writes(name)) for name in FLEET] == [each + 1 for each in written]


async def test_a_seal_says_nothing_that_a_person_could_test_guesses_with(scene: Scene) -> None:
    async with scene.world.server() as server:
        await scene.apply(password(), secret({"password": "right"}, "other"))
        others = at(server) | {"credentialsSecretRef": {"name": "other"}}
        await scene.apply(mailbox(at(server)), mailbox(others, "other"))
        found = [await scene.until(connected(), name) for name in ("jane", "other")]

    first, second = (each["status"]["secretVersion"].partition(".")[2] for each in found)
    assert first != second != ""


async def create(scene: Scene, objects: Iterable[Manifest]) -> None:
    """Create many objects, a few at a time."""
    turns = asyncio.Semaphore(4)

    async def one(each: Manifest) -> None:
        async with turns:
            await scene.apply(each)

    await asyncio.gather(*(one(each) for each in objects))


def labels(count: int) -> dict[str, str]:
    """Make about a hundred bytes each."""
    return {f"l{number:06d}.example.com/{'k' * 40}": "v" * 50 for number in range(count)}


def fat(number: int, **more: Any) -> Manifest:
    content = base64.b64encode(secrets.token_bytes(750_000)).decode()
    return secret({}, f"fat-{number}") | {"data": {"x": content}} | more


def labelled(each: Manifest, count: int = 5000) -> Manifest:
    return each | {"metadata": each["metadata"] | {"labels": labels(count)}}


def peak_mib(operator: Operator) -> float:
    """Read how much memory it has had at most."""
    status = Path(f"/proc/{operator.process.pid}/status").read_text()
    found = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert found is not None
    return int(found[1]) / 1024


@pytest.mark.timeout(300)
async def test_fat_objects_of_a_tenant_do_not_fill_the_memory(
    world: World, installation: Installation
) -> None:
    configuration = installation.write_configuration(world.configuration())
    async with (
        Operator.run(installation, configuration) as first,
        world.server() as server,
        Scene.open(world, first) as scene,
    ):
        await first.terminate()
        await create(scene, (fat(number) for number in range(100)))
        await create(scene, (labelled(secret({}, f"labelled-{n}")) for n in range(10)))
        await create(scene, (labelled(mailbox(at(server), f"fat-{n}")) for n in range(5)))

        async with Operator.run(installation, configuration) as second:
            await second.wait_ready()

            assert peak_mib(second) < MOST_MIB


async def test_a_secret_that_no_mailbox_names_never_comes_into_the_process(scene: Scene) -> None:
    marks = [secrets.token_hex(16) for _ in range(5)]
    encoded = [base64.b64encode(mark.encode()).decode()[:40] for mark in marks]
    for number, mark in enumerate(marks):
        await scene.apply(secret({"database-password": mark}, f"unrelated-{number}"))
    await scene.cluster.merge("Secret", "unrelated-0", HARMLESS["label"], scene.namespace)
    async with scene.world.server() as server:
        await scene.apply(password(), mailbox(at(server)))
        await scene.until(connected())

    assert [each for each in (*marks, *encoded) if is_in_memory(scene.operator, each)] == []
    assert is_in_memory(scene.operator, scene.namespace)


def is_in_memory(operator: Operator, text: str) -> bool:
    """Say whether a text is anywhere in the memory of the process."""
    directory = Path(f"/proc/{operator.process.pid}")
    ranges = re.findall(r"(?m)^([0-9a-f]+)-([0-9a-f]+) r", (directory / "maps").read_text())
    with (directory / "mem").open("rb", buffering=0) as memory:
        return any(text.encode() in read(memory, int(a, 16), int(b, 16)) for a, b in ranges)


def read(memory: Any, start: int, end: int) -> bytes:
    """Read a range of memory; empty where the kernel keeps it to itself."""
    try:
        memory.seek(start)
        content: bytes = memory.read(end - start)
    except (OSError, OverflowError):
        return b""
    return content
