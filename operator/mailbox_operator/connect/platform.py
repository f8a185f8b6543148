"""Proves what the platform provides: its OAuth apps and its relay."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from mailbox_operator.connect.network.name_service import PLATFORM
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.oauth.clients import AppProver, read_platform_client
from mailbox_operator.connect.ports import NO_PHASES, Phases, Secrets
from mailbox_operator.connect.relays import Relays, relay_login
from mailbox_operator.connect.restraint import Restraint
from mailbox_operator.connect.smtp.credentials import Password
from mailbox_operator.connect.smtp.proof import Smtp, Target
from mailbox_operator.connect.smtp.signin import SignIn
from mailbox_operator.decide.declared.infrastructure import ReadableInfrastructure, Relay
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.refusals.accounts import PasswordLogin
from mailbox_operator.decide.words import Phase, Provider

APP_TROUBLE: Final = frozenset(
    {
        Reason.OAUTH_APP_INVALID,
        Reason.PROVIDER_UNAVAILABLE,
        Reason.RATE_LIMITED,
        Reason.NETWORK_UNAVAILABLE,
    }
)


@dataclass(frozen=True, slots=True)
class PlatformConnector:
    """Checks a ManagedInfrastructure, and the relay's word on a sender."""

    smtp: Smtp
    trust: Trust
    secrets: Secrets
    apps: Mapping[Provider, AppProver]
    relays: Relays
    phases: Phases = NO_PHASES
    restraint: Restraint = field(default_factory=Restraint)

    async def relay(self, case: Case) -> None:
        """Have the relay accept the mailbox's sender, if the platform declares a relay.

        Raises:
            Fault: `RelayUnavailable` or `RelayRefusedSender`.
            Postponed: Others are being served; nothing was learned.
        """
        relay = case.offer.relay if case.offer else None
        if case.infrastructure is None or relay is None:
            return
        try:
            await self._relay(relay, case.infrastructure, case)
        except Fault as fault:
            raise _relay_fault(fault, relay) from fault

    async def check(self, infrastructure: ReadableInfrastructure) -> Proof:
        """Prove the OAuth apps and the relay's login.

        Raises:
            Fault: What is wrong with the first part that is not usable.
            Postponed: Others are being served; nothing was learned.
        """
        offer = infrastructure.spec
        for provider, app in offer.apps.items():
            client = await read_platform_client(infrastructure, provider, self.secrets)
            await self._await_refusal(self.apps[provider].try_app(client, app))
        if offer.relay is None:
            return Proof()
        await self._relay(offer.relay, infrastructure, None)
        return Proof(offer.relay.endpoint)

    async def _await_refusal(self, refresh: Awaitable[object]) -> None:
        """Ask with a grant that is none; to be refused for it is what was wanted."""
        with self.phases.phase(Phase.TOKEN):
            try:
                await refresh
            except Fault as fault:
                if fault.reason in APP_TROUBLE:
                    raise

    async def access(self, case: Case) -> SignIn | None:
        """Find out how the relay of a mailbox is signed in to; None where the platform declares none.

        Raises:
            Fault: `RelayUnavailable`: its login is missing or unusable.
            Postponed: The cluster did not answer.
        """
        relay = case.offer.relay if case.offer else None
        if relay is None:
            return None
        try:
            access, _ = await self._access(relay, case.mailbox.key.namespace)
        except Fault as fault:
            raise _relay_fault(fault, relay) from fault
        return access

    async def _relay(
        self, relay: Relay, declared: ReadableInfrastructure, case: Case | None
    ) -> None:
        """Ask the relay about the sender of a Mailbox, or about nobody's, for its own check."""
        sender = case.spec.address if case else None
        tenant = case.mailbox.key.namespace if case else PLATFORM
        access, authority = await self._access(relay, tenant)
        version = f"{declared.uid}/{declared.generation}"
        assert isinstance(access.credential, Password)
        login = relay_login(relay.endpoint, version, access.credential, authority)
        prove = partial(self._login, access, sender)
        insists = case is not None and case.mailbox.is_asked_for
        await self.relays.ask(login, sender, tenant, prove, insists=insists)

    async def _access(self, relay: Relay, tenant: str) -> tuple[SignIn, Secret | None]:
        secret = await self.secrets.read_platform(relay.secret)
        authority = await self.secrets.read_platform(relay.ca_secret) if relay.ca_secret else None
        credential = Password(secret.text("username"), secret.text("password"))
        tls = await self.trust.load_context(authority)
        target = Target(relay.endpoint, tls, tenant, trusted=True)
        # Trusted until it is refused: no tenant's guesses at the relay hold the platform back.
        login = PasswordLogin(
            relay.endpoint.host, credential.username, credential.password, proved=True
        )
        ask = partial(self.restraint.gate, login)
        return SignIn([target], credential, ask, partial(_relay_fault, relay=relay)), authority

    async def _login(self, access: SignIn, sender: str | None) -> None:
        gate = access.ask()
        await access.reach(lambda target: self.smtp.prove(target, access.credential, sender, gate))


def _relay_fault(fault: Fault, relay: Relay) -> Fault:
    refused = fault.reason is Reason.SENDER_NOT_ALLOWED
    reason = Reason.RELAY_REFUSED_SENDER if refused else Reason.RELAY_UNAVAILABLE
    facts = {
        "host": relay.endpoint.host,
        "trouble": fault.reason.value,
        "code": fault.facts.get("code", ""),
    }
    return Fault(reason, fault.detail, facts=facts, retry_after=fault.retry_after)
