"""Mail programs send through the gateway's own ports."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import pytest

from lab.clients.programs import run
from lab.clients.swaks import WAYS, swaks
from system.gateway.gates import ADDRESS, Gateway, gateway

TO: Final = "jane@other.example"


@pytest.fixture
async def running() -> AsyncIterator[Gateway]:
    async with gateway() as opened:
        yield opened


@pytest.mark.parametrize("way", WAYS)
async def test_swaks_sends(running: Gateway, tmp_path: Path, way: str) -> None:
    ended = await swaks(running.login, tmp_path, TO, way)

    assert ended.status == 0, ended.said
    assert [message.recipients for message in running.gate.messages] == [(TO,)]


async def test_swaks_shows_a_refusal_as_it_is(running: Gateway, tmp_path: Path) -> None:
    ended = await swaks(running.login, tmp_path, TO, sender="boss@acme.example")

    assert "553 5.7.1 boss@acme.example is not a mailbox of sender acme/keycloak" in ended.said


@pytest.mark.parametrize("is_tls", [False, True], ids=["STARTTLS", "TLS"])
async def test_msmtp_sends_lines_that_begin_with_a_dot(
    running: Gateway, tmp_path: Path, *, is_tls: bool
) -> None:
    login, trust = running.login, tmp_path / "authority.pem"
    trust.write_text(login.certificates)
    port = login.tls_port if is_tls else login.port
    starttls = "off" if is_tls else "on"

    ended = await run(
        *("msmtp", "--file=/dev/null", f"--host={login.host}", f"--port={port}"),
        *("--tls=on", f"--tls-starttls={starttls}", f"--tls-trust-file={trust}"),
        *("--auth=on", f"--user={login.username}", f"--passwordeval=echo {login.password}"),
        *(f"--from={ADDRESS}", TO),
        stdin=f"From: {ADDRESS}\nTo: {TO}\nSubject: hi\n\n.\n.dot\n..\nend\n",
    )

    assert ended.status == 0, ended.said
    assert running.gate.messages[0].content.endswith(b"\r\n\r\n.\r\n.dot\r\n..\r\nend\r\n")


@pytest.mark.parametrize("is_tls", [False, True], ids=["STARTTLS", "TLS"])
async def test_curl_sends(running: Gateway, tmp_path: Path, *, is_tls: bool) -> None:
    login, trust, mail = running.login, tmp_path / "authority.pem", tmp_path / "mail"
    trust.write_text(login.certificates)
    mail.write_text(f"From: {ADDRESS}\r\nTo: {TO}\r\nSubject: hi\r\n\r\n.\r\n.dot\r\nend\r\n")
    scheme, port = ("smtps", login.tls_port) if is_tls else ("smtp", login.port)

    ended = await run(
        *("curl", "--silent", "--show-error", "--ssl-reqd", "--cacert", trust),
        *("--mail-from", ADDRESS, "--mail-rcpt", TO, "--upload-file", mail),
        *("--user", f"{login.username}:{login.password}", f"{scheme}://{login.host}:{port}"),
    )

    assert ended.status == 0, ended.said
    assert running.gate.messages[0].content.endswith(b"\r\n\r\n.\r\n.dot\r\nend\r\n")
