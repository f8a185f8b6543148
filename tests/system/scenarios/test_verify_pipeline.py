"""`mailbox-operator verify` where pipelines use it: charts, platforms, reports, many at one server."""

import asyncio
import os
import pty
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree as ET

import pytest
import pytest_asyncio
import yaml

from lab.stand.manifests import at, infrastructure, mailbox, password, secret
from lab.stand.operator_process import environment
from lab.stand.world import World
from system.rollout.test_combinations import APP, NAMES, SERVER, platform, tenant
from system.scenarios.desk import Desk
from system.tenant.chart import Chart

pytestmark = pytest.mark.asyncio(loop_scope="module")

MANAGED_OAUTH: Final = {"google-managed", "outlook-managed"}


@pytest_asyncio.fixture(loop_scope="module")
async def desk(world: World, tmp_path: Path) -> AsyncIterator[Desk]:
    async with Desk.of(world, tmp_path) as made:
        yield made


@pytest_asyncio.fixture(loop_scope="module")
async def rendered(world: World, helm: Path, tmp_path: Path) -> AsyncIterator[tuple[Desk, str]]:
    """A desk, and what Helm renders of all six combinations, with a plan and people."""
    for name in ("google-private", "outlook-private"):
        world.grant(name, f"{name}@acme.example")
    async with Desk.of(world, tmp_path, SERVER) as desk:
        plan: dict[str, Any] = {
            "quota": {"mailboxes": 9},
            "bounds": {"minCheckInterval": "1m"},
            "people": [{"kind": "Group", "name": "acme"}],
        }
        yield desk, Chart(helm).text(tenant(desk.server) | plan)


def offer(desk: Desk) -> dict[str, Any]:
    """Declare what the platform offers."""
    return infrastructure("default", platform(desk.server)["default"])


async def test_the_charts_six_combinations_pass_once_consent_may_be_awaited(
    rendered: tuple[Desk, str],
) -> None:
    desk, text = rendered
    assert "kind: ResourceQuotaList" in text
    files = ("-n", "acme", "-f", "-", desk.write(offer(desk), secret(APP, "app", "mail")))

    outcome = await desk.verify(*files, "--allow", "AwaitingConsent", text=text)

    reasons = {
        name: "AwaitingConsent" if name in MANAGED_OAUTH else outcome.reasons[name]
        for name in NAMES
    }
    assert outcome.reasons == reasons
    assert set(outcome.reasons.values()) <= {
        "AwaitingConsent", "Connected", "ConnectedUnverified"
    }  # fmt: skip
    assert outcome.status == 0, outcome.output
    assert "1 ResourceQuota" in outcome.errors


async def test_a_mailbox_that_awaits_consent_fails_a_pipeline_that_does_not_allow_it(
    rendered: tuple[Desk, str],
) -> None:
    desk, text = rendered
    files = ("-n", "acme", "-f", "-", desk.write(offer(desk), secret(APP, "app", "mail")))

    assert (await desk.verify(*files, text=text)).status == 1


async def test_an_unknown_reason_cannot_be_allowed(desk: Desk) -> None:
    outcome = await desk.verify("-f", "-", "--allow", "Anything")

    assert (outcome.status, "invalid choice" in outcome.errors) == (2, True)


async def test_a_platform_checks_its_apps_before_anybody_uses_them(desk: Desk) -> None:
    good, bad = secret(APP, "app", "mail"), secret(APP | {"client-secret": "old"}, "app", "mail")

    fine = await desk.verify("-f", desk.write(offer(desk), good))
    stale = await desk.verify("-f", desk.write(offer(desk), bad))

    assert (fine.status, fine.reasons) == (0, {"default": "Connected"})
    assert (stale.status, stale.reasons) == (1, {"default": "OAuthAppInvalid"})


async def test_a_platform_checks_its_relay_before_anybody_uses_it(desk: Desk) -> None:
    relay = {"host": "localhost", "port": desk.server.port}
    declared = infrastructure("eu", {"relay": relay | {"credentialsSecretRef": {"name": "relay"}}})
    login = {"username": "jane@acme.example", "password": "right"}

    fine = await desk.verify("-f", desk.write(declared, secret(login, "relay")))
    wrong = await desk.verify(
        "-f", desk.write(declared, secret(login | {"password": "x"}, "relay"))
    )

    assert (fine.status, fine.reasons) == (0, {"eu": "Connected"})
    assert (wrong.status, wrong.reasons) == (1, {"eu": "InvalidCredentials"})


async def test_a_platforms_secret_of_several_namespaces_needs_the_operators(desk: Desk) -> None:
    twice = [secret(APP, "app", namespace) for namespace in ("mail", "post")]

    outcome = await desk.verify("-f", desk.write(offer(desk), *twice))

    assert (outcome.status, "set operatorNamespace" in outcome.output) == (1, True)


