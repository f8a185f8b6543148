"""What the tests of the adapters share: an authority, and servers for the asking."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from ssl import SSLContext
from typing import Any, Protocol

import pytest

from lab.servers.authority import Authority
from lab.servers.smtp import Behaviour, SmtpServer
from mailbox_operator.connect.network.trust import Trust
from system.connect.cases import GOOD
from system.connect.oauth import World


class Serve(Protocol):
    """Starts an SMTP server that runs until the test is over."""

    async def __call__(
        self, behaviour: Behaviour = GOOD, context: SSLContext | None = None, **options: Any
    ) -> SmtpServer:
        """Start one; its certificate is good unless another is given."""
        ...


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="session")
def bundle(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Path:
    bundle = tmp_path_factory.mktemp("authority") / "bundle.pem"
    bundle.write_bytes(authority.ca_pem)
    return bundle


@pytest.fixture
def trust(bundle: Path) -> Trust:
    return Trust(bundle)


@pytest.fixture
async def serve(authority: Authority) -> AsyncIterator[Serve]:
    async with AsyncExitStack() as stack:

        async def start(
            behaviour: Behaviour = GOOD, context: SSLContext | None = None, **options: Any
        ) -> SmtpServer:
            names = ("localhost", options.get("host", "127.0.0.1"))
            certificate = context or authority.shared_context(*names)
            server = SmtpServer(certificate, behaviour, **options)
            return await stack.enter_async_context(server)

        yield start


@pytest.fixture
async def world(authority: Authority, trust: Trust) -> AsyncIterator[World]:
    async with World.running(authority, trust) as running:
        yield running
