"""The consent page by plain HTTP: what it answers, to whom, and what it lets nobody do."""

import base64
from dataclasses import replace
from html.parser import HTMLParser
from http import HTTPStatus

import aiohttp
import pytest

from consent.site import Served
from consent.stage import BROWSER, GOOD, JANE, Stage
from mailbox_operator.consent.cookies import Cookies, Result
from mailbox_operator.consent.web import HEADERS
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.status import Condition, Status
from make import oauth_spec

DEEP = base64.urlsafe_b64encode(b"[" * 5_000).decode()
HOSTILE = "<script>alert(1)</script>\"'><img src=x>"

DEMANDED = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Content-Security-Policy": HEADERS["Content-Security-Policy"],
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class Elements(HTMLParser):
    """Collects what a page is made of."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.attributes += attrs


async def page(http: aiohttp.ClientSession, served: Served) -> str:
    async with http.get(served.link) as answer:
        return await answer.text()


async def sent_out(http: aiohttp.ClientSession, served: Served, **headers: str) -> str:
    """Click the button; return the state of the request that is out, or nothing."""
    known = set(served.stage.requests.content)
    async with http.post(served.link, headers=headers) as answer:
        await answer.text()
    new = set(served.stage.requests.content) - known
    return new.pop() if new else ""


@pytest.mark.parametrize("path", ["", "/static/consent.css", "x", "/callback"])
async def test_every_answer_forbids_framing_keeping_and_telling(
    served: Served, http: aiohttp.ClientSession, path: str
) -> None:
    url = f"{served.url}{path}" if path.startswith("/") else f"{served.link}{path}"
    async with http.get(url) as answer:
        found = {name: answer.headers.get(name) for name in DEMANDED}

    assert found == DEMANDED


def test_the_policy_allows_no_script_and_nothing_of_others() -> None:
    policy = HEADERS["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "form-action 'self'" in policy
    assert "script" not in policy
    assert "unsafe" not in policy
    assert "http" not in policy


async def test_shows_what_is_being_connected_and_what_will_be_asked(
    served: Served, http: aiohttp.ClientSession
) -> None:
    text = await page(http, served)

    for each in ("jane@acme.example", "mail", "Managed", "Google", "Continue to Google"):
        assert each in text
    assert "permanently delete all your email" in text


async def test_the_page_of_a_mailbox_has_no_secret(
    served: Served, http: aiohttp.ClientSession
) -> None:
    state = await sent_out(http, served)
    pending = served.stage.requests.content[state]

    text = await page(http, served)

    secrets = (state, pending.request.nonce, pending.request.code_verifier, pending.browser)
    assert [each for each in secrets if each in text] == []


async def test_nobody_is_sent_out_by_looking(served: Served, http: aiohttp.ClientSession) -> None:
    await page(http, served)

    assert served.stage.requests.content == {}


async def test_whatever_is_shown_is_escaped(http: aiohttp.ClientSession) -> None:
    stage = Stage()
    condition = Condition("Ready", "False", "GrantRevoked", HOSTILE, 1, "")
    key = replace(JANE.key, namespace=HOSTILE, name=HOSTILE)
    stage.change(key=key, status=Status(conditions=(condition,)))
    async with Served(stage).running() as served:
        plain = Elements(await page(http, Served(port=served.port)))
        text = await page(http, served)

    assert "<script" not in text
    assert not {"script", "img"} & set(plain.names)
    assert [name for name, _ in plain.attributes if name.startswith("on")] == []


async def test_the_account_that_a_provider_names_is_escaped(http: aiohttp.ClientSession) -> None:
    stage = Stage()
    stage.provider.redeemed = replace(GOOD, account=HOSTILE)
    async with Served(stage).running() as served:
        state = await sent_out(http, served)
        back = {"state": state, "code": "code"}
        async with http.get(f"{served.url}/callback", params=back) as answer:
            text = await answer.text()

    assert "That was another account" in text
    assert "<script" not in text


async def test_what_came_of_it_is_shown_once(served: Served, http: aiohttp.ClientSession) -> None:
    back = {"state": await sent_out(http, served), "code": "code"}

    async with http.get(f"{served.url}/callback", params=back) as answer:
        first, arrived = await answer.text(), answer.url.path

    assert arrived == f"/mailboxes/{JANE.uid}"
    assert "has just succeeded" in first
    assert "has just succeeded" not in await page(http, served)


async def test_another_browser_does_not_come_in(
    served: Served, http: aiohttp.ClientSession
) -> None:
    back = {"state": await sent_out(http, served), "code": "code"}

    async with (
        aiohttp.ClientSession() as other,
        other.get(f"{served.url}/callback", params=back) as answer,
    ):
        text = await answer.text()

    assert answer.status == HTTPStatus.FORBIDDEN
    assert "another browser" in text
    assert served.stage.provider.codes == []


async def test_another_site_cannot_send_a_browser_out(
    served: Served, http: aiohttp.ClientSession
) -> None:
    for site in ("cross-site", "same-site"):
        assert await sent_out(http, served, **{"Sec-Fetch-Site": site}) == ""

    assert await sent_out(http, served, **{"Sec-Fetch-Site": "same-origin"})


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/mailboxes/unknown", HTTPStatus.NOT_FOUND),
        ("POST", "/mailboxes/unknown", HTTPStatus.NOT_FOUND),
        ("GET", "/callback", HTTPStatus.BAD_REQUEST),
        ("GET", "/callback?state=made-up&code=x", HTTPStatus.BAD_REQUEST),
        ("GET", "/", HTTPStatus.NOT_FOUND),
        ("GET", "/static/../web.py", HTTPStatus.NOT_FOUND),
        ("POST", "/callback", HTTPStatus.METHOD_NOT_ALLOWED),
    ],
)
async def test_answers_to_nonsense_with_a_page(
    served: Served, http: aiohttp.ClientSession, method: str, path: str, status: HTTPStatus
) -> None:
    async with http.request(method, f"{served.url}{path}") as answer:
        text = await answer.text()

    assert answer.status == status
    assert "<h1>" in text


async def test_a_body_is_not_read_without_end(served: Served, http: aiohttp.ClientSession) -> None:
    async with http.post(served.link, data={"account": "x" * 10_000}) as answer:
        assert answer.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE


async def test_too_many_tries_are_told_when_to_come_back(
    served: Served, http: aiohttp.ClientSession
) -> None:
    for _ in range(served.stage.ports.links):
        await sent_out(http, served)

    async with http.post(served.link) as answer:
        assert answer.status == HTTPStatus.TOO_MANY_REQUESTS
        assert answer.headers["Retry-After"] == "600"


async def test_what_stands_in_the_way_is_shown_without_a_button(
    http: aiohttp.ClientSession,
) -> None:
    stage = Stage()
    stage.mailboxes.stands_in_the_way = Fault(Reason.ALREADY_CLAIMED)
    async with Served(stage).running() as served:
        text = await page(http, served)

    assert "connected already" in text
    assert "<button" not in text


async def test_a_mailbox_that_is_connected_says_so(http: aiohttp.ClientSession) -> None:
    stage = Stage()
    stage.change(status=Status(conditions=(Condition("Ready", "True", "Connected", "", 1, ""),)))
    async with Served(stage).running() as served:
        text = await page(http, served)

    assert "Connect again" in text


async def test_a_mailbox_by_password_needs_none(http: aiohttp.ClientSession) -> None:
    stage = Stage()
    stage.change(spec=oauth_spec(suspend=True))
    async with Served(stage).running() as served, http.get(served.link) as answer:
        assert "suspended" in await answer.text()


async def test_a_replica_that_knows_nothing_yet_says_so(http: aiohttp.ClientSession) -> None:
    async with Served(ready=False).running() as served, http.get(served.link) as answer:
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE


async def test_is_served_below_the_path_of_its_address(http: aiohttp.ClientSession) -> None:
    async with Served(base="/consent").running() as served:
        text = await page(http, served)
        async with http.get(f"{served.url}/static/consent.css") as style:
            assert style.status == HTTPStatus.OK

    assert 'href="/consent/static/consent.css' in text


async def test_a_bug_shows_a_page_and_no_trace(http: aiohttp.ClientSession) -> None:
    stage = Stage()
    stage.provider.redeemed = RuntimeError("a secret")
    async with Served(stage).running() as served:
        back = {"state": await sent_out(http, served), "code": "code"}
        async with http.get(f"{served.url}/callback", params=back) as answer:
            text = await answer.text()

    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert "a secret" not in text


async def test_cookies_behind_tls_are_of_this_host_alone() -> None:
    async with (
        Served(secure=True).running() as served,
        aiohttp.ClientSession() as http,
        http.post(served.link) as answer,
    ):
        (cookie,) = answer.headers.getall("Set-Cookie")

    assert cookie.startswith("__Host-mailbox-consent=")
    assert {"Secure", "HttpOnly", "SameSite=Lax", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


async def test_a_browser_keeps_its_cookie_over_two_windows(
    served: Served, http: aiohttp.ClientSession
) -> None:
    first, second = await sent_out(http, served), await sent_out(http, served)

    pending = served.stage.requests.content
    assert pending[first].browser == pending[second].browser


@pytest.mark.parametrize("value", ["", "short", "x" * 200, "ä" * 43])
async def test_a_cookie_that_was_not_drawn_here_is_replaced(value: str) -> None:
    async with Served().running() as served, aiohttp.ClientSession() as http:
        cookie = {"mailbox-consent": value}
        async with http.post(served.link, cookies=cookie) as answer:
            assert answer.cookies["mailbox-consent"].value != value


@pytest.mark.parametrize("content", ["", "%%%", "bm8=", "e30=", DEEP])
async def test_a_result_that_makes_no_sense_is_not_shown(content: str) -> None:
    async with Served().running() as served, aiohttp.ClientSession() as http:
        cookie = {"mailbox-result": content}
        async with http.get(served.link, cookies=cookie) as answer:
            assert "Continue to Google" in await answer.text()


@pytest.mark.parametrize("reason", Reason)
async def test_every_reason_has_its_page(served: Served, reason: Reason) -> None:
    cookies = Cookies(secure=False, draw=lambda: BROWSER)
    async with aiohttp.ClientSession() as http:
        for kept in (False, True):
            result = Result(JANE.uid, reason, {}, kept)
            value = cookies.encoded(result)
            async with http.get(served.link, cookies={"mailbox-result": value}) as answer:
                text = await answer.text()
            assert 'class="notice' in text
