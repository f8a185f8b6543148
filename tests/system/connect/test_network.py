"""What may be dialled is decided on the very addresses that are dialled."""

import asyncio
import errno
import gc
import socket
from collections.abc import Sequence
from dataclasses import dataclass, replace
from ipaddress import ip_network
from typing import Any

import pytest

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.silence import black_hole, closed_port
from mailbox_operator.connect.network.name_service import Names
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.smtp.proof import Target
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.network.egress import Egress
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import GOOD, JANE, JANES, LOOPBACK, endpoint, refusal_of, smtp, target
from system.connect.conftest import Serve

PUBLIC = "93.184.215.14"
PRIVATE = "10.0.0.1"
Answers = Sequence[str] | Exception


@dataclass(slots=True)
class Resolver:
    """Knows the addresses of one name, and counts how often it is asked."""

    answers: Answers
    asked: int = 0

    def __call__(self, host: str, port: int) -> Any:
        """Resolve the name."""
        self.asked += 1
        if isinstance(self.answers, Exception):
            raise self.answers
        kind = socket.SOCK_STREAM
        return [found for one in self.answers for found in socket.getaddrinfo(one, port, type=kind)]


async def dial(port: int, resolver: Resolver, egress: Egress = LOOPBACK) -> str:
    """Dial a name that only a resolver knows; tell the address that was reached, or the fault."""
    at = Endpoint("mail.test", port, Security.TLS)
    try:
        with await Network(egress, 0.3, names=Names(10, resolver)).dial(at) as dialled:
            return str(dialled.getpeername()[0])
    except Fault as fault:
        return fault.reason


def dialled(port: int, answers: Answers, egress: Egress = LOOPBACK) -> tuple[str, int]:
    """Dial a name; tell what came of it, and how often the name was looked up."""
    resolver = Resolver(answers)
    outcome = asyncio.run(dial(port, resolver, egress))
    gc.collect()
    return outcome, resolver.asked


def test_the_network_dials_the_address_that_was_checked() -> None:
    with socket.create_server(("127.0.0.7", 0)) as listening:
        assert dialled(listening.getsockname()[1], ["127.0.0.7"]) == ("127.0.0.7", 1)


def test_the_network_tries_one_address_after_the_other() -> None:
    with socket.create_server(("127.0.0.7", 0)) as listening:
        port = listening.getsockname()[1]

        assert dialled(port, ["127.0.0.8", "127.0.0.7"]) == ("127.0.0.7", 1)


def test_the_network_tries_no_more_than_four_addresses() -> None:
    with socket.create_server(("127.0.0.7", 0)) as listening:
        port = listening.getsockname()[1]
        closed = [f"127.0.0.{number}" for number in (11, 12, 13, 14)]

        assert dialled(port, [*closed, "127.0.0.7"]) == ("ConnectionRefused", 1)


@pytest.mark.parametrize(
    "addresses", [[PRIVATE], [PUBLIC, PRIVATE], [*["127.0.0.1"] * 5, PRIVATE], ["::1", "127.0.0.1"]]
)
def test_the_network_refuses_a_name_for_one_bad_address(addresses: list[str]) -> None:
    assert dialled(587, addresses) == ("HostNotPermitted", 1)


async def test_the_network_names_the_address_that_is_not_permitted() -> None:
    names = Names(10, Resolver([*[PUBLIC] * 5, PRIVATE]))

    fault = await refusal(
        Network(LOOPBACK, names=names).dial(Endpoint("mail.test", 587, Security.TLS))
    )

    assert (fault.detail, fault.facts["host"]) == (PRIVATE, "mail.test")


@pytest.mark.parametrize(
    ("number", "reason"),
    [
        (socket.EAI_NONAME, "HostNotFound"),
        (socket.EAI_NODATA, "HostNotFound"),
        (socket.EAI_AGAIN, "NetworkUnavailable"),
        (socket.EAI_FAIL, "NetworkUnavailable"),
    ],
)
def test_the_network_tells_a_wrong_name_from_a_broken_name_service(
    number: int, reason: str
) -> None:
    assert dialled(587, socket.gaierror(number, "told so"))[0] == reason


