"""Postfix and Dovecot agree with the operator on what a login and a sender are."""

import tempfile
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio

from connect.cases import JANE, JOE, PASSWORD, refusal, smtp
from mailbox_operator.connect.credentials import Bearer, Credential, Password
from mailbox_operator.connect.mechanisms import Mechanism
from mailbox_operator.connect.smtp import Target
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.status import Endpoint
from mailbox_operator.decide.words import Security
from servers.authority import Authority
from servers.oauth import Behaviour, OAuthServer
from servers.oauth_ledger import Grant
from servers.postfix import RealMailServer

pytestmark = pytest.mark.asyncio(loop_scope="module")  # starting the pair takes seconds

USERS = {JANE: PASSWORD, JOE: "other"}
SCOPE = "https://mail.google.com/"
SECURITIES = pytest.mark.parametrize("security", list(Security))


@dataclass(frozen=True, slots=True)
class RealWorld:
    """A real mail server, and what its tokens are worth."""

    authority: Authority
    oauth: OAuthServer
    mail: RealMailServer

    def token(self, user: str = JANE) -> Bearer:
        """Give a user's access token to Jane."""
        grant = Grant("app", user, SCOPE)
        return Bearer(JANE, self.oauth.ledger.issue_access("ya29.", grant, 3600))

    async def prove(
        self, credential: Credential, security: Security = Security.TLS, sender: str = JANE
    ) -> None:
        """Prove a login."""
        implicit = security is Security.TLS
        port = self.mail.smtps_port if implicit else self.mail.submission_port
        at = Endpoint(self.mail.host, port, security)
        await smtp(seconds=20).prove(
            Target(at, self.authority.client_context()), credential, sender
        )


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
            yield RealWorld(authority, oauth, mail)


@SECURITIES
async def test_proves_a_password(real: RealWorld, security: Security) -> None:
    await real.prove(Password(JANE, PASSWORD), security)


@SECURITIES
async def test_proves_a_token(real: RealWorld, security: Security) -> None:
    await real.prove(real.token(), security)


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
    await real.prove(PasswordBy(JANE, PASSWORD, only=mechanism))


@BY_EACH
async def test_a_wrong_password_is_refused_by_each_mechanism(
    real: RealWorld, mechanism: str
) -> None:
    fault = await refusal(real.prove(PasswordBy(JANE, "wrong", only=mechanism)))

    assert (fault.reason, fault.facts["code"]) == (Reason.INVALID_CREDENTIALS, "535 5.7.8")


async def test_a_token_is_proved_by_oauthbearer(real: RealWorld) -> None:
    await real.prove(BearerBy(JANE, real.token().token))


async def test_a_wrong_token_is_refused_by_oauthbearer(real: RealWorld) -> None:
    fault = await refusal(real.prove(BearerBy(JANE, "made up")))

    assert fault.reason is Reason.GRANT_REVOKED


async def test_reports_a_wrong_password(real: RealWorld) -> None:
    fault = await refusal(real.prove(Password(JANE, "wrong")))

    assert (fault.reason, fault.facts["code"]) == (Reason.INVALID_CREDENTIALS, "535 5.7.8")


@pytest.mark.parametrize("user", [JOE, ""])
async def test_reports_a_token_that_does_not_fit(real: RealWorld, user: str) -> None:
    token = real.token(user) if user else Bearer(JANE, "made up")

    fault = await refusal(real.prove(token))

    assert fault.reason is Reason.GRANT_REVOKED


async def test_reports_a_sender_of_somebody_else(real: RealWorld) -> None:
    fault = await refusal(real.prove(Password(JANE, PASSWORD), sender=JOE))

    assert (fault.reason, fault.facts["code"]) == (Reason.SENDER_NOT_ALLOWED, "553 5.7.1")


async def test_recognizes_the_wrong_security(real: RealWorld) -> None:
    at = Endpoint(real.mail.host, real.mail.submission_port, Security.TLS)
    aim = Target(at, real.authority.client_context())

    fault = await refusal(smtp().prove(aim, Password(JANE, PASSWORD), JANE))

    assert fault.reason is Reason.TLS_MODE_MISMATCH
