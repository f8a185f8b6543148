"""Who is told apart at the consent page, and by what."""

from collections.abc import Sequence

import aiohttp
import pytest
from aiohttp import web

from lab.serving_site import serving
from mailbox_operator.consent.visitors import Visitor, client_address
from mailbox_operator.serving import Bounds


async def address(trusted_proxies: int, forwarded: Sequence[str]) -> str:
    """Send a request with these headers from the loopback; return what is taken for its address."""

    async def tell(request: web.Request) -> web.Response:
        return web.Response(text=client_address(request, trusted_proxies))

    app = web.Application()
    app.add_routes([web.get("/", tell)])
    headers = [("X-Forwarded-For", each) for each in forwarded]
    async with (
        serving(app, Bounds()) as peers,
        aiohttp.ClientSession() as http,
        http.get(f"http://127.0.0.1:{peers.port}/", headers=headers) as answer,
    ):
        return await answer.text()


@pytest.mark.parametrize(
    ("trusted_proxies", "forwarded", "found"),
    [
        pytest.param(0, ["192.0.2.7"], "127.0.0.1", id="none is trusted"),
        pytest.param(1, [], "127.0.0.1", id="it came round the proxy"),
        pytest.param(1, ["192.0.2.7"], "192.0.2.7", id="one proxy"),
        pytest.param(1, ["6.6.6.6, 192.0.2.7"], "192.0.2.7", id="a browser that lies"),
        pytest.param(1, ["6.6.6.6", "192.0.2.7"], "192.0.2.7", id="in a header of its own"),
        pytest.param(2, ["6.6.6.6, 192.0.2.7, 10.0.0.9"], "192.0.2.7", id="two proxies"),
        pytest.param(2, ["192.0.2.7"], "127.0.0.1", id="it came round the outer one"),
        pytest.param(1, ["192.0.2.7:4711"], "192.0.2.7", id="with a port"),
        pytest.param(1, ["[2001:db8:1:2::7]:4711"], "2001:db8:1:2::", id="IPv6 with a port"),
        pytest.param(1, ["2001:db8:1:2:3:4:5:6"], "2001:db8:1:2::", id="IPv6"),
        pytest.param(1, ["unknown"], "127.0.0.1", id="no address"),
        pytest.param(1, ["6.6.6.6, "], "127.0.0.1", id="nothing"),
    ],
)
async def test_the_address_is_what_the_outermost_trusted_proxy_wrote(
    trusted_proxies: int, forwarded: Sequence[str], found: str
) -> None:
    assert await address(trusted_proxies, forwarded) == found


def test_a_browser_that_brought_no_cookie_is_not_told_apart_by_the_one_it_gets() -> None:
    first, second = (Visitor("192.0.2.7", each * 43, is_known=False) for each in "xy")

    assert first.steps == second.steps
    assert first.origin == second.origin


def test_what_others_may_read_has_neither_address_nor_cookie_in_it() -> None:
    visitor = Visitor("192.0.2.7", "x" * 43)

    assert "192.0.2.7" not in visitor.origin
    assert "xxx" not in visitor.origin
    assert visitor.origin != Visitor("192.0.2.8", "x" * 43).origin
