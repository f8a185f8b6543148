"""The applications of the documentation send through the gateway's own ports."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pytest

from lab.clients.applications import DOCS, FILES, send
from system.gateway.gates import Gate, Gateway, gateway

TO: Final = "jane@other.example"


@dataclass(slots=True)
class Counting(Gate):
    """A gate that counts logins."""

    logins: int = 0

    def welcomed(self) -> None:
        """Count a login."""
        self.logins += 1


@pytest.fixture
async def running() -> AsyncIterator[Gateway]:
    async with gateway() as opened:
        yield opened


@pytest.mark.parametrize("language", FILES)
async def test_an_application_sends_by_what_is_in_the_secret(
    running: Gateway, tmp_path: Path, language: str
) -> None:
    ended = await send(language, running.login, TO, tmp_path)

    assert ended.status == 0, ended.said
    assert [message.recipients for message in running.gate.messages] == [(TO,)]
    assert b"It is on its way.\r\n" in running.gate.messages[0].content


@pytest.mark.parametrize("language", FILES)
async def test_an_application_without_the_authority_does_not_log_in(
    tmp_path: Path, language: str
) -> None:
    gate = Counting()
    async with gateway(gate) as running:
        ended = await send(language, replace(running.login, certificates=""), TO, tmp_path)

    assert ended.status != 0
    assert "certif" in ended.said.lower()
    assert (gate.logins, gate.messages) == (0, [])


@pytest.mark.parametrize("language", FILES)
async def test_an_application_does_not_log_in_at_another_name(
    tmp_path: Path, language: str
) -> None:
    gate = Counting()
    async with gateway(gate, names=["elsewhere.example"]) as running:
        ended = await send(language, running.login, TO, tmp_path)

    assert ended.status != 0
    assert (gate.logins, gate.messages) == (0, [])


async def test_node_takes_the_authority_from_a_file(running: Gateway, tmp_path: Path) -> None:
    authority = tmp_path / "authority.pem"
    authority.write_bytes(running.ca_pem)
    login = replace(running.login, certificates="")

    ended = await send("node", login, TO, tmp_path, NODE_EXTRA_CA_CERTS=str(authority))

    assert ended.status == 0, ended.said


@pytest.mark.parametrize("language", FILES)
def test_the_page_shows_the_application_as_it_is(language: str) -> None:
    program = FILES[language]
    page = (DOCS / "sending.md").read_text()

    assert f"[{program.name}]({program.relative_to(DOCS)})" in page
    assert f"\n{program.read_text()}```\n" in page


async def test_the_pool_of_nodemailer_sends_many_messages_by_two_logins(tmp_path: Path) -> None:
    recipients = {f"user{number}@other.example" for number in range(10)}
    gate = Counting()

    async with gateway(gate) as running:
        ended = await send("node", running.login, ",".join(sorted(recipients)), tmp_path)

    assert ended.status == 0, ended.said
    assert {message.recipients for message in gate.messages} == {(to,) for to in recipients}
    assert gate.logins == 2


async def test_the_php_application_leaves_no_file_behind(running: Gateway, tmp_path: Path) -> None:
    ended = await send("php", running.login, TO, tmp_path, TMPDIR=str(tmp_path))

    assert ended.status == 0, ended.said
    assert names(tmp_path) == ["vendor"]


def names(directory: Path) -> list[str]:
    """List what is in a directory."""
    return sorted(each.name for each in directory.iterdir())
