"""The parser and the API server refuse the same specs."""

from datetime import timedelta
from typing import Any, Final

import pytest

from lab.stand.specs import GOOGLE, JANE, OUTLOOK, SMTP, Spec as Asked
from mailbox_operator.decide.declared.providers import google, outlook, smtp as other
from mailbox_operator.decide.declared.providers.outlook import OutlookAccess
from mailbox_operator.decide.declared.providers.smtp import SmtpAccess
from mailbox_operator.decide.declared.spec import SPEC_RULES, Spec, parse_spec
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Cloud, Grant, Infrastructure, Security
from unit.tables.specs import BAD, GOOD, HOST, smtp

FIELDS: Final = {
    "no mail at all": "sending.perDay",
    "a gap below a second": "sending.every",
    "a gap of two days": "sending.every",
    "a ramp without end": "sending.rampUp",
    "a ramp downhill": "sending.rampUp",
    "a ramp that stands": "sending.rampUp.by",
    "half a ramp": "sending.rampUp.by",
    "no address": "address",
    "no provider": "provider",
    "no infrastructure": "infrastructure",
    "unknown provider": "provider",
    "unknown infrastructure": "infrastructure",
    "unknown field": "password",
    "address without a domain": "address",
    "address in a bare domain": "address",
    "address with two at signs": "address",
    "address with a name": "address",
    "address with a space": "address",
    "address with a line break": "address",
    "address beyond ASCII": "address",
    "address in a domain beyond ASCII": "address",
    "address of a bad domain": "address",
    "address too long": "address",
    "display name with a line break": "displayName",
    "display name too long": "displayName",
    "Google block elsewhere": "google",
    "Outlook block elsewhere": "outlook",
    "SMTP block elsewhere": "smtp",
    "Google with Outlook's grant": "google.grant",
    "service account, Managed": "google.grant",
    "app only, Managed": "outlook.grant",
    "tenant, Managed": "outlook",
    "cloud, Managed": "outlook",
    "app only, user name": "outlook.loginName",
    "user name of one word": "outlook.loginName",
    "app only, any tenant": "outlook.tenant",
    "app only, consumers": "outlook.tenant",
    "tenant of one word": "outlook.tenant",
    "tenant with a path": "outlook.tenant",
    "unknown cloud": "outlook.cloud",
    "server missing": "smtp",
    "server of nothing but an authority": "smtp",
    "host and preset": "smtp.preset",
    "port of a preset": "smtp",
    "security of a preset": "smtp",
    "port of nothing": "smtp",
    "465 with STARTTLS": "smtp.security",
    "2465 with STARTTLS": "smtp.security",
    "587 with TLS": "smtp.security",
    "2525 with TLS": "smtp.security",
    "2587 with TLS": "smtp.security",
    "port 25": "smtp.port",
    "port 0": "smtp.port",
    "port 65536": "smtp.port",
    "no security at all": "smtp.security",
    "host with a port": "smtp.host",
    "host with a scheme": "smtp.host",
    "host in brackets": "smtp.host",
    "host with a dot at its end": "smtp.host",
    "host beyond ASCII": "smtp.host",
    "preset with a space": "smtp.preset",
    "own authority, Managed": "smtp.caSecretRef",
    "platform's name, Private": "managedInfrastructureName",
    "infrastructure by a path": "managedInfrastructureName",
    "SMTP, Private, no Secret": "credentialsSecretRef",
    "SMTP, Managed, no Secret": "credentialsSecretRef",
    "Google, Private, no Secret": "credentialsSecretRef",
    "Google, Managed, Secret": "credentialsSecretRef",
    "Outlook, Managed, Secret": "credentialsSecretRef",
    "Secret of another namespace": "credentialsSecretRef.namespace",
    "Secret by a path": "credentialsSecretRef.name",
    "interval too short": "checkInterval",
    "interval too long": "checkInterval",
    "interval without a unit": "checkInterval",
    "interval as a number": "checkInterval",
    "suspend as a word": "suspend",
    "unknown deletion policy": "deletionPolicy",
}
EVERY_RULE: Final = (*google.SPEC_RULES, *outlook.SPEC_RULES, *other.SPEC_RULES, *SPEC_RULES)
NO_BLOCK: Final[Asked] = {"smtp": None}


