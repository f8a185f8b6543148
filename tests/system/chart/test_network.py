"""The chart's NetworkPolicy lets the operator do what its configuration leads it to, and no more."""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from lab.node.policy import Direction, Peer, Port, Workload, allows
from mailbox_operator.decide.servers.known import PRESETS
from mailbox_operator.decide.words import Cloud
from mailbox_operator.settings.file import Settings
from system.chart.release import Chart

GOOGLE: Final = Peer("142.250.1.108")
INSIDE: Final = Peer("10.1.2.3")
IPV6: Final = Peer("2a00:1450:4001::6d")
DNS: Final = Port(53, protocol="UDP")
EVERYTHING: Final = {
    "google": {
        "tokenEndpoint": "https://google.example:8443/token",
        "smtp": {"host": "g.example", "port": 2500},
    },
    "egress": {"allowedPorts": [465, 8465], "allowedNetworks": ["10.1.0.0/16"]},
    "outlook": {
        "clouds": {
            "China": {
                "authority": "https://login.example:9443",
                "resource": "https://r.example",
                "appResource": "https://a.example",
                "smtp": {"host": "smtp.example", "port": 2501},
            }
        }
    },
}
NO_OTHER_WAY: Final = {"networkPolicy": {"apiServer": {"ports": [6443]}}}


def in_namespace(name: str) -> Peer:
    """Name a pod of a namespace."""
    return Peer("10.244.0.7", Workload(name, {}, {"kubernetes.io/metadata.name": name}))


class Gate:
    """The policy of a rendered chart, asked about the operator's pod."""

    def __init__(self, chart: Chart, **values: Any) -> None:
        rendered = chart.set(**values)
        labels = rendered.only("Deployment")["spec"]["template"]["metadata"]["labels"]
        self._pod = Workload("mail", labels)
        self._policies = rendered.all("NetworkPolicy")

    def out(self, peer: Peer, *ports: int | Port) -> bool:
        """Whether the operator may dial each of these ports."""
        asked = (each if isinstance(each, Port) else Port(each) for each in ports)
        return all(allows(self._policies, Direction.EGRESS, self._pod, peer, x) for x in asked)

    def into(self, peer: Peer, port: Port) -> bool:
        """Whether somebody may dial the operator."""
        return allows(self._policies, Direction.INGRESS, self._pod, peer, port)


def mail_ports(settings: Settings) -> Iterator[int]:
    yield from settings.egress.allowed_ports
    yield settings.google.smtp.port
    yield from (settings.cloud(cloud).smtp.port for cloud in Cloud)
    yield from (preset.endpoint.port for preset in PRESETS)


def web_ports(settings: Settings) -> Iterator[int]:
    google = settings.google
    urls = [google.token_endpoint, google.revocation_endpoint, google.jwks_uri]
    urls += [settings.cloud(cloud).authority for cloud in Cloud]
    yield from (urlsplit(url).port or 443 for url in urls)


@pytest.mark.parametrize("config", [{}, EVERYTHING], ids=["defaults", "everything else"])
def test_every_server_of_the_configuration_can_be_dialled(chart: Chart, config: Any) -> None:
    gate, settings = Gate(chart, config=config), Settings.model_validate(config)

    presets = {preset.endpoint.port for preset in PRESETS} - settings.egress.allowed_ports
    assert gate.out(GOOGLE, *(set(mail_ports(settings)) - presets))
    assert gate.out(GOOGLE, *web_ports(settings))
    assert gate.out(INSIDE, 443, 6443, DNS, 53)


def test_other_ports_cannot_be_dialled(chart: Chart) -> None:
    gate = Gate(chart)

    assert [port for port in (22, 25, 80, 3306, 8080) if gate.out(GOOGLE, port)] == []


def test_mail_ports_inside_the_cluster_cannot_be_dialled_unless_the_network_is_allowed(
    chart: Chart,
) -> None:
    assert not Gate(chart).out(INSIDE, 587)
    assert Gate(chart).out(IPV6, 587)
    assert Gate(chart, config=EVERYTHING).out(INSIDE, 465)
    assert not Gate(chart, config=EVERYTHING).out(Peer("10.2.0.1"), 465)


def test_denied_networks_cannot_be_dialled(chart: Chart) -> None:
    denied = {"egress": {"deniedNetworks": ["25.0.0.0/8", "51.1.2.3", "2a02:c0::/32"]}}

    assert Gate(chart).out(Peer("25.1.2.3"), 587)
    assert Gate(chart, config=denied).out(GOOGLE, 587)
    for address in ("25.1.2.3", "51.1.2.3", "2a02:c0::7"):
        assert not Gate(chart, config=denied).out(Peer(address), 587)
    assert not Gate(chart, config=denied).out(INSIDE, 587)


@pytest.mark.parametrize(
    ("relay", "port"),
    [({"port": 2526}, 2526), ({"security": "TLS"}, 465), ({}, 587)],
    ids=["its port", "TLS", "STARTTLS"],
)
def test_a_relay_of_the_values_can_be_dialled(chart: Chart, relay: Any, port: int) -> None:
    spec = {"host": "relay.example", "credentialsSecretRef": {"name": "relay"}} | relay
    only = {
        "egress": {"allowedPorts": [2525]},
        "google": {"smtp": {"host": "g.example", "port": 2525}},
    }
    offer = {"default": {"relay": spec}}

    assert Gate(chart, config=only, managedInfrastructures=offer).out(GOOGLE, port)


