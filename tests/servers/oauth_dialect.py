"""What both dialects of the authorization server share: requests, answers and consents."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import unquote, urlencode

from aiohttp import web

from servers.oauth_ledger import Code, Grant, Ledger
from servers.oauth_script import Behaviour, Failure


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


def consent(books: Books, request: web.Request, scope: str) -> web.Response:
    """Play a person who clicks Allow on every screen, and send the browser back with a code."""
    query = request.query
    account = books.behaviour.signed_in or query.get("login_hint", "")
    if query.get("client_id") not in books.behaviour.clients or not account:
        raise web.HTTPBadRequest(text="Unknown client, or nobody is signed in.")
    if query.get("response_type") != "code" or query.get("code_challenge_method") != "S256":
        raise web.HTTPBadRequest(text="Only codes with PKCE S256 are given out.")
    grant = Grant(query["client_id"], account, scope)
    code = Code(grant, query["redirect_uri"], query["code_challenge"], query.get("nonce"))
    back = {"code": books.ledger.issue_code(code), "state": query.get("state", "")}
    raise web.HTTPFound(f"{code.redirect_uri}?{urlencode(back)}")


def redeem(books: Books, request: TokenRequest) -> Code | None:
    """Take a code out of the books; None if it is not this client's, or PKCE says no."""
    code = books.ledger.codes.pop(request.form.get("code", ""), None)
    if code is None:
        return None
    digest = hashlib.sha256(request.form.get("code_verifier", "").encode()).digest()
    proof = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    told = (request.client, request.form.get("redirect_uri"), proof)
    return code if told == (code.grant.client, code.redirect_uri, code.challenge) else None
