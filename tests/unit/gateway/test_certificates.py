"""The listener gets another TLS context when the certificate has changed, and never one that fails."""

import asyncio
import logging
import ssl
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

import pytest

from lab.servers.authority import Authority
from mailbox_operator.decide.sending.certificates import LEAF_LIFE, validity_from
from mailbox_operator.gateway.certificates import (
    CertificateError,
    Certificates,
    Pair,
    context_of,
)

NAME: Final = "mailbox-gateway.mail.svc"
AUTHORITY: Final = Authority()


def pair(authority: Authority = AUTHORITY) -> Pair:
    """Have a certificate issued."""
    made = authority.certificate(NAME)
    return Pair(made.cert, made.key)


@dataclass
class Scene:
    """A Secret, and the listener that is handed contexts."""

    present: Pair | None = None
    taken: list[ssl.SSLContext] = field(default_factory=list)

    async def read(self) -> Pair:
        """Read it."""
        if self.present is None:
            raise CertificateError("there is no Secret gateway-tls")
        return self.present

    @property
    def certificates(self) -> Certificates:
        """What follows it."""
        return Certificates(self.read, self.taken.append)


@asynccontextmanager
async def serving(context: ssl.SSLContext) -> AsyncIterator[int]:
    """Serve TLS at a port of the loopback."""

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(greet, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


async def greeting(port: int, client: ssl.SSLContext) -> bytes:
    """Connect as an application, and read the first line."""
    reader, writer = await asyncio.open_connection(
        "127.0.0.1", port, ssl=client, server_hostname=NAME
    )
    line = await reader.readline()
    writer.close()
    return line


async def test_an_application_verifies_the_gateway_by_its_authority() -> None:
    scene = Scene(pair())

    await scene.certificates.look()

    async with serving(scene.taken[0]) as port:
        assert await greeting(port, AUTHORITY.client_context()) == b"220 hello\r\n"
        with pytest.raises(ssl.SSLCertVerificationError):
            await greeting(port, Authority().client_context())


async def test_tls_before_1_2_is_refused() -> None:
    client = AUTHORITY.client_context()
    client.set_ciphers("DEFAULT@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.1 is asked for on purpose
        client.minimum_version = client.maximum_version = ssl.TLSVersion.TLSv1_1
    context = context_of(pair())

    async with serving(context) as port:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await greeting(port, client)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


async def test_the_same_certificate_is_handed_on_once() -> None:
    scene = Scene(pair())
    certificates = scene.certificates

    await certificates.look()
    await certificates.look()

    assert len(scene.taken) == 1


async def test_a_renewed_certificate_is_handed_on() -> None:
    scene, other = Scene(pair()), Authority()
    certificates = scene.certificates
    await certificates.look()
    scene.present = pair(other)

    await certificates.look()

    async with serving(scene.taken[1]) as port:
        assert await greeting(port, other.client_context()) == b"220 hello\r\n"


@pytest.mark.parametrize(
    "damaged",
    [
        pytest.param(Pair(b"", b""), id="empty"),
        pytest.param(Pair(b"damaged", pair().key), id="no certificate"),
        pytest.param(Pair(pair().certificate, b"damaged"), id="no key"),
        pytest.param(Pair(pair().certificate, pair().key), id="the key of another"),
        pytest.param(None, id="deleted"),
    ],
)
async def test_a_certificate_that_cannot_be_used_changes_nothing(
    damaged: Pair | None, caplog: pytest.LogCaptureFixture
) -> None:
    scene = Scene(pair())
    certificates = scene.certificates
    await certificates.look()
    scene.present = damaged

    with caplog.at_level(logging.WARNING):
        await certificates.look()
        await certificates.look()

    assert len(scene.taken) == 1
    assert [each.message for each in caplog.records] == ["certificate not taken"]
    assert "PRIVATE KEY" not in caplog.text


async def test_the_validity_is_that_of_the_certificate_in_use() -> None:
    scene, now = Scene(), datetime(2026, 6, 1, tzinfo=UTC)
    certificates = scene.certificates
    used = replace(pair(), validity=validity_from(now, LEAF_LIFE))
    before = certificates.validity
    scene.present = used
    await certificates.look()

    scene.present = Pair(b"damaged", b"", validity_from(now, 2 * LEAF_LIFE))
    await certificates.look()

    assert before is None
    assert certificates.validity == used.validity


async def test_a_gateway_without_a_certificate_waits_for_it() -> None:
    scene = Scene()
    certificates = Certificates(scene.read, scene.taken.append, first_seconds=0.01)
    await certificates.look()
    assert not certificates.is_there.is_set()
    following = asyncio.create_task(certificates.run())

    scene.present = pair()

    async with asyncio.timeout(5):
        await certificates.is_there.wait()
    following.cancel()


def test_a_key_is_not_in_what_is_printed() -> None:
    assert "PRIVATE" not in repr(pair())
