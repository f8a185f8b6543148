"""`mailbox-operator verify`: the same attempt from manifests, without any cluster."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import pytest_asyncio
import yaml

from lab.stand.manifests import Manifest, at, infrastructure, mailbox, password, secret, sender
from lab.stand.specs import MANAGED_SMTP
from lab.stand.world import World
from system.scenarios.desk import Desk

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(loop_scope="module")
async def desk(world: World, tmp_path: Path) -> AsyncIterator[Desk]:
    async with Desk.of(world, tmp_path) as made:
        yield made


async def test_a_good_mailbox_connects(desk: Desk) -> None:
    file = desk.write(password(), mailbox(at(desk.server)))

    outcome = await desk.verify("-f", file)

    assert outcome.status == 0
    heading, line = outcome.output.splitlines()
    assert heading.split() == ["NAMESPACE", "NAME", "CONNECTED", "READY", "REASON", "MESSAGE"]
    assert line.split()[:5] == ["default", "jane", "True", "True", "Connected"]
    assert desk.server.auths == 1


async def test_a_bad_mailbox_fails_the_command_and_the_good_one_is_still_reported(
    desk: Desk,
) -> None:
    wrong = at(desk.server, credentialsSecretRef={"name": "wrong"})
    file = desk.write(
        password(),
        secret({"password": "wrong"}, "wrong"),
        mailbox(at(desk.server)),
        mailbox(wrong, "wrong"),
    )

    outcome = await desk.verify("-f", file)

    assert outcome.status == 1
    reasons = [line.split()[4] for line in outcome.output.splitlines()[1:]]
    assert reasons == ["Connected", "InvalidCredentials"]


async def test_a_sender_is_reported_after_the_mailboxes_that_it_names(desk: Desk) -> None:
    file = desk.write(sender("jane"), password(), mailbox(at(desk.server)))

    outcome = await desk.verify("-f", file)

    lines = [line.split()[1:5] for line in outcome.output.splitlines()[1:]]
    assert outcome.status == 0
    assert lines == [["jane", "True", "True", "Connected"], ["app", "-", "True", "Available"]]


async def test_a_sender_selects_mailboxes_of_the_files_by_their_labels(desk: Desk) -> None:
    labelled = mailbox(at(desk.server))
    labelled["metadata"]["labels"] = {"team": "sales"}
    selecting = [
        sender(name=name) | {"spec": {"mailboxes": {"selector": {"matchLabels": {"team": name}}}}}
        for name in ("sales", "support")
    ]
    file = desk.write(*selecting, password(), labelled)

    outcome = await desk.verify("-f", file)

    reasons = {line.split()[1]: line.split()[4] for line in outcome.output.splitlines()[1:]}
    assert outcome.status == 1
    assert reasons == {"jane": "Connected", "sales": "Available", "support": "NoMailbox"}


async def test_the_sender_of_a_mailbox_that_may_fail_fails_no_command(desk: Desk) -> None:
    file = desk.write(sender("jane"), password("wrong"), mailbox(at(desk.server)))

    outcome = await desk.verify("-f", file, "--allow", "InvalidCredentials")

    reasons = [line.split()[4] for line in outcome.output.splitlines()[1:]]
    assert (outcome.status, reasons) == (0, ["InvalidCredentials", "MailboxNotConnected"])


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        pytest.param(sender("jill"), "NoMailbox", id="a mailbox that the files do not hold"),
        pytest.param(sender("jane@acme.example"), "InvalidSpec", id="an address for a name"),
    ],
)
async def test_a_wrong_sender_beside_a_good_mailbox_fails_the_command(
    desk: Desk, wrong: Manifest, reason: str
) -> None:
    file = desk.write(wrong, password(), mailbox(at(desk.server)))

    outcome = await desk.verify("-f", file)

    assert outcome.status == 1
    assert outcome.output.splitlines()[2].split()[4] == reason


@pytest.mark.parametrize("form", ["json", "yaml"])
async def test_programs_read_the_status_that_the_operator_would_write(
    desk: Desk, form: str
) -> None:
    dated = mailbox(at(desk.server))
    dated["metadata"] |= {"annotations": {"since": datetime.now(UTC).date()}}  # as YAML reads it
    file = desk.write(password(), dated)

    outcome = await desk.verify("-f", file, "-o", form)

    found = yaml.safe_load(outcome.output)  # JSON is YAML
    found = found["items"][0] if form == "json" else found
    assert found["metadata"]["name"] == "jane"
    assert found["status"]["conditions"][0]["reason"] == "Connected"
    assert found["status"]["endpoint"]["port"] == desk.server.port


async def test_manifests_come_from_a_folder_and_from_the_standard_input(desk: Desk) -> None:
    desk.write(password(), name="secret.yml")
    desk.write(mailbox(at(desk.server)))

    outcome = await desk.verify(
        "-f", str(desk.folder), "-", text=yaml.safe_dump(mailbox(at(desk.server), "piped"))
    )

    assert outcome.status == 0
    assert [line.split()[1] for line in outcome.output.splitlines()[1:]] == ["jane", "piped"]


async def test_a_managed_mailbox_finds_its_infrastructure_among_the_files(desk: Desk) -> None:
    preset = {"name": "Acme", "host": "localhost", "port": desk.server.port}
    offer = infrastructure("default", {"presets": [preset | {"domains": ["acme.example"]}]})
    file = desk.write(password(), offer, mailbox(MANAGED_SMTP))

    outcome = await desk.verify("--filename", file)

    assert outcome.status == 0


@pytest.mark.parametrize(
    ("manifests", "named"),
    [
        pytest.param([], "Secret jane", id="missing Secret"),
        pytest.param([password()], "spec.colour", id="unknown field"),
    ],
)
async def test_a_mistake_in_the_manifests_is_named(
    desk: Desk, manifests: list[Manifest], named: str
) -> None:
    odd = {"colour": "red"} if manifests else {}
    file = desk.write(*manifests, mailbox(at(desk.server, **odd)))

    outcome = await desk.verify("-f", file)

    assert outcome.status == 1
    assert named in outcome.output


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(yaml.safe_dump(password()), id="no Mailbox"),
        pytest.param("kind: [", id="no YAML"),
        pytest.param("just words", id="no mapping"),
        pytest.param("kind: Mailbox", id="no name"),
        pytest.param("kind: List", id="empty list"),
        pytest.param(
            yaml.safe_dump(mailbox({}) | {"apiVersion": "other.example/v1"}), id="another API"
        ),
    ],
)
async def test_files_that_hold_no_mailbox_are_refused(desk: Desk, text: str) -> None:
    outcome = await desk.verify("-f", "-", text=text)

    assert outcome.status == 2
    assert outcome.errors.startswith("mailbox-operator: ")
    assert outcome.output == ""


async def test_a_file_that_is_not_there_is_refused(desk: Desk) -> None:
    outcome = await desk.verify("-f", str(desk.folder / "absent.yaml"))

    assert (outcome.status, "absent.yaml" in outcome.errors) == (2, True)


async def test_every_wrong_value_of_the_configuration_is_named_at_once(desk: Desk) -> None:
    desk.configuration.write_text("{limits: {burst: 0}, timeouts: {connect: soon}, colour: red}")

    outcome = await desk.verify("-f", desk.write(mailbox(at(desk.server))))

    assert outcome.status == 2
    for value in ("limits.burst", "timeouts.connect", "colour"):
        assert value in outcome.errors
