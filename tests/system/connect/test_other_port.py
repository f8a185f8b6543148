"""Where the stated port does not work out, the operator looks at the other one, and only looks.

Each test has a loopback address to itself, so that the customary port numbers are free.
"""

import itertools
import socket
from collections.abc import Sequence
from dataclasses import replace

import pytest

from lab.attempts import refusal
from lab.servers import smtp as servers
from lab.servers.authority import Authority
from lab.servers.smtp import Mischief, Stage, StartTls
from mailbox_operator.connect.network.name_service import Address, Names, system
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.network.servers import Servers
from mailbox_operator.connect.smtp.proof import Smtp, Target
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.network.egress import Egress
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import GOOD, JANE, JANES, LOOPBACK, SOON, network, smtp
from system.connect.conftest import Serve

WRONG_ON_2465 = (2465, Security.TLS)
WRONG_ON_2587 = (2587, Security.STARTTLS)
TLS = replace(GOOD, security=servers.Security.TLS)
NUMBERS = itertools.count(1)


@pytest.fixture
def host() -> str:
    number = next(NUMBERS)
    return f"127.46.{number // 250}.{number % 250 + 1}"


async def attempt(
    host: str,
    port: int,
    security: Security,
    authority: Authority,
    egress: Egress = LOOPBACK,
    patience: float = 5,
) -> Fault:
    aim = Target(Endpoint(host, port, security), authority.client_context())
    prover = Smtp(network(egress), probe_timeout_seconds=patience)
    return await refusal(prover.prove(aim, JANES, JANE))


async def test_the_second_look_finds_starttls(
    serve: Serve, authority: Authority, host: str
) -> None:
    other = await serve(host=host, port=2587)

    fault = await attempt(host, *WRONG_ON_2465, authority)

    assert fault.reason is Reason.CONNECTION_REFUSED
    assert fault.facts["other"] == ", but port 2587 with STARTTLS answers: use that"
    assert [(seen.encrypted, seen.mechanism) for seen in other.attempts] == [(True, None)]


async def test_the_second_look_finds_tls(serve: Serve, authority: Authority, host: str) -> None:
    other = await serve(TLS, host=host, port=2465)

    fault = await attempt(host, *WRONG_ON_2587, authority)

    assert fault.reason is Reason.CONNECTION_REFUSED
    assert fault.facts["other"] == ", but port 2465 with TLS answers: use that"
    assert [(seen.encrypted, seen.mechanism) for seen in other.attempts] == [(True, None)]


async def test_the_second_look_says_when_neither_answers(authority: Authority, host: str) -> None:
    fault = await attempt(host, *WRONG_ON_2587, authority)

    assert fault.facts["other"] == ", and port 2465 with TLS does not answer either"


@pytest.mark.parametrize("mischief", [Mischief.HANG, Mischief.DROP, Mischief.ENDLESS_LINES])
async def test_the_second_look_takes_mischief_for_no_answer(
    serve: Serve, authority: Authority, host: str, mischief: Mischief
) -> None:
    await serve(replace(TLS, mischief={Stage.BANNER: mischief}), host=host, port=2465)

    fault = await attempt(host, *WRONG_ON_2587, authority, patience=SOON)

    assert fault.facts["other"] == ", and port 2465 with TLS does not answer either"


async def test_the_second_look_takes_trouble_with_a_certificate_for_an_answer(
    serve: Serve, authority: Authority, host: str
) -> None:
    other = await serve(TLS, authority.server_context(expired=True), host=host, port=2465)

    fault = await attempt(host, *WRONG_ON_2587, authority)

    assert fault.facts["other"] == ", but port 2465 with TLS answers: use that"
    assert other.auths == 0


async def test_the_second_look_takes_trouble_with_a_certificate_after_starttls_for_an_answer(
    serve: Serve, authority: Authority, host: str
) -> None:
    other = await serve(GOOD, authority.server_context(expired=True), host=host, port=2587)

    fault = await attempt(host, *WRONG_ON_2465, authority)

    assert fault.facts["other"] == ", but port 2587 with STARTTLS answers: use that"
    assert other.auths == 0


async def test_the_second_look_looks_when_the_mode_is_wrong(
    serve: Serve, authority: Authority, host: str
) -> None:
    stated = await serve(replace(GOOD, starttls=StartTls.STRIPPED), host=host, port=2465)
    other = await serve(host=host, port=2587)

    fault = await attempt(host, *WRONG_ON_2465, authority)

    assert (fault.reason, fault.finding) == (Reason.TLS_MODE_MISMATCH, None)
    assert fault.facts["other"] == ", but port 2587 with STARTTLS answers: use that"
    assert (stated.auths, other.auths) == (0, 0)


