"""What a person sees of the authorization server: which account, which permissions, Allow or Cancel."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, NoReturn
from urllib.parse import urlencode

from aiohttp import web
from jinja2 import DictLoader, Environment, StrictUndefined

from lab.servers.oauth_dialect import Books
from lab.servers.oauth_ledger import Code, Grant

CHALLENGE_LENGTH: Final = 43
PAGES: Final = {
    "page": """<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{{ title }}</title><style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 26rem; margin: 3rem auto; padding: 0 1rem }
button { display: block; width: 100%; margin: .5rem 0; padding: .7rem; font: inherit }
small { color: #555 }</style></head><body><main>
<p><small>A stand-in for {{ provider }} on this machine</small></p><h1>{{ title }}</h1>
{% block main %}{% endblock %}</main></body></html>""",
    "chooser": """{% extends "page" %}{% block main %}
<form>{% for name, value in query %}<input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}{% for each in accounts %}
<button name="account" value="{{ each }}">{{ each }}</button>{% endfor %}</form>
<form>{% for name, value in query %}<input type="hidden" name="{{ name }}" value="{{ value }}">
{% endfor %}<label>Another account <input name="account" type="email"></label>
<button>Next</button></form>{% endblock %}""",
    "consent": """{% extends "page" %}{% block main %}
<p>{{ client }} wants to access the account <strong>{{ account }}</strong></p>
<form method="post">{% for name, value in query %}
<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
<input type="hidden" name="account" value="{{ account }}">{% for scope in scopes %}
<p>{% if granular %}<label><input type="checkbox" name="granted" value="{{ scope }}" checked>
{{ scope }}</label>{% else %}{{ scope }}{% endif %}</p>{% endfor %}
<button name="answer" value="allow">{{ allow }}</button>
<button name="answer" value="deny">Cancel</button></form>{% endblock %}""",
    "error": """{% extends "page" %}{% block main %}<p>{{ text }}</p>{% endblock %}""",
}
TEMPLATES: Final = Environment(loader=DictLoader(PAGES), autoescape=True, undefined=StrictUndefined)


@dataclass(frozen=True, slots=True)
class Dialect:
    """What is particular about one provider's screens.

    Attributes:
        granular: Whether each permission has a box to untick.
        mandatory: Scopes that nobody is asked about.
        allow: What the button says.
        mismatch: Its words for a redirect URI that it does not know.
    """

    provider: str
    granular: bool
    mandatory: frozenset[str]
    allow: str
    mismatch: str


def asked(books: Books, request: web.Request, dialect: Dialect) -> web.Response | str:
    """Show the next screen; or return the account, where nobody has to be asked."""
    query, behaviour = request.query, books.behaviour
    _check(books, query, dialect)
    if behaviour.authorize_error is not None:
        error, description = behaviour.authorize_error
        _back(query, {"error": error, "error_description": description})
    signed_in = behaviour.signed_in or query.get("login_hint", "")
    if not behaviour.screens:
        if not signed_in:
            raise web.HTTPBadRequest(text="Nobody is signed in.")
        return signed_in
    choosing = "select_account" in query.get("prompt", "")
    account = query.get("account") or ("" if choosing else signed_in)
    if not account:
        accounts = sorted({*behaviour.identities, *filter(None, [behaviour.signed_in])})
        return _page("chooser", dialect, "Choose an account", accounts=accounts, query=_rest(query))
    scopes = [each for each in query.get("scope", "").split() if each not in dialect.mandatory]
    return _page(
        "consent",
        dialect,
        "Allow access?",
        account=account,
        client=query["client_id"],
        scopes=scopes,
        granular=dialect.granular,
        allow=dialect.allow,
        query=_rest(query),
    )


async def answered(
    books: Books, request: web.Request, dialect: Dialect
) -> tuple[str, Mapping[str, str], str]:
    """Read what a person has answered: account, query, and the scopes that were allowed."""
    form = await request.post()
    query = {name: str(form[name]) for name in request.query if name in form}
    _check(books, query, dialect)
    if form.get("answer") != "allow":
        _back(query, {"error": "access_denied", "error_description": _denied(dialect)})
    scopes = query.get("scope", "").split()
    if dialect.granular:
        ticked = {str(each) for each in form.getall("granted", [])}
        scopes = [each for each in scopes if each in ticked | dialect.mandatory]
    return str(form["account"]), query, " ".join(scopes)


def allow(
    books: Books, query: Mapping[str, str], account: str, scope: str, more: Mapping[str, str]
) -> web.Response:
    """Send the browser back with a code."""
    grant = Grant(query["client_id"], account, scope)
    code = Code(grant, query["redirect_uri"], query["code_challenge"], query.get("nonce"), query)
    told = {"code": books.ledger.issue_code(code), **more}
    return web.Response(status=302, headers={"Location": _location(query, told)})


def _check(books: Books, query: Mapping[str, str], dialect: Dialect) -> None:
    """Refuse a request as the real one does: on a page of its own, without a redirect."""
    behaviour = books.behaviour
    if query.get("client_id") not in behaviour.clients:
        _refuse(dialect, "This client is not known.")
    uris = behaviour.redirect_uris
    if uris is not None and query.get("redirect_uri") not in uris:
        _refuse(dialect, dialect.mismatch)
    whole = query.get("response_type") == "code" and query.get("code_challenge_method") == "S256"
    if not whole or len(query.get("code_challenge", "")) != CHALLENGE_LENGTH:
        _refuse(dialect, "Only codes with PKCE S256 are given out.")
    if not query.get("state"):
        _refuse(dialect, "There is no state.")


def _refuse(dialect: Dialect, text: str) -> NoReturn:
    page = _page("error", dialect, "Access blocked", text=text)
    raise web.HTTPBadRequest(text=page.text, content_type="text/html")


def _back(query: Mapping[str, str], told: Mapping[str, str]) -> NoReturn:
    raise web.HTTPFound(_location(query, told))


def _location(query: Mapping[str, str], told: Mapping[str, str]) -> str:
    back = {**told, "state": query.get("state", "")}
    return f"{query['redirect_uri']}?{urlencode(back)}"


def _rest(query: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(name, value) for name, value in query.items() if name != "account"]


def _denied(dialect: Dialect) -> str:
    return "" if dialect.granular else "AADSTS65004: User declined to consent to access the app."


def _page(name: str, dialect: Dialect, title: str, **content: object) -> web.Response:
    text = TEMPLATES.get_template(name).render(title=title, provider=dialect.provider, **content)
    return web.Response(text=text, content_type="text/html")
