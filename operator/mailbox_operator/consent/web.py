"""The consent page on the web: routes, headers, cookies. It decides nothing and runs no script."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from aiohttp import web

from mailbox_operator.consent.cookies import ConsentResult, Cookies
from mailbox_operator.consent.flow import Arrival, begin, find_mailbox, finish
from mailbox_operator.consent.forms import form, is_own_form
from mailbox_operator.consent.pages import Pages, statics
from mailbox_operator.consent.ports import ConsentPorts
from mailbox_operator.consent.views import mailbox_view, provider_name, trouble_view
from mailbox_operator.consent.visitors import Visitor, client_address
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.consent import (
    CALLBACK,
    LIFETIME,
    Refused,
    Trouble,
    mailbox_page,
)
from mailbox_operator.serving import Bounds, Handler

MOST_FORM_BYTES: Final = 4096
UID: Final = "{uid:[0-9A-Za-z-]{1,64}}"
"""Whatever else is in its place is no uid, and is put into no link."""

STATUSES: Final[Mapping[Trouble, HTTPStatus]] = {
    Trouble.MAILBOX_GONE: HTTPStatus.NOT_FOUND,
    Trouble.OTHER_BROWSER: HTTPStatus.FORBIDDEN,
    Trouble.TOO_MANY_ATTEMPTS: HTTPStatus.TOO_MANY_REQUESTS,
    Trouble.CLUSTER_UNAVAILABLE: HTTPStatus.SERVICE_UNAVAILABLE,
    Trouble.GRANT_NOT_KEPT: HTTPStatus.SERVICE_UNAVAILABLE,
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


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Site:
    """The pages and what they need.

    Attributes:
        public_url: Where browsers reach it; its path is where it is served.
        is_ready: Whether the cluster's mailboxes are known.
        trusted_proxies: How many proxies stand between browsers and this process.
    """

    ports: ConsentPorts
    pages: Pages
    cookies: Cookies
    public_url: str
    is_ready: Callable[[], bool]
    trusted_proxies: int = 1

    def application(self) -> web.Application:
        """Build the web application."""
        base = urlsplit(self.public_url).path
        app = web.Application(middlewares=[self._guarded], client_max_size=MOST_FORM_BYTES)
        app.add_routes(
            [
                web.get(f"{base}/mailboxes/{UID}", self.mailbox),
                web.post(f"{base}/mailboxes/{UID}", self.start),
                web.get(f"{base}{CALLBACK}", self.callback, allow_head=False),
                *(web.get(f"{base}/static/{name}", show) for name, show in statics()),
            ]
        )
        return app

    async def mailbox(self, request: web.Request) -> web.Response:
        """Show a mailbox, and what came of the consent that was just given."""
        uid = request.match_info["uid"]
        mailbox = find_mailbox(uid, self.ports)
        result = self.cookies.result(request, uid)
        view = mailbox_view(mailbox, self.ports, result)
        response = _html(self.pages.mailbox(view))
        self.cookies.drop_result(response)
        self.cookies.give_browser(response, self._visitor(request).browser)
        return response

    async def start(self, request: web.Request) -> web.Response:
        """Send a browser to the provider, by a page of its own.

        A redirect would do, were it not for browsers that hold the targets of a form against all
        redirects that follow, an organisation's own sign-in included.
        """
        uid = request.match_info["uid"]
        if not is_own_form(request, self.public_url):
            raise Refused(Trouble.OTHER_BROWSER, uid)
        visitor, choose = self._visitor(request), (await form(request)).get("account") == ["choose"]
        try:
            url = await begin(uid, visitor, self.ports, choose=choose)
        except Fault as fault:
            return self._back(uid, ConsentResult(uid, fault.reason, fault.facts, kept=False))
        response = _html(self.pages.leaving(url, provider_name(uid, self.ports)))
        self.cookies.give_browser(response, visitor.browser)
        return response

    async def callback(self, request: web.Request) -> web.Response:
        """Take a browser in that comes back, and show what came of it at the mailbox's own page."""
        arrival = await finish(request.query, self._visitor(request), self.ports)
        return self._back(arrival.mailbox.uid, _result(arrival))

    def _visitor(self, request: web.Request) -> Visitor:
        address = client_address(request, self.trusted_proxies)
        known = self.cookies.browser(request)
        return Visitor(address, known or self.ports.draw(), is_known=bool(known))

    def _back(self, uid: str, result: ConsentResult) -> web.Response:
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
            unknown = error.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED)
            response = self._trouble(Trouble.MAILBOX_GONE if unknown else Trouble.NO_FORM)
            response.set_status(error.status)
        except ConnectionError:
            raise  # the browser has left
        except Exception:
            log.exception("consent page failed")
            response = self._trouble(Trouble.CLUSTER_UNAVAILABLE)
        response.headers.update(HEADERS)
        return response


async def _not_yet(_: web.Request) -> web.StreamResponse:
    raise Refused(Trouble.CLUSTER_UNAVAILABLE)


def _html(page: str, status: int = HTTPStatus.OK) -> web.Response:
    return web.Response(text=page, status=status, content_type="text/html", charset="utf-8")


def _result(arrival: Arrival) -> ConsentResult:
    fault, redeemed = arrival.fault, arrival.redeemed
    facts = dict(fault.facts) if fault else {}
    if redeemed is not None and redeemed.lasts is not None:
        facts["days"] = str(-(-redeemed.lasts // timedelta(days=1)))  # rounded up
    reason = fault.reason if fault else Reason.CONNECTED
    return ConsentResult(arrival.mailbox.uid, reason, facts, arrival.kept)
