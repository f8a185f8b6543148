"""What a server would speak is asked where a handshake fails, by a hello that agrees on nothing."""

import socket
import ssl
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from lab.attempts import refusal
from lab.servers import smtp as servers
from lab.servers.authority import Authority, server_context, weak_key
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.smtp.handshakes import OLD
from mailbox_operator.connect.smtp.hello import FOREIGN_KEYS, ask_terms, hello, problem_of
from mailbox_operator.connect.smtp.proof import Target
from mailbox_operator.decide.failure.reasons import Reason
from system.connect.cases import GOOD, JANE, JANES, endpoint, smtp
from system.connect.conftest import Serve

TLS_1_2: Final = ssl.TLSVersion.TLSv1_2
TLS_1_1: Final = ssl.TLSVersion.TLSv1_1
OAKLEY_2: Final = """\
-----BEGIN DH PARAMETERS-----
MIGHAoGBAP//////////yQ/aoiFowjTExmKLgNwc0SkCTgiKZ8x0Agu+pjsTmyJR
Sgh5jjQE3e+VGbPNOkMbMCsKbfJfFDdP4TVtbVHCReSFtXZiXn7G9ExC6aY37WsL
/1y29Aa37e44a/taiZ+lrp8kEXxLH+ZJKGZR7OZTgf//////////AgEC
-----END DH PARAMETERS-----
"""
"""A group of 1,024 bits: RFC 2409, section 6.2."""


def diffie_hellman(authority: Authority, directory: Path) -> ssl.SSLContext:
    """Make a server that knows nothing but finite-field Diffie-Hellman, in a group too small."""
    parameters = directory / "dh.pem"
    parameters.write_text(OAKLEY_2)
    context = by_rsa(authority, "DHE-RSA-AES128-GCM-SHA256")
    context.load_dh_params(str(parameters))
    return context


def by_rsa(authority: Authority, cipher: str) -> ssl.SSLContext:
    """Make a server with an RSA key and one cipher."""
    context = server_context(authority.certificate(key=weak_key()), TLS_1_2, TLS_1_2, 0)
    context.set_ciphers(f"{cipher}:@SECLEVEL=0")
    return context


@pytest.mark.parametrize("security", list(servers.Security))
async def test_a_weak_group_is_no_matter_of_port_or_certificate(
    serve: Serve, trust: Trust, authority: Authority, tmp_path: Path, security: servers.Security
) -> None:
    context = diffie_hellman(authority, tmp_path)
    server = await serve(replace(GOOD, security=security), context)

    fault = await refusal(smtp().prove(Target(endpoint(server), trust.context()), JANES, JANE))

    assert fault.reason is Reason.TLS_HANDSHAKE_FAILED
    assert (fault.facts["problem"], server.auths) == (FOREIGN_KEYS["kx-dhe"], 0)


@pytest.mark.parametrize("security", list(servers.Security))
async def test_an_old_appliance_is_told_by_its_key_agreement(
    serve: Serve, trust: Trust, authority: Authority, security: servers.Security
) -> None:
    server = await serve(replace(GOOD, security=security), by_rsa(authority, "AES128-SHA"))

    fault = await refusal(smtp().prove(Target(endpoint(server), trust.context()), JANES, JANE))

    assert fault.reason is Reason.TLS_HANDSHAKE_FAILED
    assert (fault.facts["problem"], server.auths) == (FOREIGN_KEYS["kx-rsa"], 0)


async def test_an_old_protocol_is_told(serve: Serve, trust: Trust, authority: Authority) -> None:
    server = await serve(context=authority.server_context(minimum=TLS_1_1, maximum=TLS_1_1))

    fault = await refusal(smtp().prove(Target(endpoint(server), trust.context()), JANES, JANE))

    assert (fault.reason, fault.facts["problem"]) == (Reason.TLS_HANDSHAKE_FAILED, OLD)


async def test_a_reply_without_an_end_is_given_up() -> None:
    ours, theirs = socket.socketpair()
    ours.settimeout(0)
    with theirs:
        theirs.sendall(b"2" * 100_000)

        with pytest.raises(ValueError, match="limit"):
            await ask_terms(ours, "mail.acme.example", "mail.test", starttls=True)


def test_a_hello_is_whole() -> None:
    written = hello("mail.acme.example")

    assert written[:1] == b"\x16"
    assert int.from_bytes(written[3:5]) == len(written) - 5


@pytest.mark.parametrize(
    "message", [b"", b"\2", b"\2" * 38, b"\2" * 39, b"\2" + b"\xff" * 40, b"\1" * 200, bytes(200)]
)
def test_any_answer_is_read(message: bytes) -> None:
    assert problem_of(message) == ""
