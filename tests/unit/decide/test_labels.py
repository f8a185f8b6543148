"""A host that people write otherwise than servers is refused with what to write in its place."""

import pytest

from lab.stand.specs import SMTP
from mailbox_operator.decide.declared.providers.smtp import SmtpAccess
from mailbox_operator.decide.declared.spec import parse_spec
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.texts.domain_labels import ascii_form
from mailbox_operator.decide.texts.shapes import DOMAIN, DOMAIN_OR_SUBDOMAINS, TENANT, Shape
from unit.tables.specs import smtp


def problem_of(content: object) -> str:
    with pytest.raises(Fault) as caught:
        parse_spec(content)
    return caught.value.facts["problem"]


@pytest.mark.parametrize(
    ("host", "told"),
    [
        ("mail.acme.example.", "; write mail.acme.example, without the dot at its end"),
        ("mail.müller.example", "; write mail.xn--mller-kva.example"),
        ("MAIL.MÜLLER.example.", "; write mail.xn--mller-kva.example"),
        ("почта.пример", "; write xn--80a1acny.xn--e1afmkfd"),
        ("mail。müller。example", "; write mail.xn--mller-kva.example"),
        ("mail.straße.example", "; write its xn-- form (punycode)"),
        ("mail.acme.example\u200b", "; it contains zero-width spaces"),
        ("[2001:db8::7]", "; write 2001:db8::7"),
        ("fe80::7%eth0", "; write fe80::7"),
        ("::ffff:192.0.2.7", "; write 192.0.2.7"),
        ("https://mail.acme.example", "brackets or spaces"),
        ("..", "brackets or spaces"),
    ],
)
def test_a_host_is_refused_with_what_to_write(host: str, told: str) -> None:
    assert problem_of(smtp(host=host)).endswith(told)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("info@müller.example", "; write info@xn--mller-kva.example"),
        ("info@müller.example.", "; write info@xn--mller-kva.example"),
        ("jane@acme.example.", "; write jane@acme.example"),
        ("info@straße.example", "; write its domain in the xn-- form (punycode)"),
        ("jané@acme.example", "; letters beyond ASCII before the @ cannot be used"),
        ("jane\u00a0@acme.example", "; it contains no-break spaces"),
        ("jane", "such as jane@acme.example"),
        ("jane @acme.example", "such as jane@acme.example"),
    ],
)
def test_an_address_is_refused_with_what_to_write(address: str, told: str) -> None:
    assert problem_of(SMTP | {"address": address}).endswith(told)


@pytest.mark.parametrize("host", ["mail.xn--mller-kva.example", "xn--80a1acny.xn--e1afmkfd"])
def test_the_ascii_form_of_a_name_is_taken(host: str) -> None:
    assert parse_spec(smtp(host=host)).access == SmtpAccess(host)
    assert parse_spec(SMTP | {"address": f"jane@{host}"}).domain == host


@pytest.mark.parametrize(
    "domain", ["a" * 64 + "ü.example", "ü..example", "faß.example", "ü." * 200, "ü@a"]
)
def test_a_name_without_a_certain_form_has_none(domain: str) -> None:
    assert ascii_form(domain) == ""


@pytest.mark.parametrize(
    ("shape", "domain", "told"),
    [
        (DOMAIN, "müller.example", "; write xn--mller-kva.example"),
        (DOMAIN_OR_SUBDOMAINS, "*.müller.example", "; write *.xn--mller-kva.example"),
        (TENANT, "müller.example", "; write xn--mller-kva.example"),
        (TENANT, "8f3c1e52-7d0b-4a96-b1de-2f60c94a7e35\u200b", "; it contains zero-width spaces"),
    ],
)
def test_a_domain_is_refused_with_what_to_write(shape: Shape, domain: str, told: str) -> None:
    assert not shape.fits(domain)
    assert shape.advice(domain) == told
