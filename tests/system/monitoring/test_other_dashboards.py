"""What docs/other-dashboards.md tells people to do, run as it stands."""

import re

import pytest

from lab.stand.scene import Scene
from system.monitoring.dashboards import COMMANDS, FAILING, PLATFORM, Page

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

LIST = "kubectl get mailboxes --all-namespaces"
AGE = re.compile(r"\d+[smh]")


async def rows(page: Page, words: str) -> list[list[str]]:
    """Run a command of the page, and read the columns of what it says of the test's own namespace."""
    said = await page.said(words)
    table = [re.split(r" {2,}", line.strip()) for line in said.splitlines()]
    return [table[0], *(row for row in table[1:] if row[0] == "acme")]


async def test_each_command_runs_as_it_stands(page: Page, scene: Scene) -> None:
    said = {command: await page.run(command) for command in COMMANDS}

    assert len(said) == 10
    assert [command for command, answer in said.items() if not answer] == [COMMANDS[-1]]


async def test_kubectl_lists_why_and_since_when_mailboxes_fail(page: Page, scene: Scene) -> None:
    header, *listed = await rows(page, f"{LIST}\n")

    [wrong] = [row for row in listed if row[1] == "wrong"]
    assert header[-4:] == ["REASON", "SUSPENDED", "SINCE", "AGE"]
    assert wrong[3:5] == ["SMTP", "Private"]
    assert wrong[-5:-2] == ["False", "InvalidCredentials", "false"]
    assert AGE.match(wrong[-2])


async def test_a_wide_list_says_who_must_act(page: Page, scene: Scene) -> None:
    _, *listed = await rows(page, f"{LIST} --output wide\n")

    [wrong] = [row for row in listed if row[1] == "wrong"]
    assert "Mailbox owner: correct" in wrong[-1]


async def test_failing_mailboxes_are_listed_with_reason_time_and_who_must_act(
    page: Page, scene: Scene
) -> None:
    header, *failing = await rows(page, "custom-columns")

    assert header == ["NAMESPACE", "NAME", "READY", "REASON", "SINCE", "MESSAGE"]
    assert {row[1]: row[3] for row in failing} == FAILING
    assert [
        row for row in failing if not re.search("Mailbox owner: |Platform team: ", row[5])
    ] == []
    assert [row for row in failing if not row[4].endswith("Z")] == []


async def test_the_platform_team_finds_the_mailboxes_that_wait_for_it(
    page: Page, scene: Scene
) -> None:
    found = await page.said("grep 'Platform team: '")

    ours = [line.split()[1] for line in found.splitlines() if line.startswith("acme ")]
    assert ours == ["managed"]


async def test_mailboxes_that_waiting_does_not_fix_are_listed(page: Page, scene: Scene) -> None:
    found = await page.said("go-template")

    ours = [line for line in found.splitlines() if line.startswith("acme/")]
    assert ours == ["acme/wrong InvalidCredentials"]


async def test_an_infrastructure_shows_since_when_it_fails(page: Page, scene: Scene) -> None:
    said = await page.said("kubectl get managedinfrastructures")

    [row] = [line.split() for line in said.splitlines() if line.startswith(PLATFORM)]
    assert row[1:3] == ["True", "Connected"]
    assert AGE.match(row[3])


async def test_the_events_of_one_mailbox_are_shown(page: Page, scene: Scene) -> None:
    said = await page.said("kubectl events")

    assert re.search(r"Normal +Connected +Mailbox/jane", said)
