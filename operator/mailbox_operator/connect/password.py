"""Connects mailboxes of provider SMTP: username and password at a stated, preset or found server."""

from dataclasses import dataclass, field

from mailbox_operator.connect.credentials import Password
from mailbox_operator.connect.network import Network, named
from mailbox_operator.connect.restraint import Restraint
from mailbox_operator.connect.smtp import Smtp, Target
from mailbox_operator.connect.trust import Trust
from mailbox_operator.decide.accounts import PasswordLogin
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.machine import Proof
from mailbox_operator.decide.route import Route, route, route_by_mx
from mailbox_operator.ports import Case, Secrets


@dataclass(frozen=True, slots=True)
class PasswordConnector:
    """Logs in with the username and password of the Mailbox's Secret."""

    smtp: Smtp
    network: Network
    trust: Trust
    secrets: Secrets
    restraint: Restraint = field(default_factory=Restraint)

    async def connect(self, case: Case) -> Proof:
        """Log in once, have the sender accepted, and leave.

        Raises:
            Fault: Why that is not possible.
            Postponed: The cluster does not answer, or other logins of this account come first.
        """
        spec, namespace = case.spec, case.mailbox.key.namespace
        found = await self._route(case)
        secret = await self.secrets.read(namespace, spec.secret or "")
        ca = spec.smtp.ca_secret
        authority = await self.secrets.read(namespace, ca) if ca else None
        url = found.app_password_url
        credential = Password(
            secret.text("username", found.username_for(spec.address)),
            secret.text("password"),
            app_password=bool(url),
        )
        target = Target(found.endpoint, await self.trust.context_for(authority), namespace)
        login = login_of(case, found, credential)
        try:
            self.restraint.check(login)
            await self.smtp.prove(target, credential, spec.address, self.restraint.gate(login))
        except Fault as fault:
            advice = f" at {url}" if url else ""
            raise fault.knowing(**named(found.endpoint), advice=advice) from fault
        return Proof(found.endpoint)

    async def _route(self, case: Case) -> Route:
        offer = case.infrastructure.spec if case.infrastructure else None
        presets = offer.presets if offer else ()
        found = route(case.spec, presets)
        if found is not None:
            return found
        namespace = case.mailbox.key.namespace
        exchanges = await self.network.exchanges(case.spec.domain, namespace)
        return route_by_mx(case.spec, exchanges, presets)


def login_of(case: Case, found: Route, credential: Password) -> PasswordLogin:
    """Describe a login for the count of refused ones."""
    preset = found.preset
    return PasswordLogin(
        host=found.endpoint.host,
        username=credential.username,
        password=credential.password,
        namespace=case.mailbox.key.namespace,
        shared=preset is not None and preset.login == credential.username,
        proved=case.proved,
    )
