"""What a server offers to log in by is understood, and named where it is of no use."""

import pytest

from mailbox_operator.decide.failure.auth_offers import offers, unspoken
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.verdict import message_of
from unit.make import mailbox

PASSWORDS = ("PLAIN", "LOGIN", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5")
TOKENS = ("XOAUTH2", "OAUTHBEARER")


def test_an_offer_is_read_in_any_case_and_once() -> None:
    assert offers(["plain", "LOGIN", "Plain"]) == ("PLAIN", "LOGIN")


@pytest.mark.parametrize("name", ["", "A" * 21, "a.b", "ä", "x\n", "Owner:"])
def test_what_is_no_name_of_a_mechanism_is_not_repeated(name: str) -> None:
    assert offers([name]) == ()


@pytest.mark.parametrize(
    ("offered", "spoken", "finding"),
    [
        ((), PASSWORDS, Finding.NO_LOGIN_OFFERED),
        ((), TOKENS, Finding.NO_LOGIN_OFFERED),
        (("NTLM",), PASSWORDS, Finding.WINDOWS_LOGINS_ONLY),
        (("GSSAPI", "NTLM"), PASSWORDS, Finding.WINDOWS_LOGINS_ONLY),
        (("XOAUTH2",), PASSWORDS, Finding.TOKENS_ONLY),
        (("OAUTHBEARER", "XOAUTH2"), PASSWORDS, Finding.TOKENS_ONLY),
        (("SCRAM-SHA-512",), PASSWORDS, Finding.OTHER_MECHANISMS_ONLY),
        (("DIGEST-MD5", "NTLM"), PASSWORDS, Finding.OTHER_MECHANISMS_ONLY),
        (("PLAIN", "LOGIN"), TOKENS, Finding.OTHER_MECHANISMS_ONLY),
    ],
)
def test_a_server_without_a_mechanism_of_ours_is_told_by_its_kind(
    offered: tuple[str, ...], spoken: tuple[str, ...], finding: Finding
) -> None:
    fault = unspoken(offered, spoken)

    assert (fault.reason, fault.finding) == (Reason.SMTP_AUTH_DISABLED, finding)


def test_both_sides_are_named() -> None:
    fault = unspoken(("SCRAM-SHA-256-PLUS", "DIGEST-MD5"), PASSWORDS).with_facts(
        endpoint="mail.acme.example:587"
    )

    assert message_of(mailbox(), fault) == (
        "No login is possible at mail.acme.example:587: it offers only SCRAM-SHA-256-PLUS and"
        " DIGEST-MD5; the operator speaks PLAIN, LOGIN, SCRAM-SHA-256, SCRAM-SHA-1 and CRAM-MD5. Mail"
        " administrator: offer one of these at that port."
    )


@pytest.mark.parametrize("offered", [(), ("NTLM",), ("SCRAM-SHA-512",), ("XOAUTH2",)])
def test_nobody_elses_server_is_told_of_exchange_online(offered: tuple[str, ...]) -> None:
    message = message_of(mailbox(), unspoken(offered, PASSWORDS))

    assert "Exchange Online" not in message
    assert "Set-CASMailbox" not in message


def test_a_long_offer_is_cut() -> None:
    many = tuple(f"MECHANISM-{number}" for number in range(100))

    assert len(message_of(mailbox(), unspoken(many, PASSWORDS))) < 500
