"""The consent page on the web: routes, headers, cookies. It decides nothing and runs no script."""

import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from mailbox_operator.consent.cases import mailbox_of
from mailbox_operator.consent.cookies import Cookies, Result
from mailbox_operator.consent.flow import Arrival, begin, finish
from mailbox_operator.consent.pages import STATIC, Pages
from mailbox_operator.consent.ports import ConsentPorts
from mailbox_operator.consent.refused import Refused
from mailbox_operator.consent.views import mailbox_view, name_of, trouble_view
from mailbox_operator.decide.consent import CALLBACK, LIFETIME, Trouble, mailbox_page
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.serving import Bounds

MOST_BYTES: Final = 4096
STATUSES: Final[Mapping[Trouble, HTTPStatus]] = {
    Trouble.MAILBOX_GONE: HTTPStatus.NOT_FOUND,
    Trouble.OTHER_BROWSER: HTTPStatus.FORBIDDEN,
    Trouble.TOO_MANY_ATTEMPTS: HTTPStatus.TOO_MANY_REQUESTS,
    Trouble.CLUSTER_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
}
# A page holds the address of a mailbox and a button: nobody may frame it, keep it, or learn of it.
HEADERS: Final[Mapping[str, str]] = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "interest-cohort=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex",
}
BOUNDS: Final = Bounds(
    connections=256, connections_each=256, seconds=120.0, bytes=32_768, headers=HEADERS
)
"""All browsers come by a few proxies, and a proof at a mail server takes its time."""

OWN_SITE: Final = frozenset({"same-origin", "none"})
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """The pages and what they need.

    Attributes:
        public_url: Where browsers reach it; its path is where it is served.
        is_ready: Whether the cluster's mailboxes are known.
    """

    ports: ConsentPorts
    pages: Pages
    cookies: Cookies
    public_url: str
    is_ready: Callable[[], bool]

    def application(self) -> web.Application:
        """Build the web application."""
        base = urlsplit(self.public_url).path
        app = web.Application(middlewares=[self._guarded], client_max_size=MOST_BYTES)
        app.add_routes(
            [
                web.get(f"{base}/mailboxes/{{uid}}", self.mailbox),
                web.post(f"{base}/mailboxes/{{uid}}", self.start),
                web.get(f"{base}{CALLBACK}", self.callback),
                web.static(f"{base}/static", STATIC),
            ]
        )
        return app

    async def mailbox(self, request: web.Request) -> web.Response:
        """Show a mailbox, and what came of the consent that was just given."""
        uid = request.match_info["uid"]
        mailbox = mailbox_of(uid, self.ports)
        result = self.cookies.result(request, uid)
        view = mailbox_view(mailbox, self.ports, result)
        response = _html(self.pages.mailbox(view))
        self.cookies.drop_result(response)
        return response

    async def start(self, request: web.Request) -> web.Response:
        """Send a browser to the provider, by a page of its own.

        A redirect would do, were it not for browsers that hold the targets of a form against all
        redirects that follow, an organisation's own sign-in included.
        """
        uid = request.match_info["uid"]
        if request.headers.get("Sec-Fetch-Site", "none") not in OWN_SITE:
            raise Refused(Trouble.OTHER_BROWSER, uid)
        browser = self.cookies.browser(request) or self.ports.draw()
        choose = (await request.post()).get("account") == "choose"
        try:
            url = await begin(uid, browser, self.ports, choose=choose)
        except Fault as fault:
            return self._back(uid, Result(uid, fault.reason, fault.facts, kept=False))
        response = _html(self.pages.leaving(url, name_of(uid, self.ports)))
        self.cookies.give_browser(response, browser)
        return response

    async def callback(self, request: web.Request) -> web.Response:
        """Take a browser in that comes back, and show what came of it at the mailbox's own page."""
        arrival = await finish(request.query, self.cookies.browser(request), self.ports)
        return self._back(arrival.mailbox.uid, _result(arrival))

    def _back(self, uid: str, result: Result) -> web.Response:
        location = mailbox_page(self.public_url, uid)
        response = web.Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location})
        self.cookies.give_result(response, result)
        return response

    def _trouble(self, trouble: Trouble, uid: str = "") -> web.Response:
        self.ports.audience.refused(trouble)
        page = self.pages.trouble(trouble_view(trouble, self.public_url, uid))
        response = _html(page, STATUSES.get(trouble, HTTPStatus.BAD_REQUEST))
        if trouble is Trouble.TOO_MANY_ATTEMPTS:
            response.headers["Retry-After"] = str(int(LIFETIME.total_seconds()))
        return response

    @web.middleware
    async def _guarded(self, request: web.Request, handler: Handler) -> web.StreamResponse:
        try:
            response = await (handler if self.is_ready() else _not_yet)(request)
        except Refused as refused:
            response = self._trouble(refused.trouble, refused.uid)
        except web.HTTPException as error:
            response = self._trouble(Trouble.MAILBOX_GONE)
            response.set_status(error.status)
        except Exception:
            log.exception("consent page failed")
            response = self._trouble(Trouble.CLUSTER_UNAVAILABLE)
        response.headers.update(HEADERS)
        return response


async def _not_yet(_: web.Request) -> web.StreamResponse:
    raise Refused(Trouble.CLUSTER_UNAVAILABLE)


def _html(page: str, status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(text=page, status=status, content_type="text/html", charset="utf-8")


def _result(arrival: Arrival) -> Result:
    fault, redeemed = arrival.fault, arrival.redeemed
    facts = dict(fault.facts) if fault else {}
    if redeemed is not None and redeemed.lasts is not None:
        facts["days"] = str(-(-redeemed.lasts // timedelta(days=1)))  # rounded up
    reason = fault.reason if fault else Reason.CONNECTED
    return Result(arrival.mailbox.uid, reason, facts, arrival.kept)
