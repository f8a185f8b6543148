"""Whom the operator believes is its own configuration, and a tenant's CA for that tenant's server."""

import ssl

import pytest

from mailbox_operator.connect.trust import MOST_CONTEXTS, Trust
from mailbox_operator.decide.fault import Fault
from mailbox_operator.decide.reasons import Reason
from mailbox_operator.decide.secret import Secret
from servers.authority import Authority


def test_verifies_and_is_modern(trust: Trust) -> None:
    context = trust.context()

    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2


def test_trusts_the_public_authorities_unless_configured() -> None:
    assert len(Trust().context().get_ca_certs()) > 50


def test_makes_a_context_once(trust: Trust, authority: Authority) -> None:
    secret = Secret("ca", {"ca.crt": authority.ca_pem})

    assert trust.context() is trust.context()
    assert trust.context(secret) is trust.context(secret)
    assert trust.context(secret) is not trust.context()


def test_forgets_the_context_that_was_used_least_lately(trust: Trust, authority: Authority) -> None:
    def secret(number: int) -> Secret:
        return Secret("ca", {"ca.crt": f"# {number}\n".encode() + authority.ca_pem})

    first, second = trust.context(secret(0)), trust.context(secret(1))
    for number in range(2, MOST_CONTEXTS):
        trust.context(secret(number))
    assert trust.context(secret(0)) is first

    trust.context(secret(MOST_CONTEXTS))

    assert trust.context(secret(0)) is first
    assert trust.context(secret(1)) is not second


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({}, "key ca.crt is absent"),
        ({"ca.crt": b""}, "key ca.crt is empty"),
        ({"ca.crt": b"\xff"}, "key ca.crt is no UTF-8 text"),
        ({"ca.crt": b"garbage"}, "key ca.crt holds no certificate in PEM form"),
        ({"ca.crt": "Müll".encode()}, "key ca.crt holds no certificate in PEM form"),
        (
            {"ca.crt": b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"},
            "key ca.crt holds no certificate in PEM form",
        ),
    ],
)
def test_says_what_is_wrong_with_a_ca(
    trust: Trust, content: dict[str, bytes], problem: str
) -> None:
    with pytest.raises(Fault) as caught:
        trust.context(Secret("ca", content))

    assert caught.value.reason is Reason.CREDENTIALS_MISSING
    assert caught.value.facts == {"secret": "Secret ca", "problem": problem}
