"""Mail programs, and the examples of the documentation, send through the gateway's own ports."""

import asyncio
import os
import shutil
import sys
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Final

import pytest

from system.gateway.gates import ADDRESS, HOST, PASSWORD, USERNAME, Gateway, gateway

EXAMPLES: Final = Path(__file__).parents[3] / "docs" / "examples"
PHPMAILER: Final = Path("/usr/share/php/libphp-phpmailer")
DEBIAN: Final = "apt-get install -y --no-install-recommends"
INSTALL: Final = {
    "swaks": f"{DEBIAN} swaks libnet-ssleay-perl",
    "msmtp": f"{DEBIAN} msmtp",
    "php": f"{DEBIAN} php-cli libphp-phpmailer",
    "go": "https://go.dev/doc/install",
}
TO: Final = "jane@other.example"
LOGIN: Final = ("--auth-user", USERNAME, "--auth-password", PASSWORD)
SWAKS: Final = {
    "PLAIN": ("--tls", "--auth", "PLAIN"),
    "LOGIN": ("--tls", "--auth", "LOGIN"),
    "pipelined": ("--tls", "--auth", "PLAIN", "--pipeline"),
    "TLS": ("--tls-on-connect", "--auth", "PLAIN"),
}
PROGRAMS: Final = {
    "python": (sys.executable, EXAMPLES / "send.py"),
    "go": ("go", "run", EXAMPLES / "sending" / "send.go"),
    "php": ("php", EXAMPLES / "sending" / "send.php"),
}


@pytest.fixture
async def running() -> AsyncIterator[Gateway]:
    async with gateway() as opened:
        yield opened


@pytest.fixture
def workplace(tmp_path: Path) -> Path:
    """Make a directory as Composer leaves it, with the PHPMailer of Debian."""
    (tmp_path / "vendor").symlink_to(PHPMAILER)
    return tmp_path


async def run(
    *command: str | Path,
    stdin: bytes = b"",
    environment: Mapping[str, str] | None = None,
    directory: Path | None = None,
) -> tuple[int | None, str]:
    """Run a program to its end; return its status and what it said."""
    name = command[0]
    assert shutil.which(name), f"{name} is missing: {INSTALL[str(name)]}"
    process = await asyncio.create_subprocess_exec(
        *command,
        cwd=directory,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env=environment,
    )
    said, _ = await process.communicate(stdin)
    return process.returncode, said.decode(errors="replace")


def swaks(running: Gateway, authority: Path, way: str, sender: str = ADDRESS) -> tuple[str, ...]:
    """Write a command of swaks."""
    port = running.tls_port if way == "TLS" else running.port
    return (
        *("swaks", "--server", HOST, "--port", str(port), "--tls-ca-path", str(authority)),
        *("--tls-verify", "--from", sender, "--to", TO, *LOGIN, *SWAKS[way]),
    )


@pytest.mark.parametrize("way", SWAKS)
async def test_swaks_sends(running: Gateway, tmp_path: Path, way: str) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_bytes(running.ca_pem)

    status, said = await run(*swaks(running, authority, way))

    assert status == 0, said
    assert [message.recipients for message in running.gate.messages] == [(TO,)]


async def test_swaks_shows_a_refusal_as_it_is(running: Gateway, tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    authority.write_bytes(running.ca_pem)

    _, said = await run(*swaks(running, authority, "PLAIN", "boss@acme.example"))

    assert "553 5.7.1 boss@acme.example is not a mailbox of sender acme/keycloak" in said


@pytest.mark.parametrize("is_tls", [False, True], ids=["STARTTLS", "TLS"])
async def test_msmtp_sends_lines_that_begin_with_a_dot(
    running: Gateway, tmp_path: Path, *, is_tls: bool
) -> None:
    (tmp_path / "ca.pem").write_bytes(running.ca_pem)
    port = running.tls_port if is_tls else running.port
    starttls = "off" if is_tls else "on"
    mail = f"From: {ADDRESS}\nTo: {TO}\nSubject: hi\n\n.\n.dot\n..\nend\n"

    status, said = await run(
        *("msmtp", "--file=/dev/null", f"--host={HOST}", f"--port={port}", f"--user={USERNAME}"),
        *("--auth=on", "--tls=on", f"--tls-starttls={starttls}", f"--from={ADDRESS}"),
        *(f"--tls-trust-file={tmp_path / 'ca.pem'}", f"--passwordeval=echo {PASSWORD}", TO),
        stdin=mail.encode(),
    )

    assert status == 0, said
    assert running.gate.messages[0].content.endswith(b"\r\n\r\n.\r\n.dot\r\n..\r\nend\r\n")


def environment(running: Gateway, certificates: str) -> Mapping[str, str]:
    """Write what the Secret of a Sender brings to an application."""
    return {
        **os.environ,
        "SMTP_HOST": HOST,
        "SMTP_PORT": str(running.port),
        "SMTP_USERNAME": USERNAME,
        "SMTP_PASSWORD": PASSWORD,
        "SMTP_FROM": ADDRESS,
        "SMTP_CERTIFICATES": certificates,
        "TO": TO,
    }


async def run_example(
    language: str, directory: Path, given: Mapping[str, str]
) -> tuple[int | None, str]:
    """Run an example as its users would."""
    if language == "php":
        assert PHPMAILER.exists(), f"PHPMailer is missing: {INSTALL['php']}"
    return await run(*PROGRAMS[language], environment=given, directory=directory)


@pytest.mark.parametrize("language", PROGRAMS)
async def test_an_example_sends_by_what_is_in_the_secret(
    running: Gateway, workplace: Path, language: str
) -> None:
    given = environment(running, running.ca_pem.decode())

    status, said = await run_example(language, workplace, given)

    assert status == 0, said
    assert b"It is on its way.\r\n" in running.gate.messages[0].content


@pytest.mark.parametrize("language", PROGRAMS)
async def test_an_example_without_the_authority_does_not_log_in(
    running: Gateway, workplace: Path, language: str
) -> None:
    status, said = await run_example(language, workplace, environment(running, ""))

    assert status != 0
    assert "certificate" in said.lower()
    assert running.gate.messages == []


async def test_the_php_example_leaves_no_file_behind(running: Gateway, workplace: Path) -> None:
    given = {**environment(running, running.ca_pem.decode()), "TMPDIR": str(workplace)}

    status, said = await run_example("php", workplace, given)

    assert status == 0, said
    assert names(workplace) == ["vendor"]


def names(directory: Path) -> list[str]:
    """List what is in a directory."""
    return sorted(each.name for each in directory.iterdir())
