"""Tells what keeps a request from reaching a sign-in service: the platform's own way out.

What happens before the service's own TLS is up, or in its place, is done by the cluster's network:
its name service, a firewall, a proxy, a gateway that inspects TLS or shows a page of its own.
"""

import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final, Protocol

import httpx2

from mailbox_operator.connect.oauth.proxies import HTTPS_PORT, Proxies
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.texts.bounded import read_json

CONNECTED: Final = "connection.connect_tcp.complete"
TLS_IS_UP: Final = "start_tls.complete"
CA_ADVICE: Final = (
    "; if a gateway there inspects TLS, put its authority and the public ones into"
    " egress.caBundleFile"
)
LOGIN_ADVICE: Final = "; give its user name and password in egress.proxyURL"
GATEWAY_STATUSES: Final = frozenset(
    {
        HTTPStatus.FORBIDDEN,
        HTTPStatus.PROXY_AUTHENTICATION_REQUIRED,
        HTTPStatus.UNAVAILABLE_FOR_LEGAL_REASONS,
        HTTPStatus.NETWORK_AUTHENTICATION_REQUIRED,
    }
)
"""Sign-in services refuse in JSON; with one of these and anything else, somebody else speaks."""

OWN_STATUSES: Final = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.TOO_MANY_REQUESTS})
"""Sign-in services answer with these in HTML themselves."""

OWN_PAGES: Final = (b")!!1</title>", b"Our services aren't available right now")
"""What the pages of Google's and of Microsoft's own front ends say."""

OWN_SERVERS: Final = re.compile(r"(ESF|GFE|GSE|gws|sffe|scaffolding on HTTPServer2)\b")
OWN_HEADERS: Final = ("x-ms-request-id", "x-ms-ests-server", "x-azure-ref")
"""What Google's front ends call themselves in `Server`, and what Microsoft's add to each answer."""

NO_ADDRESS: Final = (httpx2.UnsupportedProtocol, httpx2.LocalProtocolError)
"""What is wrong with an address, such as one that a document names: no request left for it."""

WAY_OUT_TROUBLES: Final[Mapping[type[BaseException], str]] = {
    socket.gaierror: "the name {name} cannot be resolved",
    ConnectionRefusedError: "{whom} refuses the connection",
    ConnectionError: "the connection to {whom} was cut off",
    TimeoutError: "no answer from {whom} in time",
    httpx2.TimeoutException: "no answer from {whom} in time",
    httpx2.RemoteProtocolError: "{whom} does not answer as it should",
}
"""What keeps TLS from being reached; the first that an error is, or is caused by, counts."""


class UnreachedError(httpx2.TransportError):
    """A request did not reach the service that it was for.

    Attributes:
        host: That service.
        problem: What happened in place of that; stable from attempt to attempt, no credentials.
        advice: What more the platform can do.
    """

    def __init__(self, host: str, problem: str, advice: str = "") -> None:
        super().__init__(problem)
        self.host, self.problem, self.advice = host, problem, advice

    @property
    def fault(self) -> Fault:
        """The fault for the status."""
        facts = {"host": self.host, "code": self.problem, "advice": self.advice}
        return Fault(Reason.NETWORK_UNAVAILABLE, f"{self.host}: {self.problem}", facts=facts)


class Closable(Protocol):
    """A connection of the HTTP library."""

    async def aclose(self) -> None:
        """Close it, if it is open."""


@dataclass(slots=True)
class Journey:
    """How far one request came.

    Attributes:
        url: Where it goes.
        proxies: What may be on the way.
        arrived: Whether TLS with the service itself is up.
        opened: The connections it took.
    """

    url: httpx2.URL
    proxies: Proxies
    arrived: bool = False
    opened: list[Closable] = field(default_factory=list)

    async def trace(self, event: str, info: Mapping[str, Any]) -> None:
        """Take note of a step of the HTTP library."""
        if event == CONNECTED:
            self.opened.append(info["return_value"])
        # Before a tunnel is there, `connection` is the one to the proxy.
        last = "proxy" if self.proxies.serves(self.url) else "connection"
        self.arrived |= event == f"{last}.{TLS_IS_UP}"

    async def close(self) -> None:
        """Close its connections: the library leaves one open whose handshake is given up."""
        for stream in self.opened:
            await stream.aclose()

    def ended(self, error: Exception) -> httpx2.HTTPError | None:
        """Say what an error means if it is the way out's; None if it is the service's."""
        if self.arrived or isinstance(error, NO_ADDRESS):
            return None
        return UnreachedError(self.url.host, *self._problem(error))

    def _problem(self, error: Exception) -> tuple[str, str]:
        """Say what happened, and what more than the usual there is to do."""
        is_proxied = self.proxies.serves(self.url)
        peer = self.proxies.name if is_proxied else f"{self.url.host}:{self.url.port or HTTPS_PORT}"
        whom = f"the proxy {peer}" if is_proxied else peer
        if isinstance(error, httpx2.ProxyError):
            return _refused(whom, str(error))
        for cause in _causes(error):
            if isinstance(cause, ssl.SSLError):
                return _tls_problem(cause, whom)
            for kind, text in WAY_OUT_TROUBLES.items():
                if isinstance(cause, kind):
                    return text.format(whom=whom, name=peer.rpartition(":")[0]), ""
        return f"the connection to {whom} failed", ""


