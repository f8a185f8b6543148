"""Asks Google's endpoints: for tokens, and to end a grant.

The only door of authlib.
"""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Final

import httpx2
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncAssertionClient, AsyncOAuth2Client

from mailbox_operator.connect.google.delegation import ServiceAccount
from mailbox_operator.connect.oauth.clients import OAuthClient
from mailbox_operator.connect.oauth.https import Https, answered, read_object
from mailbox_operator.connect.oauth.tokens import UNREADABLE_ANSWERS, no_response, token_refusal
from mailbox_operator.decide.grants.authorization import AuthorizationRequest
from mailbox_operator.decide.words import Grant
from mailbox_operator.settings.providers import GoogleSection

ENDED: Final = frozenset({HTTPStatus.OK, HTTPStatus.BAD_REQUEST})
"""What a revocation is answered with that worked, or that came too late to be needed."""


@dataclass(frozen=True, slots=True)
class GoogleApis:
    """Asks, within a time, trusting what the operator trusts; no answer is followed elsewhere."""

    endpoints: GoogleSection
    https: Https

    async def by_refresh_token(self, client: OAuthClient, token: str) -> Mapping[str, Any]:
        """Exchange a refresh token for an access token (RFC 6749 section 6).

        Raises:
            Fault: Why Google refuses, or is not reached.
        """
        async with self._client(client, token) as oauth:
            return await _await_token(
                oauth.refresh_token(self.endpoints.token_endpoint, refresh_token=token)
            )

    async def by_code(
        self, client: OAuthClient, code: str, request: AuthorizationRequest
    ) -> Mapping[str, Any]:
        """Exchange a code for tokens (RFC 6749 section 4.1.3).

        Raises:
            Fault: Why Google refuses, or is not reached.
        """
        async with self._client(client, code, request.code_verifier) as oauth:
            return await _await_token(
                oauth.fetch_token(
                    self.endpoints.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=request.code_verifier,
                    redirect_uri=request.redirect_uri,
                )
            )

    async def by_assertion(
        self, account: ServiceAccount, address: str, scope: str
    ) -> Mapping[str, Any]:
        """Get an access token for a service account that acts for an address (RFC 7523).

        Raises:
            Fault: Why Google refuses, or is not reached.
        """
        async with AsyncAssertionClient(
            self.endpoints.token_endpoint,
            account.email,
            address,
            claims={"scope": scope},
            key=account.key,
            alg="RS256",
            **self._hooked(Grant.JWT_BEARER),
        ) as oauth:
            return await _await_token(oauth.refresh_token())

    async def revoke(self, token: str) -> None:
        """End a grant (RFC 7009): all that its account ever granted to its client.

        Raises:
            Fault: Google is not reached, or does not know how.
        """
        data = {"token": token}
        response = await self.https.send("POST", self.endpoints.revocation_endpoint, data=data)
        if response.status_code not in ENDED:
            wait = response.headers.get("Retry-After", "")
            raise token_refusal(None, response.status_code, wait, Grant.AUTHORIZATION_CODE)

    def _client(self, client: OAuthClient, *secrets: str) -> Any:
        return AsyncOAuth2Client(
            client.id,
            client.secret,
            token_endpoint_auth_method="client_secret_post",
            **self._hooked(Grant.AUTHORIZATION_CODE, client.secret, *secrets),
        )

    def _hooked(self, grant: Grant, *secrets: str) -> dict[str, Any]:
        async def read(response: httpx2.Response) -> None:
            await response.aread()
            content = _content(response)
            if not response.is_success:
                wait = response.headers.get("Retry-After", "")
                raise token_refusal(content, response.status_code, wait, grant, secrets)
            if content is None:
                raise ValueError("no token response")

        return {**self.https.options, "event_hooks": {"response": [read]}}


async def _await_token(pending: Awaitable[Mapping[str, Any]]) -> Mapping[str, Any]:
    try:
        with answered():
            return await pending
    except (AuthlibBaseError, *UNREADABLE_ANSWERS) as error:
        raise no_response(error) from error


def _content(response: httpx2.Response) -> Mapping[str, Any] | None:
    try:
        return read_object(response.content)
    except ValueError:
        return None
