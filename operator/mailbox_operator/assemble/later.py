"""Builds what connects a provider's mailboxes when the first one is there.

The libraries of a provider take megabytes, which an operator without such mailboxes does not need.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from mailbox_operator.connect.oauth.accesses import AccessSource
from mailbox_operator.connect.oauth.clients import AppProver, OAuthClient
from mailbox_operator.consent.ports import Authorizer
from mailbox_operator.decide.declared.providers.access import App
from mailbox_operator.decide.grants.authorization import AuthorizationRequest, Departure
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.consent import Redeemed
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.sending.accessrecord import AccessRecord
from mailbox_operator.ports import Connector


class OAuthConnector(Connector, Authorizer, AppProver, AccessSource, Protocol):
    """Serves a provider of tokens: its mailboxes, its part of a consent, the platform's app there."""


@dataclass(slots=True)
class Later:
    """Does what a connector does, which is built when it is first asked for something.

    Attributes:
        build: Imports and builds it, in a thread: an import computes for a tenth of a second.
        turn: Of those that are built together; one at a time.
    """

    build: Callable[[], OAuthConnector]
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    _made: OAuthConnector | None = None

    async def made(self) -> OAuthConnector:
        """Return the connector; all get the same one."""
        if self._made is None:
            async with self.turn:
                if self._made is None:
                    self._made = await asyncio.to_thread(self.build)
        return self._made

    async def connect(self, case: Case) -> Proof:
        """Prove one mailbox; raises as `Connector.connect` does."""
        return await (await self.made()).connect(case)

    async def departure(self, case: Case, request: AuthorizationRequest) -> Departure:
        """Say where the browser is to go; raises as `Authorizer.departure` does."""
        return await (await self.made()).departure(case, request)

    async def redeem(self, case: Case, code: str, request: AuthorizationRequest) -> Redeemed:
        """Exchange a code for tokens; raises as `Authorizer.redeem` does."""
        return await (await self.made()).redeem(case, code, request)

    async def prove(self, case: Case, redeemed: Redeemed) -> Proof:
        """Log in with a new access token; raises as `Authorizer.prove` does."""
        return await (await self.made()).prove(case, redeemed)

    async def revoke(self, token: str) -> None:
        """End a grant; raises as `Authorizer.revoke` does."""
        await (await self.made()).revoke(token)

    async def try_app(self, client: OAuthClient, app: App) -> None:
        """Prove the platform's app; raises as `AppProver.try_app` does."""
        await (await self.made()).try_app(client, app)

    async def access(self, case: Case, after: float) -> AccessRecord:
        """Return an access token for the gateways; raises as `AccessSource.access` does."""
        return await (await self.made()).access(case, after)
