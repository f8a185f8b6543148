"""Exim judges the sender at RCPT; the operator agrees with it on what a login and a sender are."""

import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from connect.cases import JANE, JOE, PASSWORD, refusal, smtp
from mailbox_operator.connect.credentials import Password
from mailbox_operator.connect.smtp import Target
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.status import Endpoint
from mailbox_operator.decide.words import Security
from servers.authority import Authority
from servers.exim import Exim

pytestmark = pytest.mark.asyncio(loop_scope="module")

USERS = {JANE: PASSWORD, JOE: "other"}


@dataclass(frozen=True, slots=True)
class World:
    """A running Exim, and whom to trust for it."""

    authority: Authority
    exim: Exim

    async def prove(
        self, password: str = PASSWORD, security: Security = Security.TLS, sender: str = JANE
    ) -> None:
        """Prove Jane's login."""
        implicit = security is Security.TLS
        port = self.exim.smtps_port if implicit else self.exim.submission_port
        aim = Target(Endpoint(self.exim.host, port, security), self.authority.client_context())
        await smtp(seconds=20).prove(aim, Password(JANE, password), sender)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world() -> AsyncIterator[World]:
    authority = Authority()
    with tempfile.TemporaryDirectory(prefix="exim-") as directory:
        async with Exim.start(Path(directory), authority, USERS) as exim:
            yield World(authority, exim)


@pytest.mark.parametrize("security", list(Security))
async def test_exim_accepts_a_password_and_the_own_sender(world: World, security: Security) -> None:
    await world.prove(security=security)


async def test_exim_refuses_a_wrong_password(world: World) -> None:
    fault = await refusal(world.prove("wrong"))

    assert (fault.reason, fault.facts["code"]) == (Reason.INVALID_CREDENTIALS, "535")


async def test_exim_refuses_a_foreign_sender_at_the_recipient(world: World) -> None:
    fault = await refusal(world.prove(sender=JOE))

    assert (fault.reason, fault.facts["code"]) == (Reason.SENDER_NOT_ALLOWED, "550")
    assert fault.detail.startswith("RCPT ")
