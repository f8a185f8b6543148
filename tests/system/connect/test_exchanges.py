"""The mail exchangers of a domain come from a real name server."""

import asyncio
import socket
from dataclasses import replace

import dns.asyncresolver
import dns.rcode
import pytest

from lab.attempts import refusal, until
from lab.servers.dns import How, NameServer, Trouble, running
from mailbox_operator.connect.network.records import Records
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.ownership import Exchanger
from mailbox_operator.places import Places

LONG = 30.0


def asking(server: NameServer, address: str = "127.0.0.1", seconds: float = 0.5) -> Records:
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = [address]
    resolver.port = server.port
    resolver.lifetime = seconds
    return Records(resolver)


async def test_the_exchanger_look_up_finds_the_exchangers() -> None:
    known = {"acme.example": ["10 mx1.mail.test.", "20 mx2.mail.test."]}
    async with running(NameServer(known)) as server:
        found = await asking(server).exchanges("acme.example")

    assert set(found) == {Exchanger("mx1.mail.test.", 10), Exchanger("mx2.mail.test.", 20)}
    assert server.questions == 1


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
async def test_the_exchanger_look_up_asks_name_servers_where_there_is_no_ipv4() -> None:
    known = {"acme.example": ["10 mx1.mail.test."]}
    async with running(NameServer(known), address="::1") as server:
        assert len(await asking(server, "::1").exchanges("acme.example")) == 1


@pytest.mark.parametrize(
    "domain", ["nowhere.example", "empty.example", "a" * 64 + ".example", "a." * 127 + "example"]
)
async def test_the_exchanger_look_up_finds_none_where_there_are_none(domain: str) -> None:
    async with running(NameServer({"empty.example": []})) as server:
        assert await asking(server).exchanges(domain) == ()


@pytest.mark.parametrize("server", [NameServer(rcode=dns.rcode.SERVFAIL), NameServer(silent=True)])
async def test_the_exchanger_look_up_blames_the_network_when_the_name_servers_fail(
    server: NameServer,
) -> None:
    async with running(server):
        fault = await refusal(asking(server).exchanges("acme.example"))

    assert fault.reason is Reason.NETWORK_UNAVAILABLE
    assert fault.facts["host"] == "the name servers for acme.example"


async def test_a_question_without_an_answer_is_named_by_its_record() -> None:
    async with running(NameServer(silent=True)) as server:
        exchanges = await refusal(asking(server).exchanges("acme.example"))
        services = await refusal(asking(server).services("acme.example"))

    assert exchanges.facts["code"] == "no answer to MX"
    assert services.facts["code"] == "no answer to SRV _submissions._tcp"
    assert services.facts["host"] == "the name servers for acme.example"


@pytest.mark.parametrize("answer", [dns.rcode.SERVFAIL, dns.rcode.REFUSED, None])
async def test_a_domain_whose_own_name_servers_fail_is_not_the_networks_trouble(
    answer: dns.rcode.Rcode | None,
) -> None:
    async with running(NameServer(broken={"acme.example": answer})) as server:
        fault = await refusal(asking(server).exchanges("acme.example"))

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE
    assert fault.facts["host"] == "the name servers for acme.example"


async def test_an_answer_that_no_datagram_holds_is_read_whole() -> None:
    known = {"acme.example": [f"10 mx{number}.mail.test." for number in range(200)]}
    async with running(NameServer(known)) as server:
        assert len(await asking(server, seconds=LONG).exchanges("acme.example")) == 200


async def test_a_tenant_whose_domains_are_silent_leaves_questions_to_others() -> None:
    async with running(NameServer(silent=True)) as silent:
        way = replace(asking(silent), places=Places(4, 0.01))
        evil = [asyncio.create_task(way.exchanges(f"{n}.example", "evil")) for n in range(2)]
        await until(lambda: silent.questions > 0)

        with pytest.raises(Postponed):
            await way.exchanges("another.example", "evil")
        honest = await refusal(way.exchanges("honest.example", "honest"))

        await asyncio.wait(evil)
    assert honest.reason is Reason.NETWORK_UNAVAILABLE  # it was asked, and the server is silent
    assert {type(each.exception()) for each in evil} == {Fault}


async def test_the_exchanger_look_up_can_be_cancelled_while_it_asks() -> None:
    async with running(NameServer(silent=True)) as server:
        asked = asyncio.create_task(asking(server).exchanges("acme.example"))
        await until(lambda: server.questions > 0)
        asked.cancel()
        await asyncio.wait([asked])

    assert asked.cancelled()


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(Trouble(How.SILENT, frozenset({"MX"})), id="silent about this kind"),
        pytest.param(Trouble(How.CUT_SHORT), id="cut short, and never whole"),
        pytest.param(Trouble(How.GARBLED), id="garbled"),
        pytest.param(Trouble(seconds=LONG), id="too slow"),
    ],
)
async def test_a_domain_whose_answers_are_of_no_use_is_not_the_networks_trouble(
    trouble: Trouble,
) -> None:
    known = NameServer({"acme.example": ["10 mx."]}, troubles={"acme.example": trouble})
    async with running(known) as server:
        fault = await refusal(asking(server).exchanges("acme.example"))

    assert (fault.reason, fault.facts["code"]) == (Reason.PROVIDER_UNAVAILABLE, "no answer to MX")


async def test_exchanges_are_found_behind_aliases() -> None:
    aliases = {"acme.example": "one.example", "one.example": "two.example"}
    known = NameServer({"two.example": ["10 mx.mail.test."]}, aliases=aliases)
    async with running(known) as server:
        assert len(await asking(server, seconds=LONG).exchanges("acme.example")) == 1


async def test_a_domain_whose_aliases_go_in_circles_is_not_the_networks_trouble() -> None:
    aliases = {"acme.example": "one.example", "one.example": "acme.example"}
    async with running(NameServer(aliases=aliases)) as server:
        fault = await refusal(asking(server).exchanges("acme.example"))

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE


async def test_a_slow_answer_counts() -> None:
    known = NameServer({"acme.example": ["10 mx."]}, troubles={"": Trouble(seconds=0.2)})
    async with running(known) as server:
        assert len(await asking(server, seconds=LONG).exchanges("acme.example")) == 1