def test_a_relay_inside_the_cluster_is_named_as_a_peer(chart: Chart) -> None:
    relay = Peer("10.244.0.9", Workload("mail", {"app": "relay"}))
    peers = [{"podSelector": {"matchLabels": {"app": "relay"}}}]

    assert not Gate(chart).out(relay, 587)
    assert Gate(chart, networkPolicy={"outside": {"to": peers}}).out(relay, 587)


def test_metrics_are_open_to_the_monitoring_namespace_alone_unless_others_are_named(
    chart: Chart,
) -> None:
    gate, port = Gate(chart), Port(8080, "http")
    team = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "team"}}}]
    named = Gate(chart, networkPolicy={"metricsFrom": team})

    assert gate.into(in_namespace("monitoring"), port)
    assert [peer for peer in (in_namespace("team"), INSIDE, GOOGLE) if gate.into(peer, port)] == []
    assert named.into(in_namespace("team"), port)
    assert not named.into(in_namespace("monitoring"), port)


def test_metrics_and_the_page_can_be_limited_to_named_peers(chart: Chart) -> None:
    monitoring = Workload("monitoring", {}, {"kubernetes.io/metadata.name": "monitoring"})
    some = [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "monitoring"}}}]
    page = {"config": {"consent": {"publicURL": "https://mailboxes.example"}}}
    http, consent = Port(8080, "http"), Port(8081, "consent")
    closed = Gate(chart, networkPolicy={"metricsFrom": some, "consentFrom": some}, **page)

    assert Gate(chart, networkPolicy={"metricsFrom": []}).into(INSIDE, http)
    assert not Gate(chart).into(INSIDE, consent)
    assert Gate(chart, **page).into(INSIDE, consent)
    assert closed.into(Peer("10.244.0.8", monitoring), http)
    assert [port for port in (http, consent) if closed.into(INSIDE, port)] == []


def test_name_servers_of_the_configuration_can_be_asked_at_their_port(chart: Chart) -> None:
    egress = {"nameservers": ["192.0.2.53"], "nameserverPort": 5353}
    gate = Gate(chart, config={"egress": egress})

    assert gate.out(Peer("192.0.2.53"), Port(5353, protocol="UDP"), DNS, 5353)


@pytest.mark.parametrize(
    ("endpoint", "port"),
    [
        ("http://otel.observability.svc:4318/v1/traces", 4318),
        ("http://otel.observability.svc.cluster.local:4318/v1/traces", 4318),
        ("http://otel.observability.svc/v1/traces", 80),
        ("https://otel.observability.svc/v1/traces", 443),
    ],
)
def test_a_collector_that_is_a_service_can_be_dialled_in_its_namespace(
    chart: Chart, endpoint: str, port: int
) -> None:
    gate = Gate(chart, config={"tracing": {"endpoint": endpoint}}, **NO_OTHER_WAY)

    assert gate.out(in_namespace("observability"), port)
    assert not gate.out(in_namespace("team"), port)
    assert not gate.out(in_namespace("observability"), port + 1)


@pytest.mark.parametrize(
    ("endpoint", "port"),
    [("http://10.1.2.3:4318/v1/traces", 4318), ("https://otel.svc.example/v1/traces", 443)],
)
def test_a_collector_elsewhere_can_be_dialled_at_its_port(
    chart: Chart, endpoint: str, port: int
) -> None:
    gate = Gate(chart, config={"tracing": {"endpoint": endpoint}}, **NO_OTHER_WAY)

    assert gate.out(INSIDE, port)
    assert gate.out(GOOGLE, port)
    assert not gate.out(INSIDE, port + 1)


def test_no_collector_can_be_dialled_where_none_is_configured(chart: Chart) -> None:
    assert not Gate(chart).out(in_namespace("observability"), 4318)


def test_the_network_policy_can_be_left_out(chart: Chart) -> None:
    assert chart.set(networkPolicy__enabled=False).all("NetworkPolicy") == []


@pytest.mark.parametrize(
    ("url", "port"),
    [
        ("http://proxy.example:3128", 3128),
        ("http://user:pass@proxy.example:3128", 3128),
        ("http://proxy.example", 80),
        ("https://proxy.example", 443),
    ],
)
def test_the_proxy_for_oauth_can_be_dialled_at_its_port(chart: Chart, url: str, port: int) -> None:
    gate = Gate(chart, config={"egress": {"proxyURL": url}}, **NO_OTHER_WAY)

    assert gate.out(INSIDE, port)
    assert not gate.out(INSIDE, port + 1)


def test_a_proxy_that_is_a_service_can_be_dialled_in_its_namespace(chart: Chart) -> None:
    url = "http://squid.egress.svc.cluster.local:3128"
    gate = Gate(chart, config={"egress": {"proxyURL": url}}, **NO_OTHER_WAY)

    assert gate.out(in_namespace("egress"), 3128)
    assert not gate.out(in_namespace("another"), 3128)
