"""Whom the operator believes is its own configuration, and a tenant's CA for that tenant's server."""

import asyncio
import ssl
from codecs import BOM_UTF8
from pathlib import Path

import certifi
import pytest

from lab.attempts import refusal
from lab.servers.authority import Authority
from mailbox_operator.connect.network.trust import (
    MOST_CERTIFICATES,
    MOST_CONTEXTS,
    MOST_PEM_BYTES,
    Trust,
)
from mailbox_operator.decide.declared.secret import LIMITS, Secret
from mailbox_operator.decide.failure.reasons import Reason

SYSTEMS = Path(certifi.where()).read_bytes()


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def trust(authority: Authority, tmp_path: Path) -> Trust:
    bundle = tmp_path / "trusted.pem"
    bundle.write_bytes(authority.ca_pem)
    return Trust(bundle)


def test_the_trust_verifies_and_is_modern(trust: Trust) -> None:
    context = trust.context()

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_the_trust_trusts_the_public_authorities_unless_configured() -> None:
    assert len(Trust().context().get_ca_certs()) > 50


def test_a_bundle_is_read_past_its_byte_order_mark(tmp_path: Path, authority: Authority) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(BOM_UTF8 + "Firma Müller\n".encode() + authority.ca_pem)
    alone = tmp_path / "alone.pem"
    alone.write_bytes(BOM_UTF8 + authority.ca_pem)

    assert len(Trust(bundle).context().get_ca_certs()) == 1
    assert len(Trust(alone).context().get_ca_certs()) == 1


@pytest.mark.parametrize("mark", [BOM_UTF8, BOM_UTF8 + b"\r\n"])
async def test_a_ca_is_read_past_its_byte_order_mark(
    trust: Trust, authority: Authority, mark: bytes
) -> None:
    context = await trust.load_context(Secret("ca", {"ca.crt": mark + authority.ca_pem}))

    assert len(context.get_ca_certs()) == 1


def test_the_trust_offers_tls_1_2_by_elliptic_curves_alone(trust: Trust) -> None:
    agreements = {cipher["kea"] for cipher in trust.context().get_ciphers()}

    assert agreements == {"kx-any", "kx-ecdhe"}  # any is TLS 1.3


def test_the_trust_refuses_to_negotiate_again_in_a_session(trust: Trust) -> None:
    assert trust.context().options & ssl.OP_NO_RENEGOTIATION


async def test_the_trust_makes_a_context_once(trust: Trust, authority: Authority) -> None:
    secret = Secret("ca", {"ca.crt": authority.ca_pem})

    first, second = await asyncio.gather(trust.load_context(secret), trust.load_context(secret))

    assert first is second
    assert first is not trust.context()
    assert trust.context() is await trust.load_context(None)


def commented(number: int, pem: bytes, size: int = 0) -> Secret:
    return Secret("ca", {"ca.crt": f"# {number} {'x' * size}\n".encode() + pem})


@pytest.mark.parametrize(
    ("most", "size"),
    [
        pytest.param(MOST_CONTEXTS, 0, id="many"),
        pytest.param(MOST_PEM_BYTES // 500_000, 499_000, id="large"),
    ],
)
async def test_the_trust_forgets_the_context_that_was_used_least_lately(
    trust: Trust, authority: Authority, most: int, size: int
) -> None:
    async def made(number: int) -> ssl.SSLContext:
        return await trust.load_context(commented(number, authority.ca_pem, size))

    first, second = await made(0), await made(1)
    for number in range(2, most):
        await made(number)
    assert await made(0) is first

    await made(most)

    assert await made(0) is first
    assert await made(1) is not second


async def test_a_bundle_as_large_as_a_systems_is_trusted(trust: Trust) -> None:
    context = await trust.load_context(Secret("ca", {"ca.crt": SYSTEMS}))

    assert len(context.get_ca_certs()) == SYSTEMS.count(b"BEGIN CERTIFICATE")


BROKEN = b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
NOTHING = "key ca.crt holds no certificate in PEM form"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({}, "key ca.crt is absent"),
        ({"ca.crt": b""}, "key ca.crt is empty"),
        ({"ca.crt": b"\xff"}, "key ca.crt must be UTF-8 text"),
        ({"ca.crt": b"garbage"}, NOTHING),
        ({"ca.crt": b" \0 "}, NOTHING),
        (
            {"ca.crt": SYSTEMS[:900].decode().encode("utf-16-le")},
            "key ca.crt is UTF-16 text, as Windows tools write it: save it as UTF-8",
        ),
        ({"ca.crt": "Müll".encode()}, NOTHING),
        ({"ca.crt": "ключ".encode()}, NOTHING),
        ({"ca.crt": b"-----BEGIN X509 CRL-----\nAAAA\n-----END X509 CRL-----"}, NOTHING),
        (
            {"ca.crt": b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"},
            "key ca.crt holds a private key in place of a certificate",
        ),
        ({"ca.crt": BROKEN}, "key ca.crt holds a broken certificate, number 1"),
        (
            {"ca.crt": BROKEN.replace(b"AAAA", "ä".encode())},
            "key ca.crt holds a broken certificate, number 1",
        ),
        (
            {"ca.crt": b"-----BEGIN CERTIFICATE-----\nAAAA"},
            "key ca.crt holds a broken certificate, number 1",
        ),
        (
            {"ca.crt": BROKEN.replace(b"AAAA", b"A" * 100_000)},
            "key ca.crt holds a broken certificate, number 1",
        ),
        (
            {"ca.crt": b"x" * (LIMITS["ca.crt"] + 1)},
            "key ca.crt has 524289 bytes, and 524288 are the most",
        ),
    ],
)
async def test_the_trust_says_what_is_wrong_with_a_ca(
    trust: Trust, content: dict[str, bytes], problem: str
) -> None:
    fault = await refusal(trust.load_context(Secret("ca", content)))

    assert fault.reason is Reason.CREDENTIALS_MISSING
    assert fault.facts == {"secret": "Secret ca", "problem": problem}


async def test_the_trust_names_the_certificate_that_is_broken(
    trust: Trust, authority: Authority
) -> None:
    fault = await refusal(
        trust.load_context(Secret("ca", {"ca.crt": authority.ca_pem * 2 + BROKEN}))
    )

    assert fault.facts["problem"] == "key ca.crt holds a broken certificate, number 3"


async def test_the_trust_takes_no_more_certificates_than_a_person_needs(
    trust: Trust, authority: Authority
) -> None:
    many = authority.ca_pem * (MOST_CERTIFICATES + 1)

    fault = await refusal(trust.load_context(Secret("ca", {"ca.crt": many})))

    assert fault.facts["problem"] == "key ca.crt holds more than 500 certificates"
