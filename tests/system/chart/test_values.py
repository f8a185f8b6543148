"""Wrong values of the operator's chart are refused before the cluster sees them."""

import json
from typing import Any

import pytest

from mailbox_operator.settings.file import SettingsError, load
from system.chart.release import OPERATOR, Chart, RefusedError

RELAY = {"host": "relay.example", "credentialsSecretRef": {"name": "relay"}}


@pytest.mark.parametrize(
    ("values", "path"),
    [
        pytest.param({"replicas": 2}, "replicas", id="an unknown value"),
        pytest.param({"replicaCount": 0}, "/replicaCount", id="no replica"),
        pytest.param({"image": {"pullPolicy": "Sometimes"}}, "/image/pullPolicy", id="a policy"),
        pytest.param({"image": {"digest": "latest"}}, "/image/digest", id="no digest"),
        pytest.param({"openshift": True}, "/openshift", id="a word"),
        pytest.param({"hostUsers": "no"}, "/hostUsers", id="a switch"),
        pytest.param({"fullnameOverride": "Mail Box"}, "/fullnameOverride", id="no name"),
        pytest.param({"serviceAccount": {"tokenExpirationSeconds": 60}}, "Seconds", id="too short"),
        pytest.param(
            {"networkPolicy": {"outside": {"except": ["10.0.0.0"]}}}, "/except/0", id="no CIDR"
        ),
        pytest.param(
            {"networkPolicy": {"apiServer": {"ports": []}}}, "/apiServer/ports", id="no port"
        ),
        pytest.param({"livenessProbe": {"period": 5}}, "/livenessProbe", id="a field of a probe"),
        pytest.param({"consent": {"ingress": {"hosts": []}}}, "/consent/ingress", id="a way"),
        pytest.param(
            {"managedInfrastructures": {"default": {"relay": RELAY | {"port": 0}}}},
            "/managedInfrastructures/default/relay/port",
            id="a relay",
        ),
        pytest.param({"managedInfrastructures": {"De fault": {}}}, "De fault", id="its name"),
    ],
)
def test_the_chart_refuses_bad_values(chart: Chart, values: Any, path: str) -> None:
    with pytest.raises(RefusedError) as caught:
        chart.set(**values)

    assert path in str(caught.value)


@pytest.mark.parametrize(
    ("config", "path"),
    [
        pytest.param({"colour": "blue"}, "colour", id="an unknown field"),
        pytest.param({"limits": {"bursts": 1}}, "bursts", id="one further in"),
        pytest.param({"limits": {"concurrentAttempts": 0}}, "/concurrentAttempts", id="a bound"),
        pytest.param({"timeouts": {"connect": "soon"}}, "/timeouts/connect", id="a duration"),
        pytest.param({"logLevel": "LOUD"}, "/logLevel", id="a word"),
        pytest.param({"namespaces": ["Team A"]}, "/namespaces/0", id="a namespace"),
        pytest.param({"egress": {"allowedNetworks": ["everywhere"]}}, "Networks/0", id="a network"),
        pytest.param({"egress": {"allowedPorts": [0]}}, "/allowedPorts/0", id="a port"),
        pytest.param({"google": {"tokenEndpoint": "http://x.example"}}, "Endpoint", id="no TLS"),
        pytest.param({"consent": {"publicURL": "mailboxes.example"}}, "/publicURL", id="no URL"),
        pytest.param({"outlook": {"clouds": {"Mars": {}}}}, "/outlook/clouds", id="a cloud"),
        pytest.param(
            {"leaderElection": {"leaseDuration": "5s"}}, "config.leaderElection", id="an order"
        ),
        pytest.param({"intervals": {"transient": []}}, "/intervals/transient", id="no interval"),
    ],
)
def test_the_chart_refuses_what_the_operator_refuses(chart: Chart, config: Any, path: str) -> None:
    with pytest.raises(SettingsError):
        load(json.dumps(config))

    with pytest.raises(RefusedError) as caught:
        chart.set(config=config)

    assert path in str(caught.value)


def test_every_object_of_the_schema_is_closed_or_open_on_purpose() -> None:
    schema = json.loads((OPERATOR / "values.schema.json").read_text())

    assert schema["additionalProperties"] is False
    assert [name for name, each in schema["$defs"].items() if not closed(each)] == []


def closed(definition: Any) -> bool:
    return definition["type"] != "object" or definition["additionalProperties"] is False
