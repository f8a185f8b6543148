"""The door of HTTP: requests to sign-in services, bounded as a whole in time and in bytes.

httpx bounds each read, so a server that sends a byte now and then could hold a request for ever; and
it reads whatever comes. Here one limit holds for all of a request, and only so much is read.
"""

import asyncio
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from mailbox_operator.connect.network.mailthread import MailThread
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.oauth.proxies import NO_PROXIES, Proxies
from mailbox_operator.connect.oauth.tokens import no_response
from mailbox_operator.connect.oauth.wayout import (
    Journey,
    UnreachedError,
    packed_page,
    page_in_place,
)
from mailbox_operator.decide.cluster.retryafter import asked_seconds
from mailbox_operator.decide.texts.bounded import read_json
from mailbox_operator.decide.texts.shapes import HOST

MOST_RESPONSE_BYTES: Final = 262_144
LEAST_OF_A_PART: Final = 64
"""What a part of a body counts at least: a body in single bytes costs work for each of them."""

PARTS_AT_A_STRETCH: Final = 64
LONGEST_HEADER: Final = 64
KEPT_HEADERS: Final = ("Retry-After",)
"""The others decide nothing; a charset or an encoding of theirs could make much of little."""

UNUSABLE: Final = (httpx2.InvalidURL, ValueError)
"""What httpx raises when an address that a document names is none."""


class Bounded(httpx2.AsyncBaseTransport):
    """Sends a request and reads all of its response, within a time and a number of bytes.

    It does so on another loop: handshakes and headers are the server's choice of work.
    """

    def __init__(
        self,
        trust: Trust,
        proxies: Proxies,
        seconds: float,
        most_bytes: int,
        elsewhere: MailThread,
    ) -> None:
        self._trust, self._proxies, self._elsewhere = trust, proxies, elsewhere
        self._seconds, self._most_bytes = seconds, most_bytes

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Return the whole response.

        Raises:
            UnreachedError: It did not reach the service, or something else answers in its place.
            httpx2.HTTPError: It did not come in time, is too long, or is compressed.
        """
        if not HOST.fits(request.url.host):  # or its look-up would fail, as of the network
            raise httpx2.UnsupportedProtocol("the address has no host name")
        request.headers["Accept-Encoding"] = "identity"
        journey = Journey(request.url, self._proxies)
        request.extensions = {**request.extensions, "trace": journey.trace}
        try:
            response = await self._elsewhere.run(self._exchange(request, journey))
        except UnreachedError:
            raise
        except (httpx2.HTTPError, ssl.SSLError) as error:
            if (unreached := journey.ended(error)) is not None:
                raise unreached from error
            raise
        return response

    async def _exchange(self, request: httpx2.Request, journey: Journey) -> httpx2.Response:
        context = self._trust.http_context()
        proxy = self._proxies.proxy_for(request.url, context)
        transport = httpx2.AsyncHTTPTransport(verify=context, trust_env=False, proxy=proxy)
        try:
            async with asyncio.timeout(self._seconds), transport:
                response = await transport.handle_async_request(request)
                try:
                    content = await self._read(response, request.url.host)
                finally:
                    await response.aclose()
        except TimeoutError as error:
            raise httpx2.ReadTimeout("the request as a whole took too long") from error
        finally:
            await journey.close()
        status, headers = response.status_code, response.headers
        if not self._trust.is_public:
            page = page_in_place(request.url.host, status, headers, content)
            if page is not None:
                raise page
        return httpx2.Response(status, headers=_kept(response), content=content)

    async def _read(self, response: httpx2.Response, host: str) -> bytes:
        if response.headers.get("Content-Encoding", "identity").lower() != "identity":
            page = None if self._trust.is_public else packed_page(host, response)
            raise page or httpx2.DecodingError("it is compressed, which was not asked for")
        content, counted, parts = bytearray(), 0, 0
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        async for part in response.stream:
            counted += max(len(part), LEAST_OF_A_PART)
            if counted > self._most_bytes:
                raise httpx2.RemoteProtocolError("it is too long")
            content += part
            parts += 1
            if parts % PARTS_AT_A_STRETCH == 0:
                await asyncio.sleep(0)
        return bytes(content)


@dataclass(frozen=True, slots=True)
class Https:
    """Makes HTTP clients that are bounded, trust what the operator trusts, and follow no redirect.

    Attributes:
        seconds: For a whole request: look-up, connection, TLS, headers and body.
        elsewhere: Where a request is sent and its response read.
        proxies: What is on the way.
        most_bytes: Of a response's body.
    """

    trust: Trust
    seconds: float
    elsewhere: MailThread
    proxies: Proxies = NO_PROXIES
    most_bytes: int = MOST_RESPONSE_BYTES

    @property
    def options(self) -> dict[str, Any]:
        """How a client of httpx, or one of authlib's, is to be made."""
        return {
            "transport": Bounded(
                self.trust, self.proxies, self.seconds, self.most_bytes, self.elsewhere
            ),
            "trust_env": False,
            "follow_redirects": False,
            "timeout": self.seconds,
        }

    async def send(self, method: str, url: str, **content: Any) -> httpx2.Response:
        """Send one request; the response is whole.

        Raises:
            Fault: `NetworkUnavailable` or `ProviderUnavailable`.
        """
        with answered():
            async with httpx2.AsyncClient(**self.options) as http:
                return await http.request(method, url, **content)


@contextmanager
def answered() -> Iterator[None]:
    """Turn what keeps a request from being answered into a fault.

    Raises:
        Fault: `NetworkUnavailable` where it did not reach the service, else `ProviderUnavailable`.
    """
    try:
        yield
    except UnreachedError as error:
        raise error.fault from error
    except (httpx2.HTTPError, ssl.SSLError) as error:
        raise no_response(error, type(error).__name__) from error
    except UNUSABLE as error:
        raise no_response(error) from error


def read_object(text: str | bytes) -> Mapping[str, Any]:
    """Read a body that is to be a JSON object.

    Raises:
        ValueError: It is none.
    """
    content = read_json(text, MOST_RESPONSE_BYTES)
    if not isinstance(content, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - the text is wrong, not our type
    return content


def _kept(response: httpx2.Response) -> Mapping[str, str]:
    named = {name: response.headers.get(name, "") for name in KEPT_HEADERS}
    seconds = asked_seconds(named["Retry-After"], response.headers.get("Date", ""))
    if seconds is not None:
        named["Retry-After"] = str(seconds)
    return {name: value for name, value in named.items() if 0 < len(value) <= LONGEST_HEADER}
