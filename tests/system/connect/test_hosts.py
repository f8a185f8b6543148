"""Whatever a host is written as, the verdict about it is true: addresses, A-labels, capital letters."""

from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_network

import pytest

from lab.attempts import refusal
from lab.servers import smtp as servers
from lab.servers.authority import Authority
from lab.servers.silence import closed_port
from mailbox_operator.connect.network.name_service import Address, Names, system
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.smtp.proof import Smtp, Target
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.network.egress import Egress
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Infrastructure, Security
from system.connect.cases import GOOD, JANE, JANES
from system.connect.conftest import Serve

LOCAL = Egress((ip_network("127.0.0.0/8"), ip_network("::1/128")), range(1, 65536))
BOTH = pytest.mark.parametrize("security", list(servers.Security))


def smtp(names: Names | None = None, egress: Egress = LOCAL) -> Smtp:
    return Smtp(Network(egress, 5, names=names or Names(10)), 5)


def loopback(_host: str, port: int) -> Sequence[Address]:
    """Every name is this machine."""
    return system("127.0.0.1", port)


@BOTH
async def test_an_ipv6_address_connects_by_a_certificate_for_it(
    serve: Serve, authority: Authority, security: servers.Security
) -> None:
    server = await serve(replace(GOOD, security=security), host="::1")
    aim = Target(Endpoint("::1", server.port, Security(security.value)), authority.client_context())

    await smtp().prove(aim, JANES, JANE)

    assert server.attempts[0].accepted


@pytest.mark.parametrize("host", ["::1", "xn--mller-kva.example", "Mail.Acme.Example"])
async def test_a_certificate_for_another_name_says_both_names(
    serve: Serve, authority: Authority, host: str
) -> None:
    at = "::1" if host == "::1" else "127.0.0.1"
    server = await serve(GOOD, authority.server_context("mail.example"), host=at)
    aim = Target(Endpoint(host, server.port, Security.STARTTLS), authority.client_context())

    names = Names(10, lambda _, port: system(at, port))
    fault = await refusal(smtp(names).prove(aim, JANES, JANE))

    assert (fault.reason, fault.finding) == (
        Reason.TLS_VERIFICATION_FAILED, Finding.NAME_NOT_ON_CERTIFICATE,
    )  # fmt: skip
    assert fault.facts["problem"] == f"it is for mail.example, not for {host}"


@pytest.mark.parametrize(
    ("host", "certified"),
    [
        ("xn--mller-kva.example", "xn--mller-kva.example"),
        ("MAIL.XN--MLLER-KVA.example", "mail.xn--mller-kva.example"),
        ("mail.xn--mller-kva.example", "*.xn--mller-kva.example"),
    ],
)
async def test_a_name_in_a_labels_connects_by_its_certificate(
    serve: Serve, authority: Authority, host: str, certified: str
) -> None:
    server = await serve(GOOD, authority.server_context(certified))
    aim = Target(Endpoint(host, server.port, Security.STARTTLS), authority.client_context())

    await smtp(Names(10, loopback)).prove(aim, JANES, JANE)

    assert server.attempts[0].accepted


async def test_a_port_of_an_ipv6_address_is_told_from_the_address(authority: Authority) -> None:
    nobody = Endpoint("::1", closed_port(), Security.STARTTLS)
    fault = await refusal(smtp().prove(Target(nobody, authority.client_context()), JANES, JANE))

    told = RULES[fault.reason].message(Infrastructure.PRIVATE, fault.facts)

    assert told.startswith(f"Connections are refused by [::1]:{nobody.port}.")


@pytest.mark.parametrize(
    "host", ["::1", "127.1", "0x7f.1", "2130706433", "64:ff9b::7f00:1", "::ffff:7f00:1"]
)
async def test_no_spelling_of_an_address_gets_around_the_policy(
    authority: Authority, host: str
) -> None:
    aim = Target(Endpoint(host, 587, Security.STARTTLS), authority.client_context())

    fault = await refusal(smtp(egress=Egress()).prove(aim, JANES, JANE))

    assert fault.reason is Reason.HOST_NOT_PERMITTED


async def test_a_silent_server_at_an_ipv6_address_is_looked_at(
    serve: Serve, authority: Authority
) -> None:
    server = await serve(replace(GOOD, security=servers.Security.TLS), host="::1")
    aim = Target(Endpoint("::1", server.port, Security.STARTTLS), authority.client_context())

    fault = await refusal(replace(smtp(), silence_seconds=0).prove(aim, JANES, JANE))

    assert (fault.reason, server.connections) == (Reason.TLS_MODE_MISMATCH, 2)
