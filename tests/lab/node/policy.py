"""What NetworkPolicies allow a pod, as pure functions. Knows no cluster and no network.

Source: https://kubernetes.io/docs/reference/kubernetes-api/policy-resources/network-policy-v1/
"""

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

Object = Mapping[str, Any]
Labels = Mapping[str, str]


class Direction(StrEnum):
    """Which way a connection goes, with the words that policies have for it."""

    INGRESS = "Ingress"
    EGRESS = "Egress"

    @property
    def rules(self) -> str:
        """Name the field with the rules."""
        return self.value.lower()

    @property
    def peers(self) -> str:
        """Name the field of a rule with the other side."""
        return "from" if self is Direction.INGRESS else "to"


@dataclass(frozen=True, slots=True)
class Workload:
    """A pod as policies see it."""

    namespace: str
    labels: Labels = field(default_factory=dict)
    namespace_labels: Labels = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Peer:
    """The other side of a connection; without a workload it is outside of the cluster."""

    address: str
    workload: Workload | None = None


@dataclass(frozen=True, slots=True)
class Port:
    """The port that is dialled, and its name where the listening pod has one for it."""

    number: int
    name: str = ""
    protocol: str = "TCP"


def allows(
    policies: Iterable[Object], direction: Direction, pod: Workload, peer: Peer, port: Port
) -> bool:
    """Tell whether a pod may connect, or be connected to.

    Args:
        policies: Those of the pod's namespace.
        direction: Seen from the pod.
        pod: Whose policies count.
        peer: The other side.
        port: Of the side that listens.
    """
    specs = [each["spec"] for each in policies]
    about = [
        s for s in specs if selects(s.get("podSelector"), pod.labels) and direction in kinds(s)
    ]
    rules = [rule for spec in about for rule in spec.get(direction.rules) or ()]
    return not about or any(
        _names_port(rule.get("ports"), port)
        and _names_peer(rule.get(direction.peers), peer, pod.namespace)
        for rule in rules
    )


def kinds(spec: Object) -> Iterable[str]:
    """List the directions that a policy isolates."""
    inferred = [Direction.INGRESS, *([Direction.EGRESS] if spec.get("egress") else [])]
    return spec.get("policyTypes") or inferred


def selects(selector: Object | None, labels: Labels) -> bool:
    """Tell whether a label selector means an object; an empty one means every object."""
    selector = selector or {}
    wanted: Labels = selector.get("matchLabels") or {}
    expressions = selector.get("matchExpressions") or ()
    return wanted.items() <= labels.items() and all(_holds(each, labels) for each in expressions)


def _holds(expression: Object, labels: Labels) -> bool:
    value, values = labels.get(expression["key"]), expression.get("values") or ()
    match expression["operator"]:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
        case unknown:
            raise ValueError(unknown)


def _names_port(ports: Iterable[Object] | None, port: Port) -> bool:
    return not ports or any(_is_port(each, port) for each in ports)


def _is_port(rule: Object, port: Port) -> bool:
    if rule.get("protocol", "TCP") != port.protocol:
        return False
    match rule.get("port"):
        case None:
            return True
        case str(name):
            return name == port.name
        case first:
            return bool(first <= port.number <= rule.get("endPort", first))


def _names_peer(peers: Iterable[Object] | None, peer: Peer, home: str) -> bool:
    return not peers or any(_is_peer(each, peer, home) for each in peers)


def _is_peer(rule: Object, peer: Peer, home: str) -> bool:
    if block := rule.get("ipBlock"):
        exceptions = block.get("except") or ()
        return _within(peer.address, block["cidr"]) and not any(
            _within(peer.address, each) for each in exceptions
        )
    if peer.workload is None:
        return False
    namespaces = rule.get("namespaceSelector")
    at_home = peer.workload.namespace == home
    placed = at_home if namespaces is None else selects(namespaces, peer.workload.namespace_labels)
    return placed and selects(rule.get("podSelector"), peer.workload.labels)


def _within(address: str, cidr: str) -> bool:
    return ipaddress.ip_address(address) in ipaddress.ip_network(cidr)
