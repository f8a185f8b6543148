"""What people do while a soak runs: they click, edit, mistype, delete and create again."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from random import Random
from typing import Any, Final

import requests

from lab.stand.cluster import Object
from lab.stand.manifests import RECONNECT
from lab.stand.standings import summary
from mailbox_operator.decide.refusals.ledger import OF_A_NAMESPACE, OF_ONE_TENANT
from tools.bench.cluster import side_by_side
from tools.demo.clicks import ClickError, click_through
from tools.soak.fleet import Member
from tools.soak.judge import held, untrue
from tools.soak.stand import Stand, reason_of

PATIENCE_SECONDS: Final = 180.0
"""After the last fault: while nobody leads for long, an owner waits for the link."""
CLICK_EVERY_SECONDS: Final = 1.0
NOTICED_SECONDS: Final = 3.0
SOME: Final = 5


@dataclass(slots=True)
class People:
    """Tenants and owners.

    Attributes:
        clicks: Consents that the last page called a success.
        tries: Clicks in all.
        tired: Owners who gave up.
    """

    stand: Stand
    clicks: int = 0
    tries: int = 0
    tired: list[str] = field(default_factory=list)

    async def create_all(self) -> None:
        """Create the fleet."""
        await side_by_side(
            lambda each=each: self.stand.declare(each)  # type: ignore[misc]  # a default binds it
            for each in self.stand.fleet.members
        )

    async def consent_all(self) -> None:
        """Have all owners click who are asked to."""
        await side_by_side(
            lambda each=each: self.click(each)  # type: ignore[misc]
            for each in self.stand.fleet.with_consents()
        )

    async def click(self, member: Member) -> None:
        """Open the link of a Mailbox as soon as it is there, and allow; again, if that fails."""
        if await self._patiently(member, partial(self._clicked, member)):
            member.has_consent = True
            self.clicks += 1

    async def _patiently(self, member: Member, look: Callable[[], Awaitable[bool]]) -> bool:
        """Look until it is so; an owner who waits for too long gives up."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self.stand.options.seconds + PATIENCE_SECONDS
        while not await look():
            if loop.time() > deadline:
                self.tired.append(member.name)
                return False
            await asyncio.sleep(CLICK_EVERY_SECONDS)
        return True

    def _has_consent(self, member: Member) -> bool:
        return self.stand.world.oauth.ledger.has_consent(member.address)

    async def _is_asked(self, member: Member) -> bool:
        return bool((await self._look(member)).get("consentURL"))

    async def _clicked(self, member: Member) -> bool:
        status = await self._look(member)
        link = status.get("consentURL", "")
        if not link:  # the last page may have been lost on its way, and all is well
            is_ready = summary({"status": status}).get("Ready", "").startswith("True")
            return is_ready and self._has_consent(member)
        self.tries += 1
        try:
            await asyncio.to_thread(click_through, link, self.stand.world.bundle)
        except (ClickError, requests.RequestException):
            return False
        return True

    async def _look(self, member: Member) -> Mapping[str, Any]:
        found = await self.stand.persist(
            lambda: self.stand.cluster.find("Mailbox", member.name, member.namespace)
        )
        status: Mapping[str, Any] = (found or {}).get("status", {})
        return status

    async def revoke_and_consent(self, random: Random) -> None:
        """An owner ends a consent at the provider, is asked for it, and gives it again."""
        (member,) = self._drawn(random, self.stand.fleet.with_consents(), 1)
        if not member.has_consent or await self._is_asked(member):
            return  # who is asked already is asked for another reason: all grants are refused
        member.has_consent = False
        self.stand.world.oauth.revoke_account(member.address)
        await self.ask(member)
        if await self._patiently(member, partial(self._is_asked, member)):
            await self.click(member)

    async def ask(self, member: Member) -> None:
        """Ask for an attempt now."""
        change = {"metadata": {"annotations": {RECONNECT: secrets.token_hex(4)}}}
        await self._merge("Mailbox", member, change)

    async def ask_some(self, random: Random) -> None:
        """Ask for attempts now."""
        for member in self._drawn(random, self.stand.fleet.members, SOME):
            await self.ask(member)

    async def edit_some(self, random: Random) -> None:
        """Give them other names."""
        for member in self._drawn(random, self.stand.fleet.members, SOME):
            await self._merge("Mailbox", member, {"spec": {"displayName": secrets.token_hex(4)}})

    async def annotate_some(self, random: Random) -> None:
        """Write to Secrets what matters to nobody."""
        for member in self._drawn(random, self.stand.fleet.with_passwords(), SOME):
            change = {"metadata": {"annotations": {"synced-at": secrets.token_hex(4)}}}
            await self._merge("Secret", member, change)

    async def replace_some(self, random: Random) -> None:
        """Delete Mailboxes and create them again at once, as GitOps tools do."""
        cluster = self.stand.cluster
        for each in self._drawn(random, self.stand.fleet.with_passwords(), SOME):
            await self.stand.persist(
                lambda each=each: cluster.delete("Mailbox", each.name, each.namespace)  # type: ignore[misc]
            )
            await self.stand.declare(each)

    async def rotate_some(self, random: Random) -> None:
        """Change passwords, at the server first and then in the Secrets."""
        for member in self._drawn(random, self.stand.fleet.with_passwords(), SOME):
            member.password = secrets.token_hex(4)
            server = self.stand.own
            accounts = {**server.behaviour.accounts, member.address: member.password}
            server.behaviour = replace(server.behaviour, accounts=accounts)
            await self.stand.persist(
                lambda one=member: self.stand.cluster.apply(one.secret())  # type: ignore[misc]
            )

    def lose_some(self, random: Random) -> None:
        """Change passwords at the server alone: from now on these Mailboxes have a wrong one."""
        for member in self._drawn(random, self.stand.fleet.with_passwords(), SOME):
            member.is_wrong = True
            server = self.stand.own
            accounts = {**server.behaviour.accounts, member.address: "another"}
            server.behaviour = replace(server.behaviour, accounts=accounts)

    async def mistype(self, random: Random) -> None:
        """Write a wrong password, and the right one a little later."""
        (member,) = self._drawn(random, self.stand.fleet.with_passwords(), 1)
        wrong = replace(member, password="mistyped")
        await self.stand.persist(lambda: self.stand.cluster.apply(wrong.secret()))
        await asyncio.sleep(NOTICED_SECONDS)
        await self.stand.persist(lambda: self.stand.cluster.apply(member.secret()))

    async def _merge(self, kind: str, member: Member, change: Mapping[str, Any]) -> None:
        await self.stand.persist(
            lambda: self.stand.cluster.merge(kind, member.name, change, member.namespace)
        )

    def _drawn(self, random: Random, among: Sequence[Member], count: int) -> list[Member]:
        return random.sample(among, min(count, len(among)))


def differing(stand: Stand, found: Mapping[str, Object]) -> dict[str, str]:
    """Return the reasons of the Mailboxes that do not say the truth."""
    held = held_back(stand)
    said = {name: reason_of(each) for name, each in found.items()}
    return untrue(said, {x.name: x.truths(held=x.address in held) for x in stand.fleet.members})


def held_back(stand: Stand) -> set[str]:
    """Return the users whom the bound on refused logins may hold back."""
    return held(stand.attempts, stand.fleet.tenants(), OF_ONE_TENANT, OF_A_NAMESPACE)
