"""Asks a sign-in service, and dials a mail server, whose first address is a black hole.

Run inside a sandbox with a network and an /etc/resolv.conf of its own. Nothing here gives up by
itself for an hour, so what is reached was reached while the other address was still silent. It
prints what came of each way.
"""

import asyncio
import json
import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from ipaddress import ip_network
from pathlib import Path
from typing import Final

from aiohttp import web

from lab.servers.authority import Authority
from lab.servers.dns import NameServer, running
from lab.servers.proxy import Proxy
from lab.servers.silence import black_hole
from mailbox_operator.connect.network.mailthread import MailThread
from mailbox_operator.connect.network.name_service import Names
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.oauth.https import Https
from mailbox_operator.connect.oauth.proxies import NO_PROXIES, Proxies
from mailbox_operator.decide.network.egress import Egress
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security

NAME_SERVER_PORT: Final = 53
NEVER: Final = 3600.0
DEADLINE_SECONDS: Final = 60
SIX, FOUR, OTHER_FOUR = "::1", "127.0.0.1", "127.0.0.7"
SILENT: Final[Mapping[str, tuple[str, str]]] = {
    "six.example": (SIX, FOUR),
    "four.example": (FOUR, SIX),
    "first.example": (FOUR, OTHER_FOUR),
}
"""By name: the address that is a black hole, and the one that answers. Whichever family is dialled
first, one of the first two names begins with the black hole."""


async def answer(_: web.Request) -> web.Response:
    """Answer as a sign-in service does."""
    return web.json_response({})


async def asked(trust: Trust, url: str, proxies: Proxies = NO_PROXIES) -> str:
    """Ask a service; tell the status of its answer."""
    https = Https(trust, NEVER, MailThread(), proxies)
    return str((await https.send("GET", url)).status_code)


async def dialled(host: str, port: int) -> str:
    """Dial a mail server; tell the address that was reached."""
    egress = Egress((ip_network("127.0.0.0/8"), ip_network("::1/128")), (port,))
    at = Endpoint(host, port, Security.TLS)
    with await Network(egress, NEVER, names=Names(NEVER)).dial(at) as found:
        return str(found.getpeername()[0])


async def ways(name: str, trust: Trust, authority: Authority) -> Mapping[str, str]:
    """Take each way to a name: directly, by a proxy of that name, and as a mail server."""
    silent, answering = SILENT[name]
    with ExitStack() as stack:
        port = stack.enter_context(black_hole(silent))
        service = web.AppRunner(web.Application())
        service.app.router.add_get("/token", answer)
        await service.setup()
        await web.TCPSite(
            service, answering, port, ssl_context=authority.server_context(name)
        ).start()
        direct = await asked(trust, f"https://{name}:{port}/token")
        mail = await dialled(name, port)
        await service.cleanup()
        async with Proxy().running(host=answering, port=port):
            proxies = Proxies(f"http://{name}:{port}")
            proxied = await asked(trust, "https://service.example:8443/token", proxies)
    return {f"{name} as a service": direct, f"{name} by SMTP": mail, f"{name} as a proxy": proxied}


async def found() -> Mapping[str, str]:
    """Take all ways to all names, to a service that the proxies lead to as well."""
    authority = Authority()
    hosts = {name: list(addresses) for name, addresses in SILENT.items()}
    hosts["service.example"] = [OTHER_FOUR]
    service = web.AppRunner(web.Application())
    service.app.router.add_get("/token", answer)
    await service.setup()
    tls = authority.server_context("service.example")
    await web.TCPSite(service, OTHER_FOUR, 8443, ssl_context=tls).start()
    with tempfile.TemporaryDirectory() as directory:
        bundle = Path(directory) / "authority.pem"
        bundle.write_bytes(authority.ca_pem)
        async with running(NameServer(hosts=hosts), NAME_SERVER_PORT):
            told = [await ways(name, Trust(bundle), authority) for name in SILENT]
    await service.cleanup()
    return {way: outcome for each in told for way, outcome in each.items()}


async def main() -> None:
    """Print what was found."""
    async with asyncio.timeout(DEADLINE_SECONDS):
        print(json.dumps(await found()))


if __name__ == "__main__":
    asyncio.run(main())
