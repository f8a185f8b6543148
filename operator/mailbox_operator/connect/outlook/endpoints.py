"""Asks Microsoft's token endpoints.

The only door of msal, which blocks: it runs in threads, and what it sends goes out by the event loop.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import Any, Final

import msal
from msal.exceptions import MsalError

from mailbox_operator.connect.network.threads import Threads
from mailbox_operator.connect.oauth.clients import OAuthClient
from mailbox_operator.connect.oauth.https import Https, read_object
from mailbox_operator.connect.oauth.tokens import UNREADABLE_ANSWERS, no_response, token_refusal
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.authorization import AuthorizationRequest
from mailbox_operator.decide.words import Grant

PASSING_STATUSES: Final = frozenset({429, *range(500, 600)})
REFUSED_STATUSES: Final = range(400, 500)
SENT: Final = ("headers", "params", "data")

Ask = Callable[[msal.ConfidentialClientApplication], Any]


@dataclass(frozen=True, slots=True)
class Response:
    """A response as msal reads it: the text in UTF-8, the names of headers in lower case."""

    status_code: int
    text: str
    headers: Mapping[str, str]

    def raise_for_status(self) -> None:
        """Raise unless it succeeded; msal asks this of what it does not understand."""
        if self.status_code >= HTTPStatus.BAD_REQUEST:
            raise ValueError(self.status_code)


@dataclass(slots=True)
class Http:
    """The HTTP client that msal is given: its thread waits here while the event loop asks.

    Attributes:
        loop: Where the requests are made.
        status, wait: HTTP status and Retry-After of the last response; msal does not pass them on.
    """

    https: Https
    loop: asyncio.AbstractEventLoop
    status: int = 0
    wait: str = ""
    _asked: Future[Response] | None = None
    _closed: bool = False
    _lock: Lock = field(default_factory=Lock)

    def get(self, url: str, **options: Any) -> Response:
        """Send a GET request."""
        return self._sent("GET", url, options)

    def post(self, url: str, **options: Any) -> Response:
        """Send a POST request."""
        response = self._sent("POST", url, options)
        if response.status_code not in PASSING_STATUSES:
            try:
                read_object(response.text)
            except ValueError as error:  # msal would log all of it, and then raise
                raise no_response(error) from error
        return response

    def close(self) -> None:
        """Give up what is asked, and ask no more: a thread that waits goes on at once."""
        with self._lock:
            self._closed = True
            if self._asked is not None:
                self._asked.cancel()

    def _sent(self, method: str, url: str, options: Mapping[str, Any]) -> Response:
        content = {name: options[name] for name in SENT if options.get(name)}
        with self._lock:
            if self._closed:
                raise RuntimeError("the attempt is over")
            asking = _send(self.https, method, url, content)
            self._asked = asyncio.run_coroutine_threadsafe(asking, self.loop)
        response = self._asked.result()
        self.status = response.status_code
        self.wait = response.headers.get("retry-after", "")
        return response


@dataclass(frozen=True, slots=True)
class Microsoft:
    """Gets tokens of one tenant.

    Attributes:
        authority: URL of the sign-in service, with the tenant.
        https: Sends each of the two requests that an answer takes.
        threads: Where msal runs.
        namespace: On whose behalf; the threads are shared among namespaces.
    """

    authority: str
    https: Https
    threads: Threads
    namespace: str

    async def by_refresh_token(
        self, client: OAuthClient, refresh_token: str, scope: str
    ) -> Mapping[str, Any]:
        """Exchange a refresh token for an access token (RFC 6749 section 6).

        Raises:
            Fault: Why Microsoft refuses, or is not reached.
        """

        def ask(app: msal.ConfidentialClientApplication) -> Any:
            return app.acquire_token_by_refresh_token(refresh_token, [scope])

        secrets = (client.secret, refresh_token)
        return await self._ask(client, ask, Grant.AUTHORIZATION_CODE, secrets)

    async def by_code(
        self, client: OAuthClient, code: str, request: AuthorizationRequest, scopes: Sequence[str]
    ) -> Mapping[str, Any]:
        """Exchange a code for tokens (RFC 6749 section 4.1.3).

        The state and the verifier are ours: msal would draw them from a predictable source.

        Raises:
            Fault: Why Microsoft refuses, or is not reached.
        """
        flow = {
            "state": request.state,
            "nonce": request.nonce,
            "redirect_uri": request.redirect_uri,
            "code_verifier": request.code_verifier,
            "scope": list(scopes),
        }

        def ask(app: msal.ConfidentialClientApplication) -> Any:
            back = {"state": request.state, "code": code}
            return app.acquire_token_by_auth_code_flow(flow, back)

        secrets = (client.secret, code, request.code_verifier)
        return await self._ask(client, ask, Grant.AUTHORIZATION_CODE, secrets)

    async def discover(self) -> Mapping[str, Any]:
        """Read the tenant's discovery document (OpenID Connect Discovery 1.0 section 4).

        Raises:
            Fault: It is not to be had.
        """
        url = f"{self.authority}/v2.0/.well-known/openid-configuration"
        response = await self.https.send("GET", url)
        try:
            return read_object(response.content)
        except ValueError as error:
            raise no_response(error) from error

    async def by_app(self, client: OAuthClient, scope: str) -> Mapping[str, Any]:
        """Get an access token for the app itself (RFC 6749 section 4.4).

        Raises:
            Fault: Why Microsoft refuses, or is not reached.
        """

        def ask(app: msal.ConfidentialClientApplication) -> Any:
            return app.acquire_token_for_client([scope])

        return await self._ask(client, ask, Grant.CLIENT_CREDENTIALS, (client.secret,))

    async def _ask(
        self, client: OAuthClient, ask: Ask, grant: Grant, secrets: tuple[str, ...]
    ) -> Mapping[str, Any]:
        http = Http(self.https, asyncio.get_running_loop())
        try:
            with closing(http):
                asked = self.threads.run(self.namespace, lambda: self._ask_msal(client, ask, http))
                returned = await asked
        except (MsalError, *UNREADABLE_ANSWERS) as error:
            raise _misread(error, http, grant) from error
        if not isinstance(returned, Mapping):
            raise no_response(TypeError())
        if "error" in returned or http.status != HTTPStatus.OK:
            raise token_refusal(returned, http.status, http.wait, grant, secrets)
        return returned

    def _ask_msal(self, client: OAuthClient, ask: Ask, http: Http) -> Any:
        """Ask with an application of its own.

        msal replays a refused request from an application's memory for a minute; tenants must
        neither wait for that nor share it.
        """
        app = msal.ConfidentialClientApplication(
            client.id,
            client_credential=client.secret,
            authority=self.authority,
            instance_discovery=False,
            http_client=http,
        )
        return ask(app)


async def _send(https: Https, method: str, url: str, content: Mapping[str, Any]) -> Response:
    response = await https.send(method, url, **content)
    text = response.content.decode("utf-8", "replace")
    return Response(response.status_code, text, dict(response.headers))


def _misread(error: Exception, http: Http, grant: Grant) -> Fault:
    """Say why msal gives up; the type of its error tells that discovery was refused."""
    if http.status in PASSING_STATUSES:
        return token_refusal(None, http.status, http.wait, grant)
    if type(error) is ValueError and http.status in REFUSED_STATUSES:
        facts = {"code": "the tenant is not known there"}
        return Fault(
            Reason.OAUTH_APP_INVALID,
            "tenant discovery was refused",
            facts=facts,
            finding=Finding.TENANT_UNKNOWN,
        )
    return no_response(error)
