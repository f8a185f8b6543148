"""NetworkPolicies mean what the reference says."""

from collections.abc import Mapping
from typing import Any, Final

import pytest

from lab.node.policy import Direction, Peer, Port, Workload, allows, selects

POD: Final = Workload("mail", {"app": "operator"})
MAIL: Final = Peer("203.0.113.5")
INSIDE: Final = Peer("10.1.2.3")
DNS: Final = Peer(
    "10.0.0.10",
    Workload(
        "kube-system", {"k8s-app": "kube-dns"}, {"kubernetes.io/metadata.name": "kube-system"}
    ),
)
NEIGHBOUR: Final = Peer("10.244.0.9", Workload("mail", {"app": "web"}))
SUBMISSION: Final = Port(587)
NAMES: Final = Port(53, protocol="UDP")


def egress(*rules: Mapping[str, Any], **spec: Any) -> Mapping[str, Any]:
    own = {"podSelector": {}, "policyTypes": ["Egress"], "egress": list(rules)}
    return {"spec": own | spec}


def block(cidr: str, *exceptions: str) -> dict[str, Any]:
    return {"to": [{"ipBlock": {"cidr": cidr, "except": list(exceptions)}}]}


def ports(*ports: Mapping[str, Any]) -> dict[str, Any]:
    return {"ports": list(ports)}


def to(**peer: Any) -> Mapping[str, Any]:
    return {"to": [peer]}


KUBE_SYSTEM: Final = {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}
OTHERS: Final = {"matchLabels": {"app": "another"}}
WEB: Final = {"matchLabels": {"app": "web"}}


@pytest.mark.parametrize(
    ("policies", "peer", "port", "allowed"),
    [
        pytest.param([], MAIL, SUBMISSION, True, id="no policy"),
        pytest.param([egress()], MAIL, SUBMISSION, False, id="no rule"),
        pytest.param([egress({})], MAIL, SUBMISSION, True, id="an empty rule"),
        pytest.param([egress(podSelector=OTHERS)], MAIL, SUBMISSION, True, id="about others"),
        pytest.param([egress(policyTypes=["Ingress"])], MAIL, SUBMISSION, True, id="about ingress"),
        pytest.param([egress({}, policyTypes=None)], MAIL, SUBMISSION, True, id="inferred type"),
        pytest.param([egress(ports({"port": 587}))], MAIL, SUBMISSION, True, id="port"),
        pytest.param([egress(ports({"port": 25}))], MAIL, SUBMISSION, False, id="other port"),
        pytest.param(
            [egress(ports({"port": 500, "endPort": 600}))], MAIL, SUBMISSION, True, id="range"
        ),
        pytest.param(
            [egress(ports({"port": 500, "endPort": 586}))], MAIL, SUBMISSION, False, id="below"
        ),
        pytest.param([egress(ports({"port": 53}))], DNS, NAMES, False, id="TCP is not UDP"),
        pytest.param([egress(ports({"port": 53, "protocol": "UDP"}))], DNS, NAMES, True, id="UDP"),
        pytest.param([egress(ports({"protocol": "UDP"}))], DNS, NAMES, True, id="any UDP port"),
        pytest.param([egress(ports({"port": "smtp"}))], MAIL, SUBMISSION, False, id="no such name"),
        pytest.param([egress(block("0.0.0.0/0"))], MAIL, SUBMISSION, True, id="any address"),
        pytest.param([egress(block("::/0"))], MAIL, SUBMISSION, False, id="any IPv6 address"),
        pytest.param(
            [egress(block("0.0.0.0/0", "10.0.0.0/8"))], INSIDE, SUBMISSION, False, id="except"
        ),
        pytest.param([egress(), egress({})], MAIL, SUBMISSION, True, id="policies add up"),
        pytest.param(
            [
                egress(
                    block("0.0.0.0/0") | ports({"port": 25}),
                    ports({"port": 587}) | block("10.0.0.0/8"),
                )
            ],
            MAIL,
            SUBMISSION,
            False,
            id="one rule has to allow both",
        ),
        pytest.param([egress(to(podSelector={}))], NEIGHBOUR, SUBMISSION, True, id="at home"),
        pytest.param([egress(to(podSelector={}))], DNS, NAMES, False, id="not at home"),
        pytest.param([egress(to(namespaceSelector={}))], DNS, NAMES, True, id="any namespace"),
        pytest.param([egress(to(namespaceSelector={}))], MAIL, SUBMISSION, False, id="no pod"),
        pytest.param(
            [egress(to(namespaceSelector=KUBE_SYSTEM, podSelector=WEB))],
            DNS,
            NAMES,
            False,
            id="both",
        ),
    ],
)
def test_a_policy_decides_which_egress_is_allowed(
    policies: list[Any], peer: Peer, port: Port, *, allowed: bool
) -> None:
    assert allows(policies, Direction.EGRESS, POD, peer, port) is allowed


@pytest.mark.parametrize(
    ("rule", "allowed"),
    [
        pytest.param({"from": [{"podSelector": WEB}]}, True, id="from a neighbour"),
        pytest.param({"from": [{"podSelector": OTHERS}]}, False, id="from another"),
        pytest.param({"ports": [{"port": "http"}]}, True, id="by the port's name"),
        pytest.param({"ports": [{"port": "consent"}]}, False, id="by another port's name"),
    ],
)
def test_a_policy_decides_which_ingress_is_allowed(
    rule: Mapping[str, Any], *, allowed: bool
) -> None:
    policy = {"spec": {"podSelector": {}, "ingress": [rule]}}

    assert allows([policy], Direction.INGRESS, POD, NEIGHBOUR, Port(8080, "http")) is allowed


@pytest.mark.parametrize(
    ("operator", "values", "selected"),
    [
        ("In", ["web", "operator"], True),
        ("In", ["web"], False),
        ("NotIn", ["web"], True),
        ("NotIn", ["operator"], False),
        ("Exists", None, True),
        ("DoesNotExist", None, False),
    ],
)
def test_a_selector_matches_by_its_expressions(
    operator: str, values: list[str] | None, *, selected: bool
) -> None:
    expression = {"key": "app", "operator": operator, "values": values}

    assert selects({"matchExpressions": [expression]}, POD.labels) is selected
