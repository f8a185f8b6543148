"""The HTTP proxy that sign-in services are reached through, where the platform has one.

SMTP is not sent through it: an HTTP proxy forwards mail ports for hardly anybody.
"""

import ssl
from dataclasses import dataclass, field
from typing import Final

import httpx2

from mailbox_operator.decide.network.proxied import is_direct

HTTPS_PORT: Final = 443
PROXY_PORTS: Final = {"http": 80, "https": HTTPS_PORT}


@dataclass(frozen=True, slots=True)
class Proxies:
    """Which proxy a request takes.

    Attributes:
        url: Of the proxy, with its credentials if it wants some; None where there is none.
        exceptions: Hosts that are reached without it, as NO_PROXY writes them.
    """

    url: str | None = field(default=None, repr=False)
    exceptions: tuple[str, ...] = ()

    def serves(self, url: httpx2.URL) -> bool:
        """Say whether a request to that address takes the proxy."""
        port = url.port or HTTPS_PORT
        return self.url is not None and not is_direct(url.host, port, self.exceptions)

    def proxy_for(self, url: httpx2.URL, context: ssl.SSLContext) -> httpx2.Proxy | None:
        """Return the proxy for a request; None where it goes out directly.

        Args:
            url: Where the request goes.
            context: Whom to trust where the proxy itself is spoken to by TLS.
        """
        if self.url is None or not self.serves(url):
            return None
        tls = context if self.url.lower().startswith("https:") else None
        return httpx2.Proxy(self.url, ssl_context=tls)

    @property
    def name(self) -> str:
        """Host and port of the proxy, and never its credentials."""
        parsed = httpx2.URL(self.url or "")
        return f"{parsed.host}:{parsed.port or PROXY_PORTS.get(parsed.scheme, '')}"


NO_PROXIES: Final = Proxies()