def refusal_of(content: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        parse_spec(content)
    return caught.value


@pytest.mark.parametrize("name", GOOD)
def test_the_spec_reader_reads_what_the_api_server_admits(name: str) -> None:
    assert parse_spec(GOOD[name]).address


@pytest.mark.parametrize("name", BAD)
def test_the_spec_reader_refuses_what_the_api_server_refuses(name: str) -> None:
    fault = refusal_of(BAD[name][0])

    assert fault.reason is Reason.INVALID_SPEC
    assert fault.facts["field"] == f"spec.{FIELDS[name]}"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        pytest.param(None, "spec", id="nothing"),
        pytest.param([], "spec", id="a list"),
        pytest.param(SMTP | {"smtp": []}, "spec.smtp", id="a list for a block"),
        pytest.param(SMTP | {"smtp": ""}, "spec.smtp", id="a text for a block"),
        pytest.param(SMTP | NO_BLOCK, "spec.smtp", id="null for the block that it takes"),
        pytest.param(SMTP | {"address": 7}, "spec.address", id="a number for a text"),
        pytest.param(SMTP | {"provider": 7}, "spec.provider", id="a number for a word"),
        pytest.param(smtp(host=HOST, port=True), "spec.smtp.port", id="a flag for a port"),
        pytest.param(smtp(host=HOST, port="587"), "spec.smtp.port", id="a text for a port"),
        pytest.param(smtp(host="fe80::1%eth0"), "spec.smtp.host", id="an address with a scope"),
        pytest.param(smtp(host=HOST, tls=True), "spec.smtp.tls", id="an unknown field in a block"),
        pytest.param(SMTP | {"checkInterval": "9" * 16 + "h"}, "spec.checkInterval", id="endless"),
        pytest.param(
            SMTP | {"credentialsSecretRef": {}},
            "spec.credentialsSecretRef.name",
            id="a reference to nothing",
        ),
        pytest.param(
            SMTP | {"credentialsSecretRef": "jane"}, "spec.credentialsSecretRef", id="a bare name"
        ),
    ],
)
def test_the_spec_reader_names_the_field_that_is_wrong(content: Any, field: str) -> None:
    assert refusal_of(content).facts["field"] == field


def test_the_spec_reader_takes_null_for_absent_as_the_api_server_does() -> None:
    assert parse_spec(GOOGLE | {"google": None, "suspend": None}) == parse_spec(GOOGLE)


def test_fills_in_what_is_left_out() -> None:
    spec = parse_spec(SMTP)

    assert spec == Spec(
        address="jane@acme.example",
        infrastructure=Infrastructure.PRIVATE,
        access=SmtpAccess(HOST),
        secret="jane",
        check_interval=timedelta(minutes=10),
    )


def test_the_spec_reader_reads_every_field_of_an_outlook_mailbox() -> None:
    block = {"grant": "ClientCredentials", "tenant": "acme.example", "cloud": "China"}

    spec = parse_spec(OUTLOOK | {"outlook": block})

    assert spec.access == OutlookAccess(Grant.CLIENT_CREDENTIALS, "acme.example", Cloud.CHINA)


def test_the_spec_reader_reads_every_field_of_a_server() -> None:
    block = {"host": HOST, "port": 2465, "security": "TLS", "caSecretRef": {"name": "ca"}}

    assert parse_spec(SMTP | {"smtp": block}).access == SmtpAccess(
        HOST, 2465, Security.TLS, None, "ca"
    )


@pytest.mark.parametrize(
    ("written", "minutes"), [("1h30m", 90), ("1.5h", 90), ("90s", 1.5), ("60000ms", 1)]
)
def test_the_spec_reader_reads_a_duration(written: str, minutes: float) -> None:
    spec = parse_spec(SMTP | {"checkInterval": written})

    assert spec.check_interval == timedelta(minutes=minutes)


def test_the_spec_reader_knows_its_domain_in_lower_case() -> None:
    spec = parse_spec(SMTP | JANE | {"address": "Jane@ACME.Example"})

    assert (spec.domain, spec.oauth, spec.managed) == ("acme.example", False, False)


@pytest.mark.parametrize("rule", EVERY_RULE, ids=lambda rule: f"{rule.field}: {rule.problem}")
def test_every_rule_is_broken_by_some_bad_spec(rule: Any) -> None:
    broken = [refusal_of(spec).facts["problem"] for spec, _ in BAD.values()]

    assert rule.problem in broken


def test_every_mistake_of_a_spec_is_named_at_once() -> None:
    wrong = {"suspend": "no", "checkInterval": "1s", "colour": "red"}
    with pytest.raises(Fault) as caught:
        parse_spec(smtp(port=25, host="a b") | wrong)

    told = f"{caught.value.facts['field']}: {caught.value.facts['problem']}"
    for field in ("smtp.host", "smtp.port", "suspend", "checkInterval", "colour"):
        assert f"spec.{field}: " in told


def test_the_rules_of_several_fields_are_not_told_from_a_guess_at_the_infrastructure() -> None:
    with pytest.raises(Fault) as caught:
        parse_spec(JANE | {"provider": "SMTP", "infrastructure": "Shared"})

    assert caught.value.facts["problem"] == "it must be one of Private, Managed"


def test_only_so_many_mistakes_are_spelled_out() -> None:
    with pytest.raises(Fault) as caught:
        parse_spec(SMTP | {f"field{number}": 1 for number in range(30)})

    assert caught.value.facts["problem"].endswith("; and 10 more")
