"""A domain without a preset names its server by SRV records, and a certificate proves it."""

from collections.abc import Sequence
from dataclasses import dataclass

import dns.asyncresolver
import dns.rcode
import pytest

from lab.attempts import refusal
from lab.servers.authority import Authority
from lab.servers.dns import NameServer, running
from lab.servers.smtp import SmtpServer
from mailbox_operator.connect.network.name_service import Address, Names, system
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.network.records import Records
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.password import PasswordConnector
from mailbox_operator.connect.smtp.proof import Smtp
from mailbox_operator.decide.declared.infrastructure import Offer
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.network.egress import Egress
from mailbox_operator.decide.servers.submission import Service
from mailbox_operator.decide.words import Security
from system.connect.cases import GOOD, JANE, LOOPBACK, PASSWORD, TENANT, case
from system.connect.conftest import Serve
from unit.fakes import FakeSecrets

SECURE = "_submissions._tcp.acme.example"
STARTTLS = "_submission._tcp.acme.example"


def loopback(_host: str, port: int) -> Sequence[Address]:
    """Every name is this machine."""
    return system("127.0.0.1", port)


@dataclass(slots=True)
class Site:
    """A domain's name server, and a connector that asks it."""

    names: NameServer
    trust: Trust

    def connector(self, egress: Egress = LOOPBACK) -> PasswordConnector:
        resolver = dns.asyncresolver.Resolver(configure=False)
        resolver.nameservers, resolver.port = ["127.0.0.1"], self.names.port
        resolver.lifetime = 2
        smtp = Smtp(Network(egress, names=Names(5, loopback)))
        secrets = FakeSecrets({(TENANT, "own"): {"username": JANE, "password": PASSWORD}})
        return PasswordConnector(smtp, Records(resolver), self.trust, secrets)

    def name(self, server: SmtpServer, target: str) -> None:
        """Have the domain name a server by that target."""
        self.names.services = {STARTTLS: [f"0 1 {server.port} {target}."], SECURE: ["0 0 0 ."]}


@pytest.fixture
def site(trust: Trust) -> Site:
    return Site(NameServer({"acme.example": ["10 mx.filter.example."]}), trust)


async def test_the_service_look_up_finds_the_records_of_both_kinds(site: Site) -> None:
    site.names.services = {SECURE: ["0 1 465 a.test."], STARTTLS: ["5 2 587 b.test."]}
    async with running(site.names):
        found = await site.connector().records.services("acme.example")

    assert list(found) == [
        Service("a.test.", 465, 0, 1, Security.TLS),
        Service("b.test.", 587, 5, 2, Security.STARTTLS),
    ]


@pytest.mark.parametrize(
    ("target", "certified"),
    [
        ("mail.acme.example", "mail.acme.example"),
        ("mail.acme.example", "acme.example"),
        ("mail.hoster.example", "acme.example"),
    ],
)
async def test_the_records_lead_to_a_server_with_a_certificate_that_counts(
    serve: Serve, site: Site, authority: Authority, target: str, certified: str
) -> None:
    server = await serve(GOOD, authority.server_context(certified))
    site.name(server, target)
    async with running(site.names):
        proof = await site.connector().connect(case(offer=Offer()))

    assert proof.endpoint is not None
    assert (proof.endpoint.host, proof.endpoint.port) == (target, server.port)


async def test_a_server_elsewhere_never_gets_a_password_by_its_own_certificate(
    serve: Serve, site: Site, authority: Authority
) -> None:
    server = await serve(GOOD, authority.server_context("mail.hoster.example"))
    site.name(server, "mail.hoster.example")
    async with running(site.names):
        fault = await refusal(site.connector().connect(case(offer=Offer())))

    assert (fault.reason, fault.facts["field"]) == (Reason.INVALID_SPEC, "spec.smtp")
    assert "mail.hoster.example" in fault.facts["problem"]
    assert server.auths == 0


async def test_a_certificate_for_neither_name_is_told_of_the_server_that_was_named(
    serve: Serve, site: Site, authority: Authority
) -> None:
    server = await serve(GOOD, authority.server_context("mail.hoster.example"))
    site.name(server, "mail.acme.example")
    async with running(site.names):
        fault = await refusal(site.connector().connect(case(offer=Offer())))

    assert fault.reason is Reason.TLS_VERIFICATION_FAILED
    assert "mail.acme.example" in fault.detail
    assert server.auths == 0


async def test_the_egress_policy_goes_for_what_the_records_name(
    serve: Serve, site: Site, authority: Authority
) -> None:
    server = await serve(GOOD, authority.server_context("mail.acme.example"))
    site.name(server, "mail.acme.example")
    async with running(site.names):
        fault = await refusal(site.connector(Egress()).connect(case(offer=Offer())))

    assert fault.reason is Reason.HOST_NOT_PERMITTED
    assert server.connections == 0


async def test_a_domain_that_offers_no_submission_asks_for_the_host(site: Site) -> None:
    site.names.services = {SECURE: ["0 0 0 ."], STARTTLS: ["0 0 0 ."]}
    async with running(site.names):
        fault = await refusal(site.connector().connect(case(offer=Offer())))

    assert (fault.reason, fault.facts["field"]) == (Reason.INVALID_SPEC, "spec.smtp")


async def test_name_servers_that_fail_are_the_networks_trouble(site: Site) -> None:
    site.names.rcode = dns.rcode.SERVFAIL
    async with running(site.names):
        fault = await refusal(site.connector().records.services("acme.example"))

    assert fault.reason is Reason.NETWORK_UNAVAILABLE
