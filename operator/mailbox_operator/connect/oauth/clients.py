"""Finds the OAuth client of a mailbox: the tenant's under Private, the platform's under Managed."""

from dataclasses import dataclass, field
from typing import Final, Protocol

from mailbox_operator.connect.ports import Secrets
from mailbox_operator.decide.declared.infrastructure import ReadableInfrastructure
from mailbox_operator.decide.declared.providers.access import App
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.words import Provider

NO_GRANT: Final = StoredGrant("not-a-refresh-token")
"""A token endpoint authenticates the client before it looks at the grant (RFC 6749 section 5.2), so
a refused grant proves the client."""


@dataclass(frozen=True, slots=True)
class OAuthClient:
    """A registered client (RFC 6749 section 2.3)."""

    id: str
    secret: str = field(repr=False)


class AppProver(Protocol):
    """Proves the OAuth apps of one provider."""

    async def try_app(self, client: OAuthClient, app: App) -> None:
        """Ask for a token with a grant that is none, which proves the client.

        Raises:
            Fault: Why the provider refuses, or is not reached.
        """


async def read_client(case: Case, secrets: Secrets) -> tuple[OAuthClient, Secret | None]:
    """Read the client, and under Private the tenant's Secret it stands in.

    Raises:
        Fault: `CredentialsMissing`, or under Managed `OAuthAppInvalid`: the platform's own Secret
            is no business of the tenant's.
    """
    if case.infrastructure is None:
        secret = await secrets.read(case.mailbox.key.namespace, case.secret_name)
        return OAuthClient(secret.text("client-id"), secret.text("client-secret")), secret
    try:
        return await read_platform_client(case.infrastructure, case.spec.provider, secrets), None
    except Fault as fault:
        code = f"the platform offers no working {case.spec.provider} app"
        raise Fault(Reason.OAUTH_APP_INVALID, fault.detail, facts={"code": code}) from fault


async def read_platform_client(
    infrastructure: ReadableInfrastructure, provider: Provider, secrets: Secrets
) -> OAuthClient:
    """Read the platform's client for a provider.

    Raises:
        Fault: `CredentialsMissing`.
    """
    app = infrastructure.spec.apps.get(provider)
    if app is None:
        raise Fault(Reason.CREDENTIALS_MISSING, f"no {provider} app is declared")
    secret = await secrets.read_platform(app.secret)
    return OAuthClient(secret.text("client-id"), secret.text("client-secret"))
