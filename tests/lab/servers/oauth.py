"""An authorization server on the loopback that speaks Google's and Microsoft's dialects."""

import asyncio
import ssl
from collections import Counter
from collections.abc import Awaitable, Callable
from types import TracebackType
from typing import Self

from aiohttp import web

from lab.servers.oauth_dialect import Refusal, TokenRequest, answer, token_request
from lab.servers.oauth_google import Google, google_failure
from lab.servers.oauth_ledger import Ledger
from lab.servers.oauth_microsoft import Microsoft, microsoft_failure
from lab.servers.oauth_script import Behaviour, Failure, Identity

__all__ = [
    "Behaviour",
    "Failure",
    "Identity",
    "OAuthServer",
    "google_failure",
    "microsoft_failure",
]

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class OAuthServer:
    """An authorization server; `async with` starts and stops it.

    Google's token endpoint is `{url}/token`, that of a Microsoft tenant is found by discovery
    below `{url}/{tenant}/v2.0`.

    Attributes:
        behaviour: What it knows and does; assign a changed copy at any time.
        host: The name in its address; its certificate has to carry it.
        port: The port; chosen at the first start and kept for all later ones.
        requests: Token requests by grant type, failed ones included.
        ledger: Every token it has given out.
        page_url: Where browsers find its screens: by plain HTTP if asked for, so that none of them
            complains about the certificate.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        behaviour: Behaviour | None = None,
        host: str = "localhost",
        port: int = 0,
        *,
        plain: bool = False,
    ) -> None:
        self.behaviour = behaviour or Behaviour()
        self.host = host
        self.port = port
        self.requests: Counter[str] = Counter()
        self.ledger = Ledger()
        self.page_url = ""
        self._plain = plain
        self._context = context
        self._google = Google(self)
        self._microsoft = Microsoft(self)
        self._runner: web.AppRunner | None = None

    @property
    def url(self) -> str:
        """Where it is, without a slash at the end."""
        return f"https://{self.host}:{self.port}"

    def token_valid(self, user: str, token: str) -> bool:
        """Tell a mail server whether this token opens this mailbox."""
        return self.ledger.opens(user, token, self.behaviour)

    def revoke_account(self, account: str) -> None:
        """End every consent of an account, as its owner or a change of password would."""
        self.ledger.revoke_account(account, self.behaviour)

    async def start(self) -> None:
        """Listen; after `stop`, on the same port again."""
        application = web.Application(middlewares=[_refusals])
        application.add_routes(self._routes())
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, ssl_context=self._context)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.page_url = self.url
        if self._plain:
            await web.TCPSite(self._runner, "127.0.0.1", 0).start()
            self.page_url = f"http://{self.host}:{self._runner.addresses[1][1]}"

    async def stop(self) -> None:
        """Stop listening and cut every open connection."""
        if self._runner is None or self._runner.server is None:
            return
        transports = [each.transport for each in self._runner.server.connections]
        await self._runner.cleanup()
        for transport in transports:
            if transport is not None:
                transport.abort()  # TLS would wait for the client to say goodbye
        self._runner = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    def _routes(self) -> list[web.RouteDef]:
        return [
            web.post("/token", self._token(self._google.token)),
            web.post("/{tenant}/oauth2/v2.0/token", self._token(self._microsoft.token)),
            web.get("/jwks", self._jwks),
            web.get("/introspect", self._introspect),
            web.post("/introspect", self._introspect),
            *self._google.routes(),
            *self._microsoft.routes(),
        ]

    def _token(self, reply: Callable[[TokenRequest], dict[str, object]]) -> Handler:
        async def token(request: web.Request) -> web.Response:
            asked = await token_request(request)
            self.requests[asked.kind] += 1
            await asyncio.sleep(self.behaviour.latency_seconds)
            if self.behaviour.fail is not None:
                return answer(self.behaviour.fail)
            return web.json_response(reply(asked), headers={"Cache-Control": "no-store"})

        return token

    async def _jwks(self, _: web.Request) -> web.Response:
        if self.behaviour.jwks_fails:
            return web.Response(status=503)
        key = self.ledger.public_key
        return web.json_response({"keys": [key] * (1 + self.behaviour.surplus_keys)})

    async def _introspect(self, request: web.Request) -> web.Response:
        token = str((await request.post()).get("token") or request.query.get("token", ""))
        if not token:
            return web.json_response({"error": "invalid_request"}, status=400)
        grant = self.ledger.live(token)
        if grant is None:
            return web.json_response({"active": False})
        user = grant.account or grant.client
        told = {"active": True, "username": user, "email": user, "scope": grant.scope}
        return web.json_response(told | {"client_id": grant.client, "exp": grant.expires})


@web.middleware
async def _refusals(request: web.Request, handler: Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except Refusal as refusal:
        return answer(refusal.failure)
