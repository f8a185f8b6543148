from datetime import timedelta
from typing import Any, Final

import pytest

from lab.stand.specs import Spec
from mailbox_operator.decide.declared.infrastructure import (
    Offer,
    ReadableInfrastructure,
    Relay,
    UnreadableInfrastructure,
    parse_infrastructure,
    parse_offer,
)
from mailbox_operator.decide.declared.providers.access import App
from mailbox_operator.decide.declared.providers.outlook import OutlookApp
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.verdict import message_of
from mailbox_operator.decide.servers.preset import Preset, UsernameFormat
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Cloud, DeletionPolicy, Infrastructure, Provider, Security
from unit.tables.infrastructures import APP, BAD, GOOD, preset, relay
from unit.tables.specs import HOST

FIELDS: Final = {
    "Google without its app": "google.clientSecretRef",
    "Outlook without its app": "outlook.clientSecretRef",
    "Outlook, personal accounts only": "outlook.tenant",
    "Outlook, tenant of one word": "outlook.tenant",
    "Outlook, tenant of its own host": "outlook.tenant",
    "Outlook, no cloud": "outlook.cloud",
    "relay without a host": "relay.host",
    "relay without a login": "relay.credentialsSecretRef",
    "relay in brackets": "relay.host",
    "relay on 25": "relay.port",
    "relay, 465 with STARTTLS": "relay.security",
    "relay, 587 with TLS": "relay.security",
    "preset without a host": "presets[0].host",
    "preset without a name": "presets[0].name",
    "preset with a space": "presets[0].name",
    "preset twice": "presets",
    "preset of a URL": "presets[0].host",
    "preset on 25": "presets[0].port",
    "preset, 2465 with STARTTLS": "presets[0].security",
    "preset, 2525 with TLS": "presets[0].security",
    "preset for capitals": "presets[0].domains[0]",
    "preset for a domain twice": "presets[0].domains",
    "preset for a dotted suffix": "presets[0].mxSuffixes[0]",
    "preset with a link in the clear": "presets[0].appPasswordURL",
    "sixty-five presets": "presets",
    "domain of nobody": "domains[0].namespaces",
    "domain without namespaces": "domains[0].namespaces",
    "domain without a name": "domains[0].name",
    "domain twice": "domains",
    "domain for a namespace twice": "domains[0].namespaces",
    "domain in capitals": "domains[0].name",
    "domain of one word": "domains[0].name",
    "domain of everything": "domains[0].name",
    "domain of everything in a zone": "domains[0].name",
    "domain with a star inside": "domains[0].name",
    "domain with a dot at its end": "domains[0].name",
    "domain of an address": "domains[0].name",
    "domain for a namespace in capitals": "domains[0].namespaces[0]",
    "domain for every namespace": "domains[0].namespaces[0]",
    "domains, too many": "domains",
    "In without values": "namespaceSelector.matchExpressions[0].values",
    "Exists with a value": "namespaceSelector.matchExpressions[0].values",
    "unknown operator": "namespaceSelector.matchExpressions[0].operator",
    "label key of a sentence": "namespaceSelector.matchLabels.my team",
    "label value of a sentence": "namespaceSelector.matchLabels.team",
    "expression with a key of a sentence": "namespaceSelector.matchExpressions[0].key",
    "expression with a value of a sentence": "namespaceSelector.matchExpressions[0].values[0]",
    "interval too short": "checkInterval",
    "unknown deletion policy": "deletionPolicy",
    "unknown field": "smtp",
}


def refusal_of(content: Any) -> Fault:
    with pytest.raises(Fault) as caught:
        parse_offer(content)
    return caught.value


@pytest.mark.parametrize("name", GOOD)
def test_the_infrastructure_reader_reads_what_the_api_server_admits(name: str) -> None:
    assert isinstance(parse_offer(GOOD[name]), Offer)


@pytest.mark.parametrize("name", BAD)
def test_the_infrastructure_reader_refuses_what_the_api_server_refuses(name: str) -> None:
    fault = refusal_of(BAD[name][0])

    assert fault.reason is Reason.INVALID_SPEC
    assert fault.facts["field"] == f"spec.{FIELDS[name]}"


@pytest.mark.parametrize(
    ("content", "field"),
    [
        pytest.param(None, "spec", id="nothing"),
        pytest.param({"relay": []}, "spec.relay", id="a list for a block"),
        pytest.param({"presets": {}}, "spec.presets", id="a mapping for a list"),
        pytest.param({"presets": [None]}, "spec.presets[0]", id="null in a list"),
        pytest.param(
            {"namespaceSelector": {"matchLabels": ["team"]}},
            "spec.namespaceSelector.matchLabels",
            id="a list for labels",
        ),
        pytest.param(
            {"namespaceSelector": {"matchLabels": {"team": 7}}},
            "spec.namespaceSelector.matchLabels.team",
            id="a number for a label",
        ),
        pytest.param(
            {"namespaceSelector": {"matchExpressions": ["team"]}},
            "spec.namespaceSelector.matchExpressions[0]",
            id="a text for an expression",
        ),
    ],
)
def test_the_infrastructure_reader_names_the_field_that_is_wrong(content: Any, field: str) -> None:
    assert refusal_of(content).facts["field"] == field


