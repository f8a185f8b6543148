"""Connects mailboxes of provider SMTP: username and password at a stated, preset or found server."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Final

from mailbox_operator.connect.network.network import server_facts
from mailbox_operator.connect.network.records import Records
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.ports import Secrets
from mailbox_operator.connect.restraint import Restraint
from mailbox_operator.connect.smtp.credentials import Password
from mailbox_operator.connect.smtp.proof import Smtp, Target
from mailbox_operator.connect.smtp.signin import SignIn
from mailbox_operator.decide.declared.providers.smtp import SmtpAccess
from mailbox_operator.decide.declared.route import (
    Route,
    not_vouched_for,
    route,
    route_by_mx,
    route_by_services,
)
from mailbox_operator.decide.declared.spec import Spec
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.machine.ownership import (
    SUBMISSION,
    Exchanger,
    Login,
    Ownership,
    is_own_login,
    served_by_exchangers,
    served_by_preset,
    served_by_services,
)
from mailbox_operator.decide.refusals.accounts import PasswordLogin
from mailbox_operator.decide.servers.preset import Preset
from mailbox_operator.decide.servers.submission import Service

LOOK_UP_SECONDS: Final = 5.0
"""For the records of an address that logged in; name servers may be a tenant's own, and slow."""


@dataclass(frozen=True, slots=True)
class PasswordConnector:
    """Logs in with the username and password of the Mailbox's Secret."""

    smtp: Smtp
    records: Records
    trust: Trust
    secrets: Secrets
    restraint: Restraint = field(default_factory=Restraint)

    async def connect(self, case: Case) -> Proof:
        """Log in once, have the sender accepted, and leave.

        Raises:
            Fault: Why that is not possible.
            Postponed: The cluster does not answer, or other logins of this account come first.
        """
        found, exchangers = await self._find_route(case)
        access = await self._access(case, found)
        try:
            gate = access.ask()
            await access.reach(
                lambda target: self.smtp.prove(target, access.credential, case.spec.address, gate)
            )
        except Fault as fault:
            raise access.explain(fault) from fault
        known = Login(found.endpoint, access.credential.username)
        return Proof(found.endpoint, ownership=await self._find_ownership(case, known, exchangers))

    async def access(self, case: Case) -> SignIn:
        """Find out how a mailbox is signed in to; raises as `connect` does before it dials."""
        found, _ = await self._find_route(case)
        return await self._access(case, found)

    async def _access(self, case: Case, found: Route) -> SignIn:
        spec, namespace = case.spec, case.mailbox.key.namespace
        secret = await self.secrets.read(namespace, case.secret_name)
        assert isinstance(spec.access, SmtpAccess)
        ca = spec.access.ca_secret
        authority = await self.secrets.read(namespace, ca) if ca else None
        password = secret.text("password")
        credential = Password(
            secret.text("username", found.username_for(spec.address)),
            password,
            app_password=found.wants_app_password(password),
        )
        target = Target(found.endpoint, await self.trust.load_context(authority), namespace)
        targets = [
            replace(target, certificate_name=name) for name in found.certificate_names or ("",)
        ]
        login = counted_login(case, found, credential)
        return SignIn(
            targets,
            credential,
            partial(self.restraint.gate, login),
            partial(_explained, spec, found, password),
        )

    async def _find_route(self, case: Case) -> tuple[Route, Sequence[Exchanger] | None]:
        """Find the server; with the exchangers of the domain where they were asked for."""
        presets = _presets(case)
        found = route(case.spec, presets)
        if found is not None:
            return found, None
        exchangers = await self._look_up_exchangers(case)
        hosts = [each.host for each in exchangers]
        found = route_by_mx(hosts, presets)
        if found is None:
            found = route_by_services(case.spec, await self._look_up_services(case), presets)
        return found, exchangers

    async def _look_up_exchangers(self, case: Case) -> Sequence[Exchanger]:
        return await self.records.exchanges(case.spec.domain, case.mailbox.key.namespace)

    async def _look_up_services(self, case: Case) -> Sequence[Service]:
        return await self.records.services(case.spec.domain, case.mailbox.key.namespace)

    async def _find_ownership(
        self, case: Case, login: Login, exchangers: Sequence[Exchanger] | None
    ) -> Ownership:
        """Say whether the login proves the address; a look-up that fails is no news."""
        spec, presets = case.spec, _presets(case)
        if not spec.managed:
            return Ownership.UNPROVED
        if served_by_preset(spec, login, presets):
            return Ownership.PROVED
        if not is_own_login(spec, login):
            return Ownership.UNPROVED
        try:
            async with asyncio.timeout(LOOK_UP_SECONDS):
                found = await self._look_up_exchangers(case) if exchangers is None else exchangers
                is_served = served_by_exchangers(spec, login, found, presets)
                if not is_served and login.endpoint.port in SUBMISSION:
                    is_served = served_by_services(spec, login, await self._look_up_services(case))
        except (Fault, Postponed, TimeoutError):
            return Ownership.UNKNOWN
        return Ownership.PROVED if is_served else Ownership.UNPROVED


def _explained(spec: Spec, found: Route, password: str, fault: Fault) -> Fault:
    """Say of a fault what the route adds to it."""
    if fault.reason is Reason.TLS_VERIFICATION_FAILED and found.is_elsewhere:
        return not_vouched_for(spec, found)
    advice = found.advice(fault.reason, password)
    return fault.with_facts(**server_facts(found.endpoint), advice=advice)


def _presets(case: Case) -> Sequence[Preset]:
    return case.offer.presets if case.offer else ()


def counted_login(case: Case, found: Route, credential: Password) -> PasswordLogin:
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