async def test_a_secret_that_the_api_server_refuses_fails_the_pipeline(desk: Desk) -> None:
    number, unused = password() | {"stringData": {"password": 12345}}, secret({}, "unused")
    wrong = desk.write(number, mailbox(at(desk.server)))
    beside = desk.write(password(), unused | {"data": 1}, mailbox(at(desk.server)), name="b.yaml")

    used, other = await desk.verify("-f", wrong), await desk.verify("-f", beside)

    assert (used.status, used.reasons) == (1, {"jane": "CredentialsMissing"})
    assert "stringData.password: it must be a string: put it in quotes" in used.output
    assert (other.status, other.reasons) == (1, {"jane": "Connected"})
    assert "Secret default/unused: data: " in other.errors


async def test_every_mistake_of_the_files_is_named_before_anything_is_tried(desk: Desk) -> None:
    spec = mailbox(at(desk.server, checkInterval="soon", colour="red", suspend="no"))
    alien = mailbox(at(desk.server), "alien") | {"apiVersion": "other.example/v1"}

    outcome = await desk.verify("-f", desk.write(spec, alien))

    for place in ("spec.checkInterval", "spec.colour", "spec.suspend", "apiVersion"):
        assert place in outcome.errors
    assert (outcome.status, outcome.output, desk.server.attempts) == (2, "", [])


async def test_a_mailbox_names_all_mistakes_of_its_spec(desk: Desk) -> None:
    spec = mailbox(at(desk.server, checkInterval="soon", colour="red", suspend="no"))

    outcome = await desk.verify("-f", desk.write(spec))

    assert (outcome.status, outcome.reasons) == (1, {"jane": "InvalidSpec"})
    for place in ("spec.checkInterval", "spec.colour", "spec.suspend"):
        assert place in outcome.output


@pytest.mark.parametrize(("limit", "most"), [(20, 4), (2, 2)])
async def test_a_server_sees_only_so_many_at_once(
    world: World, tmp_path: Path, limit: int, most: int
) -> None:
    async with Desk.of(world, tmp_path, limits={"concurrentPerHost": limit}) as desk:
        many = [mailbox(at(desk.server), f"jane-{number}") for number in range(20)]

        outcome = await desk.verify("-f", desk.write(password(), *many))

        assert outcome.status == 0
        assert 1 < desk.server.most_open <= most


async def test_junit_names_each_mailbox_and_why_it_fails(desk: Desk) -> None:
    wrong = at(desk.server, credentialsSecretRef={"name": "wrong"})
    file = desk.write(
        password(),
        mailbox(at(desk.server)),
        mailbox(wrong, "wrong"),
        mailbox(at(desk.server, suspend=True), "asleep"),
    )

    outcome = await desk.verify("-f", file, "-o", "junit")

    suites = ET.fromstring(outcome.output)  # noqa: S314 - our own output
    assert suites.attrib == {"tests": "3", "failures": "1", "skipped": "1"}
    cases = {case.get("name"): [child.tag for child in case] for case in suites.iter("testcase")}
    assert cases == {"jane": [], "wrong": ["failure"], "asleep": ["skipped"]}
    (failure,) = suites.iter("failure")
    assert failure.get("type") == "CredentialsMissing"
    assert "Secret wrong" in failure.get("message", "")


async def test_github_shows_a_failure_at_the_manifest(desk: Desk) -> None:
    odd = yaml.safe_dump(mailbox({"100%": 1}, "odd"))
    good = yaml.safe_dump_all([password(), mailbox(at(desk.server))])
    file = desk.folder / "all.yaml"
    file.write_text(f"{good}---\n{odd}")

    outcome = await desk.verify("-f", str(file), "-o", "github")

    annotation, summary = outcome.output.splitlines()
    place = f"file={file},line={good.count(chr(10)) + 2}"
    assert annotation.startswith(f"::error {place},title=default/odd InvalidSpec::The field ")
    assert "spec.100%25" in annotation
    assert (outcome.status, summary) == (1, "1 of 2 pass")


async def test_progress_is_shown_on_a_terminal_alone(desk: Desk) -> None:
    file = desk.write(password(), mailbox(at(desk.server)))
    ours, theirs = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        *desk.command("-f", file), env=environment(), stdout=asyncio.subprocess.PIPE, stderr=theirs
    )
    os.close(theirs)

    output, _ = await process.communicate()
    piped = await desk.verify("-f", file)

    shown = os.read(ours, 4096).decode()
    os.close(ours)
    assert "1 of 1: default/jane Connected" in shown
    assert (piped.errors, piped.output) == ("", output.decode())
