"""Asks Microsoft's token endpoints.

The only door of msal, which blocks and so runs in threads.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final

import msal
import requests
from msal.exceptions import MsalError

from mailbox_operator.connect.clients import OAuthClient
from mailbox_operator.connect.tokens import no_response, refusal
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.words import Grant
from mailbox_operator.ports import AuthorizationRequest

PASSING: Final = frozenset({429, *range(500, 600)})
REFUSED: Final = range(400, 500)
UNREADABLE: Final = (MsalError, ValueError, LookupError, TypeError, AttributeError, RuntimeError)
"""What msal raises when an answer is not what it expects."""

Ask = Callable[[msal.ConfidentialClientApplication], Mapping[str, Any]]


@dataclass(slots=True)
class Http:
    """The HTTP client that msal is given: bounded in time, trusting what the operator trusts.

    Attributes:
        status, wait: HTTP status and Retry-After of the last response; msal does not pass them on.
    """

    bundle: str
    timeout_seconds: float
    status: int = 0
    wait: str = ""
    session: requests.Session = field(default_factory=requests.Session, repr=False)

    def __post_init__(self) -> None:
        self.session.trust_env = False
        self.session.verify = self.bundle

    def get(self, url: str, **options: Any) -> requests.Response:
        """Send a GET request."""
        return self._sent("GET", url, options)

    def post(self, url: str, **options: Any) -> requests.Response:
        """Send a POST request."""
        response = self._sent("POST", url, options)
        if response.status_code not in PASSING:
            response.json()  # msal would log all of what is no JSON, and then raise
        return response

    def close(self) -> None:
        """Close the connections."""
        self.session.close()

    def _sent(self, method: str, url: str, options: Mapping[str, Any]) -> requests.Response:
        bounds = {"timeout": self.timeout_seconds, "allow_redirects": False}
        response = self.session.request(method, url, **{**options, **bounds})
        self.status = response.status_code
        self.wait = response.headers.get("Retry-After", "")
        return response


@dataclass(frozen=True, slots=True)
class Microsoft:
    """Gets tokens of one tenant.

    Attributes:
        authority: URL of the sign-in service, with the tenant.
        bundle: PEM file of the authorities to trust.
        timeout_seconds: For each of the two requests an answer takes.
    """

    authority: str
    bundle: str
    timeout_seconds: float

    async def by_refresh_token(
        self, client: OAuthClient, refresh_token: str, scope: str
    ) -> Mapping[str, Any]:
        """Exchange a refresh token for an access token (RFC 6749 section 6).

        Raises:
            Fault: Why Microsoft refuses, or is not reached.
        """

        def ask(app: msal.ConfidentialClientApplication) -> Mapping[str, Any]:
            answer: Mapping[str, Any] = app.acquire_token_by_refresh_token(refresh_token, [scope])
            return answer

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

        def ask(app: msal.ConfidentialClientApplication) -> Mapping[str, Any]:
            back = {"state": request.state, "code": code}
            answer: Mapping[str, Any] = app.acquire_token_by_auth_code_flow(flow, back)
            return answer

        secrets = (client.secret, code, request.code_verifier)
        return await self._ask(client, ask, Grant.AUTHORIZATION_CODE, secrets)

    async def discovered(self) -> Mapping[str, Any]:
        """Read the tenant's discovery document (OpenID Connect Discovery 1.0 section 4).

        Raises:
            Fault: It is not to be had.
        """
        http = Http(self.bundle, self.timeout_seconds)
        url = f"{self.authority}/v2.0/.well-known/openid-configuration"
        try:
            with closing(http):
                response = await asyncio.to_thread(http.get, url)
                document: Mapping[str, Any] = dict(response.json())
        except requests.JSONDecodeError as error:
            raise no_response(error) from error
        except requests.RequestException as error:
            raise no_response(error, type(error).__name__) from error
        except (ValueError, TypeError) as error:
            raise no_response(error) from error
        return document

    async def by_app(self, client: OAuthClient, scope: str) -> Mapping[str, Any]:
        """Get an access token for the app itself (RFC 6749 section 4.4).

        Raises:
            Fault: Why Microsoft refuses, or is not reached.
        """

        def ask(app: msal.ConfidentialClientApplication) -> Mapping[str, Any]:
            answer: Mapping[str, Any] = app.acquire_token_for_client([scope])
            return answer

        return await self._ask(client, ask, Grant.CLIENT_CREDENTIALS, (client.secret,))

    async def _ask(
        self, client: OAuthClient, ask: Ask, grant: Grant, secrets: tuple[str, ...]
    ) -> Mapping[str, Any]:
        http = Http(self.bundle, self.timeout_seconds)
        try:
            returned = await asyncio.to_thread(self._asked, client, ask, http)
        except requests.JSONDecodeError as error:
            raise no_response(error) from error
        except requests.RequestException as error:
            raise no_response(error, type(error).__name__) from error
        except UNREADABLE as error:
            raise _misread(error, http, grant) from error
        if "error" in returned or http.status != HTTPStatus.OK:
            raise refusal(returned, http.status, http.wait, grant, secrets)
        return returned

    def _asked(self, client: OAuthClient, ask: Ask, http: Http) -> Mapping[str, Any]:
        """Ask with an application of its own.

        msal replays a refused request from an application's memory for a minute; tenants must
        neither wait for that nor share it.
        """
        with closing(http):
            app = msal.ConfidentialClientApplication(
                client.id,
                client_credential=client.secret,
                authority=self.authority,
                instance_discovery=False,
                http_client=http,
            )
            return ask(app)


def _misread(error: Exception, http: Http, grant: Grant) -> Fault:
    """Say why msal gives up; the type of its error tells that discovery was refused."""
    if http.status in PASSING:
        return refusal(None, http.status, http.wait, grant)
    if type(error) is ValueError and http.status in REFUSED:
        facts = {"code": "the tenant is not known there"}
        return Fault(Reason.OAUTH_APP_INVALID, "tenant discovery was refused", facts=facts)
    return no_response(error)