async def test_a_tls_port_that_speaks_starttls_is_told(
    serve: Serve, authority: Authority, host: str
) -> None:
    server = await serve(host=host, port=4465)

    fault = await attempt(host, 4465, Security.TLS, authority)

    assert fault.reason is Reason.TLS_MODE_MISMATCH
    assert fault.facts["other"] == ", but STARTTLS answers there: use that"
    assert server.auths == 0


@pytest.mark.parametrize("port", [2587, 1025])
async def test_a_server_without_encryption_is_its_administrators(
    serve: Serve, authority: Authority, host: str, port: int
) -> None:
    server = await serve(replace(GOOD, starttls=StartTls.STRIPPED), host=host, port=port)

    fault = await attempt(host, port, Security.STARTTLS, authority)

    assert (fault.reason, fault.finding) == (Reason.TLS_MODE_MISMATCH, Finding.NO_ENCRYPTION)
    assert server.auths == 0


async def test_a_stripped_starttls_beside_a_tls_port_is_a_mismatch(
    serve: Serve, authority: Authority, host: str
) -> None:
    await serve(replace(GOOD, starttls=StartTls.STRIPPED), host=host, port=2587)
    await serve(TLS, host=host, port=2465)

    fault = await attempt(host, *WRONG_ON_2587, authority)

    assert (fault.reason, fault.finding) == (Reason.TLS_MODE_MISMATCH, None)
    assert fault.facts["other"] == ", but port 2465 with TLS answers: use that"


async def test_a_tls_port_that_is_busy_answers(
    serve: Serve, authority: Authority, host: str
) -> None:
    busy = {Stage.BANNER: b"421 4.3.2 Too busy"}
    await serve(replace(TLS, replies=busy), host=host, port=2465)

    fault = await attempt(host, *WRONG_ON_2587, authority)

    assert fault.facts["other"] == ", but port 2465 with TLS answers: use that"


async def test_the_second_look_does_not_look_after_a_refused_login(
    serve: Serve, authority: Authority, host: str
) -> None:
    await serve(replace(GOOD, accounts={}), host=host, port=2587)
    other = await serve(TLS, host=host, port=2465)

    fault = await attempt(host, *WRONG_ON_2587, authority)

    assert (fault.reason, other.connections) == (Reason.INVALID_CREDENTIALS, 0)


async def test_the_second_look_does_not_look_where_the_platform_forbids(
    serve: Serve, authority: Authority, host: str
) -> None:
    other = await serve(TLS, host=host, port=2465)
    egress = replace(LOOPBACK, ports=(2587,))

    fault = await attempt(host, *WRONG_ON_2587, authority, egress)

    assert (fault.facts["other"], other.connections) == ("", 0)


async def test_the_second_look_looks_anywhere_on_the_platforms_own_word(
    serve: Serve, authority: Authority, host: str
) -> None:
    await serve(TLS, host=host, port=2465)
    aim = Target(Endpoint(host, *WRONG_ON_2587), authority.client_context(), trusted=True)

    fault = await refusal(smtp(Egress(ports=())).prove(aim, JANES, JANE))

    assert fault.facts["other"] == ", but port 2465 with TLS answers: use that"


@pytest.mark.parametrize("patience", [0.01, 30])
async def test_a_full_server_says_nothing_of_its_port(
    authority: Authority, host: str, patience: float
) -> None:
    """A wait for a place there ends by its own limit, or by that of the look."""
    full = "127.46.200.1"
    places = Servers(1, patience)
    await places.enter(full, "another")
    aim = Target(Endpoint("mail.test", *WRONG_ON_2587), authority.client_context(), "team")

    way = Network(LOOPBACK, 1, names=by_port({2587: host, 2465: full}), servers=places)
    fault = await refusal(Smtp(way, probe_timeout_seconds=SOON).prove(aim, JANES, JANE))

    assert fault.reason is Reason.CONNECTION_REFUSED
    assert "other" not in fault.facts
    assert len(places) == 1


async def test_a_name_service_that_fails_meanwhile_says_nothing_of_a_port(
    authority: Authority, host: str
) -> None:
    aim = Target(Endpoint("mail.test", *WRONG_ON_2587), authority.client_context())

    way = Network(LOOPBACK, 1, names=by_port({2587: host}))
    fault = await refusal(Smtp(way, probe_timeout_seconds=SOON).prove(aim, JANES, JANE))

    assert fault.reason is Reason.CONNECTION_REFUSED
    assert "other" not in fault.facts


def by_port(addresses: dict[int, str]) -> Names:
    """Know an address for each port; the name service fails for another one."""

    def resolve(_host: str, port: int) -> Sequence[Address]:
        if port not in addresses:
            raise socket.gaierror(socket.EAI_AGAIN, "told so")
        return system(addresses[port], port)

    return Names(10, resolve)
