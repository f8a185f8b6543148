"""What both dialects of the authorization server share: requests, answers and consents."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote

from aiohttp import web

from lab.servers.oauth_ledger import Code, Ledger
from lab.servers.oauth_script import Behaviour, Failure


class Books(Protocol):
    """The part of the server that a dialect needs."""

    ledger: Ledger
    behaviour: Behaviour

    @property
    def url(self) -> str:
        """Where the server is, without a slash at the end."""
        ...


class Refusal(Exception):  # noqa: N818 - it is an answer like any other
    """A request is answered with an error of the protocol."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.body)
        self.failure = failure


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A token request, its client credentials told apart."""

    form: Mapping[str, str]
    client: str
    secret: str
    tenant: str = ""

    @property
    def kind(self) -> str:
        """The grant type."""
        return self.form.get("grant_type", "")


async def token_request(request: web.Request) -> TokenRequest:
    """Read a token request; the client may authenticate in the form or by HTTP Basic."""
    form = {key: str(value) for key, value in (await request.post()).items()}
    client, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, basic = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "basic":
        client, _, secret = base64.b64decode(basic).decode().partition(":")
    tenant = request.match_info.get("tenant", "")
    return TokenRequest(form, unquote(client), unquote(secret), tenant)


def answer(failure: Failure) -> web.Response:
    """Send an answer as it was written down."""
    return web.json_response(
        dict(failure.body), status=failure.status, headers=dict(failure.headers)
    )


def redeem(books: Books, request: TokenRequest) -> Code | None:
    """Take a code out of the books; None if it is not this client's, or PKCE says no."""
    name = request.form.get("code", "")
    code = books.ledger.codes.pop(name, None)
    if code is None:
        books.ledger.revoke_code(name)
        return None
    digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
    proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    told = (request.client, request.form.get("redirect_uri"), proof)
    return code if told == (code.grant.client, code.redirect_uri, code.challenge) else None