def test_the_network_gives_up_on_a_slow_name_service() -> None:
    assert dialled(587, TimeoutError())[0] == "NetworkUnavailable"


def test_the_network_does_not_blame_the_network_when_one_family_has_no_route() -> None:
    """What IPv4 said counts, where IPv6 leads nowhere."""
    egress = replace(LOOPBACK, networks=(*LOOPBACK.networks, ip_network("::/0")))

    assert dialled(closed_port(), ["127.0.0.1", "ff00::"], egress)[0] == "ConnectionRefused"
    assert dialled(closed_port(), ["ff00::"], egress)[0] == "NetworkUnavailable"


async def test_the_network_reports_a_name_that_does_not_exist() -> None:
    at = Endpoint("nonexistent.invalid", 587, Security.STARTTLS)

    fault = await refusal(Network(LOOPBACK).dial(at))

    offline = fault.reason is Reason.NETWORK_UNAVAILABLE
    assert offline or (fault.reason, fault.certain) == (Reason.HOST_NOT_FOUND, False)


@pytest.mark.parametrize("host", ["a" * 64 + ".example", "a..example"])
async def test_the_network_reports_what_cannot_be_a_name(host: str) -> None:
    fault = await refusal(Network(LOOPBACK).dial(Endpoint(host, 587, Security.STARTTLS)))

    assert (fault.reason, fault.certain) == (Reason.HOST_NOT_FOUND, True)


async def test_the_network_reports_a_connection_that_times_out() -> None:
    with black_hole() as port:
        fault = await refusal(
            Network(LOOPBACK, 0.2).dial(Endpoint("127.0.0.1", port, Security.TLS))
        )

    assert fault.reason is Reason.CONNECTION_TIMEOUT


@pytest.mark.parametrize(
    "egress",
    [
        pytest.param(Egress(), id="as it comes"),
        pytest.param(replace(LOOPBACK, ports=(587,)), id="another port"),
        pytest.param(Egress((ip_network("10.0.0.0/8"),), LOOPBACK.ports), id="another network"),
    ],
)
async def test_the_network_dials_nobody_the_policy_forbids(
    serve: Serve, authority: Authority, egress: Egress
) -> None:
    server = await serve()

    fault = await refusal(smtp(egress).prove(target(server, authority), JANES, JANE))

    assert (fault.reason, server.connections) == (Reason.HOST_NOT_PERMITTED, 0)
    assert "other" not in fault.facts


async def test_the_network_dials_whom_the_platform_names(
    serve: Serve, authority: Authority
) -> None:
    server = await serve()
    aim = Target(endpoint(server), authority.client_context(), trusted=True)

    await smtp(Egress(ports=())).prove(aim, JANES, JANE)

    assert server.attempts[0].accepted


async def test_the_network_names_the_server_in_the_facts(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(replace(GOOD, accounts={}))

    fault = await refusal_of(server, authority)

    assert fault.facts["host"] == "127.0.0.1"
    assert fault.facts["endpoint"] == f"127.0.0.1:{server.port}"
    assert fault.facts["security"] == "STARTTLS"


@pytest.mark.parametrize(
    ("number", "reason"),
    [(errno.ECONNRESET, "ProviderUnavailable"), (errno.EMFILE, "NetworkUnavailable")],
)
def test_the_network_tells_trouble_of_a_domain_from_trouble_of_the_cluster(
    number: int, reason: str
) -> None:
    class Failing(asyncio.SelectorEventLoop):
        async def sock_connect(self, sock: socket.socket, address: Any) -> None:
            raise OSError(number, "told so")

    with asyncio.Runner(loop_factory=Failing) as runner:
        assert runner.run(dial(587, Resolver(["127.0.0.1"]))) == reason
