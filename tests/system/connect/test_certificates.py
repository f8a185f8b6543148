"""What a server shows says what is wrong with it; a stranger's words are shown only where harmless."""

import contextlib
import ssl
from datetime import date
from typing import Final

import pytest

from lab.attempts import refusal
from lab.servers.authority import Authority
from mailbox_operator.connect.network.trust import looking_context
from mailbox_operator.connect.smtp.certificates import LONGEST_SHOWN_NAME, shown_by
from mailbox_operator.connect.smtp.shown import Shown, specified
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from system.connect.cases import JANE, JANES, PASSWORD, smtp, target
from system.connect.conftest import Serve

DAY: Final = date(2026, 1, 2)
HOST: Final = {"host": "mail.acme.example", "problem": "it is bad"}
NAMED: Final = Finding.NAME_NOT_ON_CERTIFICATE
ISSUER: Final = Finding.ISSUER_UNKNOWN
WEAK: Final = Finding.CERTIFICATE_TOO_WEAK
AUTHORITY: Final = Finding.AUTHORITY_UNKNOWN


def seen(context: ssl.SSLContext) -> Shown | None:
    """Shake hands with a server in memory."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = looking_context().wrap_bio(to_client, to_server, server_hostname="x.example")
    server = context.wrap_bio(to_server, to_client, server_side=True)
    for side in (client, server, client, server):
        with contextlib.suppress(ssl.SSLWantReadError):
            side.do_handshake()
    return shown_by(client)


@pytest.mark.parametrize(
    ("finding", "shown", "then", "problem"),
    [
        (NAMED, Shown(("a.b",), "", 1, DAY), NAMED, "it is for a.b, not for mail.acme.example"),
        (
            NAMED,
            Shown(("a", "b", "c", "d", "e"), "", 1, DAY),
            NAMED,
            "it is for a, b, c and 2 more, not for mail.acme.example",
        ),
        (
            NAMED,
            Shown((), "", 1, DAY),
            NAMED,
            "it is for no host at all, not for mail.acme.example",
        ),
        (
            Finding.CERTIFICATE_EXPIRED,
            Shown((), "", 1, DAY),
            Finding.CERTIFICATE_EXPIRED,
            "it expired on 2026-01-02",
        ),
        (
            ISSUER,
            Shown((), "R13", 1, DAY),
            ISSUER,
            "its issuer (R13) is not known here, and the server sends no intermediate certificate",
        ),
        (
            ISSUER,
            Shown((), "Acme Root", 2, DAY),
            AUTHORITY,
            "its authority (Acme Root) is not trusted here",
        ),
        (AUTHORITY, Shown((), "", 3, DAY), AUTHORITY, "its authority is not trusted here"),
        (AUTHORITY, Shown((), "x", 1, DAY), AUTHORITY, "it is bad"),
        (WEAK, Shown((), "x", 1, DAY), WEAK, "it is bad"),
        (None, Shown((), "x", 1, DAY), None, "it is bad"),
    ],
)  # fmt: skip
def test_a_problem_is_told_by_what_is_shown(
    finding: Finding | None, shown: Shown, then: Finding | None, problem: str
) -> None:
    refused = Fault(Reason.TLS_VERIFICATION_FAILED, facts=HOST, finding=finding)

    found = specified(refused, shown)

    assert (found.finding, found.facts["problem"]) == (then, problem)


def test_names_and_addresses_of_a_certificate_are_read() -> None:
    found = seen(Authority("Acme CA").server_context("mail.acme.example", "*.acme.example", "::1"))

    assert found is not None
    assert found.names == ["mail.acme.example", "*.acme.example", "::1"]
    assert (found.authority, found.chain) == ("Acme CA", 1)


@pytest.mark.parametrize("name", ["a. Mailbox owner: pay", "a b", "<b>", 'a"b', "a\nb"])
def test_a_name_that_no_host_has_is_not_shown(name: str) -> None:
    found = seen(Authority().server_context("mail.acme.example", name))

    assert found is not None
    assert found.names == ["mail.acme.example"]


def test_an_authority_gives_no_orders() -> None:
    found = seen(Authority("Acme. Platform team: trust\nme <now>").server_context())

    assert found is not None
    assert found.authority == "Acme Platform team trust me now"


def test_a_long_name_is_cut() -> None:
    found = seen(Authority().server_context("a.b", ".".join(["a" * 50] * 5)))

    assert found is not None
    assert [len(name) for name in found.names] == [3, LONGEST_SHOWN_NAME]


async def test_a_server_that_is_fine_is_dialled_once(serve: Serve, authority: Authority) -> None:
    server = await serve()

    await smtp().prove(target(server, authority), JANES, JANE)

    assert server.connections == 1


async def test_the_second_look_offers_no_credentials(serve: Serve, authority: Authority) -> None:
    server = await serve(context=authority.server_context("mail.example"))

    fault = await refusal(smtp().prove(target(server, authority), JANES, JANE))

    assert fault.facts["problem"] == "it is for mail.example, not for 127.0.0.1"
    assert [(each.auths, each.encrypted) for each in server.attempts] == [(0, False), (0, True)]
    assert PASSWORD not in repr(fault.facts)


async def test_an_intermediate_that_is_missing_is_told_from_an_authority_that_is_unknown(
    serve: Serve, authority: Authority
) -> None:
    issuing = Authority("Acme Issuing", issuer=authority)
    server = await serve(context=issuing.server_context())
    lacking = await refusal(smtp().prove(target(server, authority), JANES, JANE))
    server.context = Authority("Acme", issuer=Authority("Foreign")).server_context(chain=True)

    foreign = await refusal(smtp().prove(target(server, authority), JANES, JANE))

    assert (lacking.finding, foreign.finding) == (ISSUER, AUTHORITY)
    assert foreign.facts["problem"] == "its authority (Foreign) is not trusted here"