def packed_page(host: str, response: httpx2.Response) -> UnreachedError | None:
    """Tell a gateway's compressed page from a service that compresses what was asked for plain.

    Args:
        host: The service.
        response: Its head; the body need not be read.
    """
    is_page = _media_type(response.headers).startswith("text/")
    if not is_page or _is_signed(response.headers):
        return None
    status = response.status_code
    return UnreachedError(host, f"a compressed page comes in place of its answer, HTTP {status}")


def page_in_place(
    host: str, status: int, headers: httpx2.Headers, content: bytes
) -> UnreachedError | None:
    """Tell a gateway's answer from the service's; None where the service itself answers.

    Sign-in services tell of their own trouble in JSON, or on pages and in headers of their own. A
    page without any of these is a gateway's: it is asked about only where a gateway can speak at all.

    Args:
        host: The service.
        status: Of the whole response.
        headers: Of it.
        content: Of it.
    """
    if HTTPStatus.MULTIPLE_CHOICES <= status < HTTPStatus.BAD_REQUEST:
        return UnreachedError(host, f"a redirect comes in place of its answer, HTTP {status}")
    if status in OWN_STATUSES or any(page in content for page in OWN_PAGES) or _is_signed(headers):
        return None
    media_type = _media_type(headers)
    is_told = status >= HTTPStatus.INTERNAL_SERVER_ERROR and bool(content)
    is_text = is_told and (not media_type or media_type.startswith("text/"))
    is_odd = status in GATEWAY_STATUSES or media_type.startswith("text/html") or is_text
    is_page = content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<")
    if is_page or (is_odd and not _is_json(content)):
        return UnreachedError(host, f"another page comes in place of its answer, HTTP {status}")
    return None


def _media_type(headers: httpx2.Headers) -> str:
    """Return what a response says of itself (RFC 9110 section 8.3); empty if nothing."""
    return headers.get("Content-Type", "").strip().lower()


def _is_signed(headers: httpx2.Headers) -> bool:
    """Say whether a response is from Google's or Microsoft's own servers, by its headers."""
    server = OWN_SERVERS.match(headers.get("Server", ""))
    return server is not None or any(name in headers for name in OWN_HEADERS)


def _tls_problem(error: ssl.SSLError, whom: str) -> tuple[str, str]:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"its certificate is not trusted: {error.verify_message}", CA_ADVICE
    if isinstance(error, ssl.SSLEOFError) or "EOF" in (error.reason or ""):
        return f"the connection to {whom} was cut off", ""
    return f"the TLS handshake failed: {error.reason or 'no details'}", ""


def _is_json(content: bytes) -> bool:
    try:
        return isinstance(read_json(content), dict)
    except ValueError:
        return False


def _refused(via: str, answer: str) -> tuple[str, str]:
    """Read the proxy's answer to CONNECT; of its text only the number is repeated."""
    number = answer.partition(" ")[0]
    wants_login = number == str(HTTPStatus.PROXY_AUTHENTICATION_REQUIRED.value)
    return f"{via} answers HTTP {number}", LOGIN_ADVICE if wants_login else ""


def _causes(error: BaseException) -> Iterator[BaseException]:
    """Go from an error to what lies beneath it, groups of errors included."""
    told: BaseException | None = error
    while told is not None:
        yield told
        if isinstance(told, BaseExceptionGroup):
            for each in told.exceptions:
                yield from _causes(each)
        told = told.__cause__ or told.__context__
