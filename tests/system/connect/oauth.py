"""An authorization server, a mail server that asks it about tokens, and the adapters between them."""

import base64
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final, Self

from lab.servers.authority import Authority
from lab.servers.oauth import Behaviour, OAuthServer
from lab.servers.smtp import Behaviour as Mail, SmtpServer, Stage
from mailbox_operator.assemble.later import OAuthConnector
from mailbox_operator.connect.google.connector import Google
from mailbox_operator.connect.network.threads import Threads
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.oauth.bearer import Bearers
from mailbox_operator.connect.oauth.idtoken import IdTokens
from mailbox_operator.connect.oauth.proxies import NO_PROXIES, Proxies
from mailbox_operator.connect.oauth.token_connector import OAuthParts
from mailbox_operator.connect.outlook.connector import Outlook
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.words import Cloud, Provider
from mailbox_operator.settings.providers import GoogleSection, OutlookCloud
from mailbox_operator.settings.values import ServerSection
from system.connect.cases import JANE, TENANT, UID, case, endpoint, smtp as prover
from unit import make
from unit.fakes import FakeClock, FakeGrants, FakeSecrets

OWN: Final = {"client-id": "app", "client-secret": "hush", "refresh-token": "old"}
KNOWN: Final = Behaviour(clients={"app": "hush"}, refresh_tokens={"old": JANE})
RESOURCE: Final = "https://outlook.office.com"
EPOCH: Final = 1_800_000_000.0
"""Seconds since 1970 (UTC) at which the clock begins."""

APP_RESOURCE: Final = "https://outlook.office365.com"


def challenge(status: str) -> bytes:
    """Write the error that Google sends as a challenge."""
    return b"334 " + base64.b64encode(json.dumps({"status": status}).encode())


@dataclass(slots=True)
class World:
    """Everything a login by token needs.

    Attributes:
        refreshed: A case for each access token that was fetched.
        token_url: Of Google; another one than the server's, if a test says so.
        authority_url: Of Microsoft; the same.
    """

    oauth: OAuthServer
    mail: SmtpServer
    trust: Trust
    secrets: FakeSecrets = field(default_factory=FakeSecrets)
    grants: FakeGrants = field(default_factory=FakeGrants)
    clock: FakeClock = field(default_factory=FakeClock)
    refreshed: list[Case] = field(default_factory=list)
    bearers: Bearers = field(init=False)
    id_tokens: IdTokens = field(init=False)
    token_url: str = ""
    authority_url: str = ""
    timeout_seconds: float = 5
    threads: Threads = field(default_factory=lambda: Threads("msal", 4, idle_seconds=0.05))
    proxies: Proxies = NO_PROXIES

    def __post_init__(self) -> None:
        self.bearers = Bearers(
            prover(), self.clock, self.refreshed.append, time=lambda: EPOCH + self.clock()
        )
        self.id_tokens = IdTokens(self.trust, self.clock, lambda: datetime.now(UTC))
        self.secrets.content[TENANT, "own"] = OWN

    @classmethod
    @asynccontextmanager
    async def running(cls, authority: Authority, trust: Trust) -> AsyncIterator[Self]:
        """Run both servers as long as the block lasts."""
        async with (
            OAuthServer(authority.shared_context(), KNOWN) as oauth,
            SmtpServer(authority.shared_context(), Mail(), oauth.token_valid) as mail,
        ):
            yield cls(oauth, mail, trust)

    @property
    def google(self) -> Google:
        """The adapter for Google."""
        url = self.oauth.url
        endpoints = GoogleSection(
            issuer="https://accounts.google.com",
            authorization_endpoint=f"{url}/o/oauth2/v2/auth",
            token_endpoint=self.token_url or f"{url}/token",
            revocation_endpoint=f"{url}/revoke",
            jwks_uri=f"{url}/jwks",
            smtp=self._smtp,
        )
        return Google(self._parts, endpoints)

    @property
    def outlook(self) -> Outlook:
        """The adapter for Outlook; the clouds but the global one are out of reach."""
        authority = self.authority_url or self.oauth.url
        known = OutlookCloud(
            authority=authority, resource=RESOURCE, app_resource=APP_RESOURCE, smtp=self._smtp
        )
        far = known.model_copy(update={"authority": "https://localhost:1"})
        clouds = {cloud: known if cloud is Cloud.GLOBAL else far for cloud in Cloud}
        return Outlook(self._parts, clouds, self.threads)

    @property
    def _smtp(self) -> ServerSection:
        found = endpoint(self.mail)
        return ServerSection(host=found.host, port=found.port, security=found.security)

    @property
    def _parts(self) -> OAuthParts:
        return OAuthParts(
            self.trust,
            self.bearers,
            self.secrets,
            self.grants,
            self.id_tokens,
            self.proxies,
            self.timeout_seconds,
        )

    @property
    def apps(self) -> Mapping[Provider, OAuthConnector]:
        """Return what connects the mailboxes of each provider of tokens."""
        return {Provider.GOOGLE: self.google, Provider.OUTLOOK: self.outlook}

    def knows(self, **changes: Any) -> None:
        """Change what the authorization server knows or does."""
        self.oauth.behaviour = replace(self.oauth.behaviour, **changes)

    def holds(self, **content: str) -> None:
        """Change the tenant's Secret; keys are written with underscores."""
        changes = {key.replace("_", "-"): value for key, value in content.items()}
        self.secrets.content[TENANT, "own"] = {**OWN, **changes}

    def refuses(self, *replies: bytes | None) -> None:
        """Say how the mail server answers the next logins."""
        self.mail.behaviour = Mail(replies={Stage.AUTH: replies})

    @property
    def tally(self) -> tuple[int, int]:
        """Count token requests and login attempts."""
        return self.oauth.requests.total(), self.mail.auths


def given_to_the_platform(world: World, grant: StoredGrant, **spec: Any) -> Case:
    """Make a Managed Outlook mailbox that holds a grant to the platform's app."""
    world.secrets.content = {("platform", "app"): {"client-id": "app", "client-secret": "hush"}}
    world.grants.content[UID] = grant
    offer = make.offer(outlook="app", tenant="common")
    return case(Provider.OUTLOOK, offer, **spec)
