"""Looks names up with the system's resolver, and a name server that does as it is told.

Run inside a sandbox with a network and an /etc/resolv.conf of its own. It prints what came of each
host that is dialled: the address that was reached, or the reason, and how often it was asked for.
"""

import asyncio
import json
import socket
from ipaddress import ip_network
from typing import Final

import dns.rcode

from lab.servers.dns import How, NameServer, Trouble, running
from mailbox_operator.connect.network.name_service import Names
from mailbox_operator.connect.network.network import Network
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.network.egress import Egress
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security

NAME_SERVER_PORT: Final = 53
MAIL_PORT: Final = 2587
NETWORKS: Final = ("127.0.0.0/8", "::1/128", "2001:db8::/32")
HERE: Final = Egress(tuple(map(ip_network, NETWORKS)), (MAIL_PORT,))
HOSTS: Final = {
    "both.example": ["::1", "127.0.0.7"],
    "six.example": ["::1"],
    "unroutable.example": ["2001:db8::1"],
    "half.example": ["2001:db8::1", "127.0.0.7"],
    "four.example": ["127.0.0.7"],
    "huge.example": [f"127.1.1.{number}" for number in range(1, 101)],
    "hidden.example": [*(f"127.2.{number}.1" for number in range(100)), "10.0.0.1"],
    "mail.short.example.corp.test": ["10.0.0.2"],
    "mail.short.example": ["127.0.0.7"],
}
TROUBLED: Final = {
    "six-is-silent.example": ["127.0.0.7"],
    "four-is-silent.example": ["::1"],
    "six-fails.example": ["127.0.0.7"],
    "four-fails.example": ["::1"],
    "six-is-denied.example": ["127.0.0.7"],
    "slow.example": ["127.0.0.7"],
    "cut.example": ["127.0.0.7"],
    "garbled.example": ["127.0.0.7"],
    "unspecified.example": ["::"],
    "mapped.example": ["::ffff:10.0.0.1"],
    "wild.example": ["127.0.0.7"],
    "wild.example.corp.test": ["10.0.0.2"],
    "bad.example": ["10.0.0.1"],
}
CHAIN: Final = 8
ALIASES: Final = {
    **{f"alias{number}.example": f"alias{number + 1}.example" for number in range(CHAIN)},
    f"alias{CHAIN}.example": "four.example",
    "to-bad.example": "bad.example",
    "to-nowhere.example": "nowhere.example",
    "loop.example": "pool.example",
    "pool.example": "loop.example",
}
FOUR, SIX = frozenset({"A"}), frozenset({"AAAA"})
TROUBLES: Final = {
    "six-is-silent.example": Trouble(How.SILENT, SIX),
    "four-is-silent.example": Trouble(How.SILENT, FOUR),
    "six-fails.example": Trouble(kinds=SIX, rcode=dns.rcode.SERVFAIL),
    "four-fails.example": Trouble(kinds=FOUR, rcode=dns.rcode.SERVFAIL),
    "six-is-denied.example": Trouble(kinds=SIX, rcode=dns.rcode.NXDOMAIN),
    "slow.example": Trouble(seconds=1),
    "to-broken.example": Trouble(rcode=dns.rcode.SERVFAIL),
    "cut.example": Trouble(How.CUT_SHORT),
    "garbled.example": Trouble(How.GARBLED),
}
BROKEN: Final = {
    "servfail.example": dns.rcode.SERVFAIL,
    "refused.example": dns.rcode.REFUSED,
    "silent.example": None,
    "mail.gone.example.corp.test": dns.rcode.SERVFAIL,
}


async def dialled(network: Network, host: str) -> str:
    """Dial a host; tell the address that was reached, or the reason."""
    try:
        with await network.dial(Endpoint(host, MAIL_PORT, Security.STARTTLS)) as found:
            return str(found.getpeername()[0])
    except Fault as fault:
        return fault.reason


async def troubled(network: Network, server: NameServer) -> dict[str, str]:
    """Dial the hosts whose names are in trouble, all at once, since many of them take their time."""
    server.hosts, server.aliases, server.troubles = HOSTS | TROUBLED, ALIASES, TROUBLES
    hosts = sorted({*TROUBLED, *ALIASES, *TROUBLES})
    told = await asyncio.gather(*(dialled(network, host) for host in hosts))
    server.hosts, server.aliases, server.troubles = HOSTS, {}, {}
    return dict(zip(hosts, told, strict=True))


async def found() -> dict[str, str]:
    """Dial all hosts, then one whose address changes, then one while the name service is down."""
    network = Network(HERE, names=Names(5, fresh_seconds=0))
    known = NameServer(hosts=HOSTS, broken=BROKEN)
    async with running(known, NAME_SERVER_PORT) as server:
        hosts = (
            *HOSTS,
            *(f"mail.{domain}" for domain in BROKEN),
            "gone.example",
            "mail.gone.example",
            "mail",
        )
        told = {host: await dialled(network, host) for host in hosts}
        told |= await troubled(network, server)
        before = server.questions
        await dialled(network, "mail.short.example")
        told["questions"] = str(server.questions - before)
        server.hosts = HOSTS | {"four.example": ["10.0.0.1"]}
        told["a host that changed"] = await dialled(network, "four.example")
        server.rcode = dns.rcode.SERVFAIL
        told["while all names fail"] = await dialled(network, "four.example")
        server.rcode, server.silent = None, True
        told["while nothing answers"] = await dialled(network, "four.example")
    return told


def main() -> None:
    """Print what was found."""
    with socket.create_server(("", MAIL_PORT), family=socket.AF_INET6, dualstack_ipv6=True):
        print(json.dumps(asyncio.run(found())))


if __name__ == "__main__":
    main()
