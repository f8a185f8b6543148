"""What every connector of a provider of tokens is made of, and what it does as the others do."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

from mailbox_operator.connect.network.mailthread import MailThread
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.oauth.bearer import Bearers, TokenSource
from mailbox_operator.connect.oauth.https import Https
from mailbox_operator.connect.oauth.idtoken import IdTokens
from mailbox_operator.connect.oauth.proxies import NO_PROXIES, Proxies
from mailbox_operator.connect.ports import Grants, Secrets
from mailbox_operator.connect.smtp.sessions import Target
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.consent import Redeemed
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.sending.accessrecord import AccessRecord
from mailbox_operator.decide.status.conditions import Endpoint


@dataclass(frozen=True, slots=True)
class OAuthParts:
    """The parts that the connectors share."""

    trust: Trust
    bearers: Bearers
    secrets: Secrets
    grants: Grants
    id_tokens: IdTokens
    proxies: Proxies = NO_PROXIES
    timeout_seconds: float = 15

    def https(self, elsewhere: MailThread) -> Https:
        """Return what asks sign-in services, on a thread of the provider's own."""
        return Https(self.trust, self.timeout_seconds, elsewhere, self.proxies)


@dataclass(frozen=True, slots=True)
class TokenConnector(ABC):
    """Connects the mailboxes of one provider by token."""

    parts: OAuthParts

    @abstractmethod
    def server(self, case: Case) -> Endpoint:
        """Name the provider's mail server for a mailbox."""

    @abstractmethod
    def source(self, case: Case) -> TokenSource:
        """Say how a mailbox gets its tokens."""

    async def connect(self, case: Case) -> Proof:
        """Log in as the mailbox and have its sender accepted.

        Raises:
            Fault: Why that is not possible.
        """
        return await self.parts.bearers.prove(case, self.target(case), self.source(case))

    async def prove(self, case: Case, redeemed: Redeemed) -> Proof:
        """Log in as the mailbox with the new access token.

        Raises:
            Fault: Why that is not possible.
        """
        return await self.parts.bearers.prove_new(case, self.target(case), redeemed)

    async def access(self, case: Case, after: float) -> AccessRecord:
        """Return how a gateway signs in; raises as `Bearers.access` does."""
        source, server = self.source(case), self.server(case)
        return await self.parts.bearers.access(case, server, source, after)

    def target(self, case: Case) -> Target:
        """Say where a mailbox logs in: at a server that the platform named."""
        namespace = case.mailbox.key.namespace
        return Target(self.server(case), self.parts.trust.context(), namespace, trusted=True)
