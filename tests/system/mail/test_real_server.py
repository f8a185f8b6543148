"""Postfix with Dovecot behind it takes each mechanism that the operator speaks, and no other login."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from lab.servers.authority import Authority
from lab.servers.oauth import Behaviour, OAuthServer
from lab.servers.oauth_ledger import Grant
from lab.servers.postfix import RealMailServer
from mailbox_operator.connect.smtp.credentials import Bearer, Password
from mailbox_operator.connect.smtp.mechanisms import Mechanism
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Security
from system.connect.cases import JANE, JOE, PASSWORD
from system.mail.peers import USERS, Peer

pytestmark = pytest.mark.asyncio(loop_scope="module")  # starting the pair takes seconds

SCOPE = "https://mail.google.com/"
SECURITIES = pytest.mark.parametrize("security", list(Security))


@dataclass(frozen=True, slots=True)
class RealWorld:
    """A real mail server, and what its tokens are worth."""

    peer: Peer
    oauth: OAuthServer

    def token(self, user: str = JANE) -> Bearer:
        """Give a user's access token to Jane."""
        grant = Grant("app", user, SCOPE)
        return Bearer(JANE, self.oauth.ledger.issue_access("ya29.", grant, 3600))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def real() -> AsyncIterator[RealWorld]:
    authority = Authority()
    with tempfile.TemporaryDirectory(prefix="mail-") as directory:
        async with (
            OAuthServer(authority.server_context(), Behaviour()) as oauth,
            RealMailServer.start(
                Path(directory), authority, USERS, f"{oauth.url}/introspect"
            ) as mail,
        ):
            yield RealWorld(Peer(mail, authority), oauth)


@SECURITIES
async def test_a_real_server_proves_a_token(real: RealWorld, security: Security) -> None:
    await real.peer.prove(real.token(), security)


@dataclass(frozen=True)
class PasswordBy(Password):
    """A password that is offered by one mechanism alone."""

    only: str = ""

    @property
    def mechanisms(self) -> Mapping[str, Mechanism]:
        """Leave the others out."""
        return {self.only: Password(self.username, self.password).mechanisms[self.only]}


@dataclass(frozen=True)
class BearerBy(Bearer):
    """A token that is offered by the standard's mechanism alone."""

    @property
    def mechanisms(self) -> Mapping[str, Mechanism]:
        """Leave the other out."""
        return {"OAUTHBEARER": Bearer(self.username, self.token).mechanisms["OAUTHBEARER"]}


BY_EACH = pytest.mark.parametrize("mechanism", Password(JANE, PASSWORD).mechanisms)


@BY_EACH
async def test_a_password_is_proved_by_each_mechanism(real: RealWorld, mechanism: str) -> None:
    await real.peer.prove(PasswordBy(JANE, PASSWORD, only=mechanism))


@BY_EACH
async def test_a_wrong_password_is_refused_by_each_mechanism(
    real: RealWorld, mechanism: str
) -> None:
    fault = await real.peer.refusal(PasswordBy(JANE, "wrong", only=mechanism))

    assert (fault.reason, fault.facts["code"]) == (Reason.INVALID_CREDENTIALS, "535 5.7.8")


async def test_a_token_is_proved_by_oauthbearer(real: RealWorld) -> None:
    await real.peer.prove(BearerBy(JANE, real.token().token))


async def test_a_wrong_token_is_refused_by_oauthbearer(real: RealWorld) -> None:
    fault = await real.peer.refusal(BearerBy(JANE, "made up"))

    assert fault.reason is Reason.GRANT_REVOKED


@pytest.mark.parametrize("user", [JOE, ""])
async def test_a_token_of_another_account_is_reported(real: RealWorld, user: str) -> None:
    token = real.token(user) if user else Bearer(JANE, "made up")

    fault = await real.peer.refusal(token)

    assert fault.reason is Reason.GRANT_REVOKED
