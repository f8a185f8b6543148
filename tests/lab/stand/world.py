"""The mail world of a module of tests: Google and Microsoft in small, and servers on demand."""

import ssl
from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Self

from lab.controlplane.ports import free_ports
from lab.servers.authority import Authority
from lab.servers.dns import NameServer, running
from lab.servers.oauth import Behaviour as Granting, OAuthServer
from lab.servers.smtp import Behaviour, OAuthStyle, SmtpServer
from lab.stand.specs import JANE

PORTS: Final = 64
ADDRESS: Final = str(JANE["address"])
EXCHANGES: Final = {"moved.example": ["10 in.mx.acme.example."]}
QUICK: Final = {"leaseDuration": "3s", "renewDeadline": "2s", "retryPeriod": "1s"}
"""How soon another replica leads, in tests of a takeover."""
GOOD: Final = Behaviour(accounts={ADDRESS: "right"}, senders=(ADDRESS,))


CLIENTS: Final = Granting(clients={"app": "hush"})
OUTLOOK: Final = "https://outlook.office.com"


@dataclass(slots=True)
class World:
    """Servers on the loopback, and the configuration that leads the operator to them.

    Attributes:
        oauth: Both token endpoints.
        google: Gmail's submission server.
        outlook: Exchange Online's.
        names: Answers for MX records.
        ports: What `server` takes one of.
        bundle: PEM file with the authority of all of them.
    """

    authority: Authority
    bundle: Path
    oauth: OAuthServer
    google: SmtpServer
    outlook: SmtpServer
    names: NameServer
    ports: tuple[int, ...]
    _free: Iterator[int] = field(init=False)

    def __post_init__(self) -> None:
        self._free = iter(self.ports)

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        authority: Authority,
        directory: Path,
        granting: Granting = CLIENTS,
        *,
        plain: bool = False,
    ) -> AsyncIterator[Self]:
        """Start everything; it runs as long as the block.

        Args:
            authority: Signs the certificates.
            directory: For the bundle.
            granting: What the sign-in services know.
            plain: Whether browsers find their screens by plain HTTP.
        """
        tls = authority.server_context()
        oauth = OAuthServer(tls, granting, plain=plain)
        microsoft = Behaviour(oauth_style=OAuthStyle.MICROSOFT)
        google = SmtpServer(tls, Behaviour(), oauth.token_valid)
        outlook = SmtpServer(tls, microsoft, oauth.token_valid)
        bundle = directory / "authority.pem"
        bundle.write_bytes(authority.ca_pem)
        async with oauth, google, outlook, running(NameServer(EXCHANGES)) as names:
            yield cls(authority, bundle, oauth, google, outlook, names, tuple(free_ports(PORTS)))

    def server(
        self, behaviour: Behaviour = GOOD, context: ssl.SSLContext | None = None
    ) -> SmtpServer:
        """Make one more mail server, not yet started, on a port that the operator may dial."""
        tls = context or self.authority.server_context()
        return SmtpServer(tls, behaviour, port=next(self._free))

    def grant(self, token: str, address: str = ADDRESS) -> None:
        """Let a refresh token stand for an account, besides those that do."""
        known = self.oauth.behaviour
        tokens = {**known.refresh_tokens, token: address}
        self.oauth.behaviour = replace(known, refresh_tokens=tokens)

    def places(self, *ports: int) -> dict[str, Any]:
        """Write the part of the operator's configuration that leads it here.

        Args:
            ports: More that it may dial.
        """
        names = {"nameservers": ["127.0.0.1"], "nameserverPort": self.names.port}
        return {
            "egress": egress((*self.ports, *ports), self.bundle) | names,
            "google": {
                "authorizationEndpoint": f"{self.oauth.page_url}/o/oauth2/v2/auth",
                "tokenEndpoint": f"{self.oauth.url}/token",
                "revocationEndpoint": f"{self.oauth.url}/revoke",
                "jwksURI": f"{self.oauth.url}/jwks",
                "smtp": {"host": "localhost", "port": self.google.port},
            },
            "outlook": {"clouds": {"Global": self.cloud(self.oauth)}},
        }

    def cloud(self, signs_in: OAuthServer, resource: str = OUTLOOK) -> Mapping[str, Any]:
        """Write how one of Microsoft's clouds is reached.

        Args:
            signs_in: Its sign-in service.
            resource: What the token of a person is for; an app's is for the same of Office 365.
        """
        return {
            "authority": signs_in.url,
            "signInPage": signs_in.page_url,
            "resource": resource,
            "appResource": resource.replace("office.com", "office365.com"),
            "smtp": {"host": "localhost", "port": self.outlook.port},
        }

    def configuration(self, **more: Any) -> Mapping[str, Any]:
        """Write the operator's configuration; impatient, so that no test has to wait long."""
        return {
            **self.places(),
            "timeouts": {"connect": "2s", "command": "2s", "otherPort": "1s", "attempt": "8s"},
            "intervals": {"transient": ["1s", "2s"]},
            "claims": {"grace": "1ms"},  # the tests share addresses
            "grants": {"grace": "1ms", "mostPerHour": 1_000},
            **more,
        }


def egress(ports: Iterable[int], bundle: Path) -> dict[str, Any]:
    """Write that the operator may dial servers on the loopback.

    Args:
        ports: Where they listen, besides the usual ports.
        bundle: PEM file with the authority of their certificates.
    """
    return {
        "allowedNetworks": ["127.0.0.0/8", "::1/128"],
        "allowedPorts": list(ports),
        "caBundleFile": str(bundle),
    }
