"""The consent page by plain HTTP: what it answers, to whom, and what it lets nobody do."""

import asyncio
import base64
import gzip
import logging
from dataclasses import replace
from html.parser import HTMLParser
from http import HTTPStatus

import aiohttp
import pytest
from yarl import URL

from mailbox_operator.consent.cookies import ConsentResult, Cookies
from mailbox_operator.consent.web import HEADERS
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.status.conditions import Condition, Status
from system.consent.site import Served
from unit.consent.stage import BROWSER, GOOD, JANE, Stage
from unit.make import oauth_spec

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


async def test_the_consent_page_shows_what_is_being_connected_and_what_will_be_asked(
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


async def test_a_look_at_the_page_sends_nobody_out(
    served: Served, http: aiohttp.ClientSession
) -> None:
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
    ("headers", "sent"),
    [
        pytest.param({}, True, id="what is no browser"),
        pytest.param({"Origin": "{own}"}, True, id="an old browser"),
        pytest.param({"Referer": "{own}/mailboxes/x?y"}, True, id="an older one"),
        pytest.param({"Origin": "https://evil.example"}, False, id="from another site"),
        pytest.param({"Origin": "null"}, False, id="from a page that hides"),
        pytest.param({"Origin": "http://localhost"}, False, id="from another port"),
        pytest.param({"Origin": "http://[::1"}, False, id="from nonsense"),
        pytest.param({"Referer": "https://evil.example/?{own}"}, False, id="linked from another"),
        pytest.param({"Origin": "null", "Referer": "{own}/"}, False, id="with two stories"),
        pytest.param(
            {"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}, False, id="new"
        ),
    ],
)
async def test_a_form_is_taken_from_this_site_alone(
    served: Served,
    http: aiohttp.ClientSession,
    headers: dict[str, str],
    sent: bool,  # noqa: FBT001 - a case of the table
) -> None:
    named = {name: value.replace("{own}", served.url) for name, value in headers.items()}

    async with http.post(served.link, headers=named) as answer:
        assert answer.status == (HTTPStatus.OK if sent else HTTPStatus.FORBIDDEN)

    assert len(served.stage.requests.content) == sent


@pytest.mark.parametrize(
    ("content_type", "body", "status"),
    [
        ("multipart/form-data", b"abc", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
        ("multipart/form-data; boundary=x", b"--x\r\n", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
        ("application/json", b"{", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
        ("nonsense", b"a=b", HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
        ("application/x-www-form-urlencoded; charset=nonsense", b"a=b", HTTPStatus.OK),
        ("application/x-www-form-urlencoded", b"\xff=\xfe", HTTPStatus.BAD_REQUEST),
        ("application/x-www-form-urlencoded", b"&".join([b"a=b"] * 99), HTTPStatus.BAD_REQUEST),
        ("application/x-www-form-urlencoded", b"account=%ff%", HTTPStatus.OK),
        ("application/octet-stream", b"", HTTPStatus.OK),
    ],
)
async def test_a_body_that_is_no_form_is_refused_with_a_page_and_without_an_error(
    served: Served,
    http: aiohttp.ClientSession,
    caplog: pytest.LogCaptureFixture,
    content_type: str,
    body: bytes,
    status: HTTPStatus,
) -> None:
    headers = {"Content-Type": content_type}
    async with http.post(served.link, headers=headers, data=body) as answer:
        text = await answer.text()

    assert answer.status == status
    assert "<h1>" in text
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


async def test_a_compressed_body_is_not_unpacked(
    served: Served, http: aiohttp.ClientSession
) -> None:
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Content-Encoding": "gzip",
    }
    bomb = gzip.compress(b"a" * 1_000_000)
    async with http.post(served.link, headers=headers, data=bomb) as answer:
        assert answer.status == HTTPStatus.BAD_REQUEST


@pytest.mark.parametrize(
    "uid", ["{uid}%2f..%2f..%2fevil", "..%2fevil", "{uid}%0d%0ax", "x" * 65, "a.b", "{uid}%00"]
)
@pytest.mark.parametrize("site", ["cross-site", "none"])
async def test_what_is_no_uid_is_put_into_no_link(
    served: Served, http: aiohttp.ClientSession, uid: str, site: str
) -> None:
    path = f"{served.url}/mailboxes/{uid.format(uid=JANE.uid)}"
    url = URL(path, encoded=True)
    async with http.post(url, headers={"Sec-Fetch-Site": site}) as answer:
        text = await answer.text()

    assert answer.status == HTTPStatus.NOT_FOUND
    assert 'class="primary"' not in text


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"NONSENSE\r\n\r\n", id="nonsense"),
        pytest.param(b"GET /\x00 HTTP/1.1\r\n\r\n", id="a null byte"),
        pytest.param(b"GET / HTTP/1.1\r\nX: " + b"x" * 9000 + b"\r\n\r\n", id="a long header"),
        pytest.param(b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n\r\n", id="a long path"),
    ],
)
async def test_what_is_no_request_is_answered_with_the_headers_of_every_page(
    served: Served, caplog: pytest.LogCaptureFixture, sent: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(sent)

    answer = (await reader.read()).decode()
    writer.close()

    assert " 400 " in answer
    assert HEADERS["Content-Security-Policy"] in answer
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


async def test_cookies_and_parameters_without_number_are_no_trouble(
    served: Served, http: aiohttp.ClientSession
) -> None:
    headers = {"Cookie": "; ".join(f"c{number}=v" for number in range(900))}
    query = "&".join(f"p{number}=v" for number in range(900))
    for path in (f"/mailboxes/{JANE.uid}", "/callback"):
        async with http.get(f"{served.url}{path}?{query}", headers=headers) as answer:
            assert answer.status < HTTPStatus.INTERNAL_SERVER_ERROR


async def test_looking_for_the_headers_alone_does_not_use_a_state_up(
    served: Served, http: aiohttp.ClientSession
) -> None:
    back = {"state": await sent_out(http, served), "code": "code"}

    async with http.head(f"{served.url}/callback", params=back) as answer:
        assert answer.status == HTTPStatus.METHOD_NOT_ALLOWED
    async with http.head(served.link) as answer:
        assert answer.status == HTTPStatus.OK

    assert served.stage.requests.used == set()


async def test_a_browser_is_known_from_its_first_look_on(
    served: Served, http: aiohttp.ClientSession
) -> None:
    await page(http, served)
    state = await sent_out(http, served)

    assert not served.stage.requests.content[state].origin.endswith("/")


async def test_a_browser_that_leaves_amid_its_form_is_no_error(
    served: Served, http: aiohttp.ClientSession, caplog: pytest.LogCaptureFixture
) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", served.port)
    form = "Host: x\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 99"
    writer.write(f"POST /mailboxes/{JANE.uid} HTTP/1.1\r\n{form}\r\n\r\na=".encode())
    await page(http, served)

    writer.close()

    await page(http, served)
    assert [each for each in caplog.records if each.levelno >= logging.ERROR] == []


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
async def test_the_consent_page_answers_to_nonsense_with_a_page(
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
    stage.mailboxes.stands_in_the_way = Fault(Reason.DOMAIN_NOT_ALLOWED)
    async with Served(stage).running() as served:
        text = await page(http, served)

    assert "binds the domain" in text
    assert "<button" not in text


async def test_a_mailbox_that_is_connected_says_so(http: aiohttp.ClientSession) -> None:
    stage = Stage()
    stage.change(status=Status(conditions=(Condition("Ready", "True", "Connected", "", 1, ""),)))
    async with Served(stage).running() as served:
        text = await page(http, served)

    assert "Connect again" in text


async def test_a_mailbox_whose_address_is_not_proved_says_so(http: aiohttp.ClientSession) -> None:
    stage, words = Stage(), "The login is fine, but nothing proves the owner."
    ready = Condition("Ready", "True", "ConnectedUnverified", words, 1, "")
    stage.change(status=Status(conditions=(ready,)))
    async with Served(stage).running() as served:
        text = await page(http, served)

    assert words in text
    assert "There is nothing to do" not in text


async def test_a_mailbox_by_password_needs_none(http: aiohttp.ClientSession) -> None:
    stage = Stage()
    stage.change(spec=oauth_spec(suspend=True))
    async with Served(stage).running() as served, http.get(served.link) as answer:
        assert "suspended" in await answer.text()


async def test_a_replica_that_knows_nothing_yet_says_so(http: aiohttp.ClientSession) -> None:
    async with Served(ready=False).running() as served, http.get(served.link) as answer:
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE


async def test_the_consent_page_is_served_below_the_path_of_its_address(
    http: aiohttp.ClientSession,
) -> None:
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
            result = ConsentResult(JANE.uid, reason, {}, kept)
            value = cookies.encoded(result)
            async with http.get(served.link, cookies={"mailbox-result": value}) as answer:
                text = await answer.text()
            assert 'class="notice' in text