def test_an_infrastructure_offers_everything() -> None:
    content: Spec = {
        "google": APP,
        "outlook": APP | {"tenant": "common", "cloud": "China"},
        "checkInterval": "90s",
        "deletionPolicy": "Retain",
    }

    offer = parse_offer(content | relay(caSecretRef={"name": "ca"}))

    assert offer == Offer(
        apps={
            Provider.GOOGLE: App("app"),
            Provider.OUTLOOK: OutlookApp("app", "common", Cloud.CHINA),
        },
        relay=Relay(Endpoint(HOST, 587, Security.STARTTLS), "relay", "ca"),
        check_interval=timedelta(seconds=90),
        deletion_policy=DeletionPolicy.RETAIN,
    )


@pytest.mark.parametrize(
    ("settings", "port", "security"),
    [
        ({}, 587, Security.STARTTLS),
        ({"security": "TLS"}, 465, Security.TLS),
        ({"port": 2465}, 2465, Security.TLS),
        ({"port": 2525}, 2525, Security.STARTTLS),
        ({"port": 8465, "security": "TLS"}, 8465, Security.TLS),
    ],
)
def test_the_infrastructure_reader_takes_what_is_customary(
    settings: Spec, port: int, security: Security
) -> None:
    found = parse_offer(relay(**settings)).relay

    assert found is not None
    assert found.endpoint == Endpoint(HOST, port, security)


def test_an_infrastructure_offers_a_preset() -> None:
    (found,) = parse_offer(
        preset(domains=["acme.example"], usernameFormat="LocalPart", security="TLS")
    ).presets

    assert found == Preset(
        "Acme",
        Endpoint(HOST, 465, Security.TLS),
        domains=("acme.example",),
        username=UsernameFormat.LOCAL_PART,
    )


def test_the_infrastructure_reader_reads_an_object_with_a_spec_it_cannot_read() -> None:
    body = {"metadata": {"name": "default", "uid": "2f"}, "spec": {"smtp": {}}}

    found = parse_infrastructure(body)

    assert isinstance(found, UnreadableInfrastructure)
    assert (found.infrastructure, found.suspended, found.check_interval) == (
        Infrastructure.MANAGED,
        False,
        timedelta(minutes=10),
    )


def test_the_infrastructure_reader_reads_an_object() -> None:
    body = {"metadata": {"name": "default", "generation": 3}, "spec": {"checkInterval": "1m"}}

    found = parse_infrastructure(body)

    assert isinstance(found, ReadableInfrastructure)
    assert (found.generation, str(found.key)) == (3, "default")
    assert found.check_interval == timedelta(minutes=1)


def test_the_infrastructure_reader_refuses_a_name_that_fits_into_no_label() -> None:
    found = parse_infrastructure({"metadata": {"name": "n" * 64}, "spec": {}})

    assert isinstance(found, UnreadableInfrastructure)
    assert found.problem.facts["field"] == "metadata.name"


@pytest.mark.parametrize(
    ("spec", "told"),
    [
        (
            {},
            "It declares no OAuth app and no relay, so there is nothing to prove. No action needed",
        ),
        ({"google": {"clientSecretRef": {"name": "app"}}}, "These were accepted: the Google app."),
        (
            {
                "outlook": {"clientSecretRef": {"name": "app"}},
                "relay": {"host": "r.example", "credentialsSecretRef": {"name": "relay"}},
            },
            "These were accepted: the Outlook app, the relay's login.",
        ),
    ],
    ids=["presets alone", "one app", "an app and a relay"],
)
def test_a_healthy_infrastructure_claims_no_more_than_was_proved(spec: Any, told: str) -> None:
    infrastructure = parse_infrastructure({"metadata": {"name": "default"}, "spec": spec})

    assert message_of(infrastructure, Fault(Reason.CONNECTED)).startswith(told)


def test_a_deletion_policy_has_no_mailbox_connected_again() -> None:
    asked: tuple[Spec, ...] = ({}, {"deletionPolicy": "Retain"}, {"deletionPolicy": "Revoke"})
    found = [parse_infrastructure({"metadata": {"name": "d"}, "spec": each}) for each in asked]

    versions = {each.offer_version for each in found if isinstance(each, ReadableInfrastructure)}

    assert len(versions) == 1
