"""The gateway of the operator's chart: its pods, its place in the network, and its few rights."""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from lab.node.policy import Direction, Peer, Port, Workload, allows
from mailbox_operator.decide.sending.certificates import names_of
from mailbox_operator.gateway.bounds import Bounds
from mailbox_operator.settings.file import Settings, load
from mailbox_operator.submit import LAST_NOTES_SECONDS
from system.chart.release import Chart, Object, RefusedError, Rendered
from system.chart.test_pod import RESTRICTED

ON: Final = {"gateway__enabled": True}
GOOGLE: Final = Peer("142.250.1.108")
SUBMISSION, SUBMISSIONS = Port(2587, "submission"), Port(2465, "submissions")
COMPONENT: Final = "app.kubernetes.io/component"


def of_gateway(rendered: Rendered, kind: str) -> Object:
    """Return the gateway's object of a kind."""
    return rendered.only(kind, "gateway")


def pod(rendered: Rendered) -> Any:
    """Return the pod spec of the gateway."""
    return of_gateway(rendered, "Deployment")["spec"]["template"]["spec"]


def settings(rendered: Rendered) -> Settings:
    """Read the configuration as both processes do."""
    return load(rendered.only("ConfigMap", "operator")["data"]["config.yaml"])


def rules(rendered: Rendered, account: str) -> Iterator[tuple[str, str, str, tuple[str, ...]]]:
    """Name what an account may do: where (empty for everywhere), group, resource, verbs."""
    for kind in ("ClusterRole", "Role"):
        roles = {
            (each["metadata"]["name"], each["metadata"].get("namespace", "")): each["rules"]
            for each in rendered.all(kind)
        }
        for binding in rendered.all(f"{kind}Binding"):
            place = binding["metadata"].get("namespace", "")
            if [each["name"] for each in binding["subjects"]] != [account]:
                continue
            for rule in roles[binding["roleRef"]["name"], place]:
                for resource in rule["resources"]:
                    (group,) = rule["apiGroups"]
                    yield place, group, resource, tuple(rule["verbs"])


def test_without_the_switch_there_is_nothing_of_the_gateway(chart: Chart) -> None:
    rendered = chart.set()

    components = {each["metadata"]["labels"].get(COMPONENT, "") for each in rendered.objects}
    assert {each for each in components if each.startswith("gateway")} == set()
    assert settings(rendered).gateway.host is None


def test_the_gateway_is_the_same_image_with_another_command(chart: Chart) -> None:
    rendered = chart.set(**ON)
    operator = rendered.only("Deployment", "operator")["spec"]["template"]["spec"]
    (container,), (other,) = pod(rendered)["containers"], operator["containers"]

    assert container["image"] == other["image"]
    assert container["args"] == ["gateway", "--config", "/etc/mailbox-operator/config.yaml"]
    assert of_gateway(rendered, "Deployment")["spec"]["replicas"] == 2


def test_a_pod_that_ends_is_dialled_a_moment_longer_and_then_has_time_for_its_messages(
    chart: Chart,
) -> None:
    rendered = chart.set(**ON)
    (container,) = pod(rendered)["containers"]
    pause = container["lifecycle"]["preStop"]["sleep"]["seconds"]

    assert pause >= 5
    left = pod(rendered)["terminationGracePeriodSeconds"] - pause
    assert left > Bounds().ending_seconds + LAST_NOTES_SECONDS
    assert "lifecycle" not in pod(chart.set(**ON, gateway__preStopSeconds=0))["containers"][0]


def test_an_upgrade_and_a_drain_leave_enough_gateways(chart: Chart) -> None:
    rendered = chart.set(**ON)
    deployment, budget = (of_gateway(rendered, k) for k in ("Deployment", "PodDisruptionBudget"))

    strategy = {"maxUnavailable": 0, "maxSurge": 1}
    assert deployment["spec"]["strategy"]["rollingUpdate"] == strategy
    assert budget["spec"]["maxUnavailable"] < deployment["spec"]["replicas"]
    spread = pod(rendered)["topologySpreadConstraints"]
    assert {each["topologyKey"] for each in spread} == {
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
    }
    selector = deployment["spec"]["selector"]
    assert [each["labelSelector"] for each in spread] == [selector, selector]


def test_the_gateways_pod_is_as_restricted_as_the_operators(chart: Chart) -> None:
    rendered = chart.set(**ON)
    (container,) = pod(rendered)["containers"]

    assert container["securityContext"] == RESTRICTED
    assert pod(rendered)["securityContext"]["runAsNonRoot"] is True
    assert pod(rendered)["automountServiceAccountToken"] is False
    assert container["resources"]["limits"].keys() >= {"cpu", "memory"}
    assert {"livenessProbe", "readinessProbe", "startupProbe"} <= container.keys()


def test_the_memory_limit_leaves_room_for_all_messages(chart: Chart) -> None:
    rendered = chart.set(**ON)
    (container,) = pod(rendered)["containers"]

    limit = int(container["resources"]["limits"]["memory"].removesuffix("Mi")) * 1024 * 1024
    assert limit >= 2 * settings(rendered).gateway.max_memory_bytes


def test_the_two_processes_are_told_apart_by_every_selector(chart: Chart) -> None:
    rendered = chart.set(**ON, config={"consent": {"publicURL": "https://mail.example"}})
    pods = {
        each["metadata"]["labels"][COMPONENT]: each["spec"]["template"]["metadata"]["labels"]
        for each in rendered.all("Deployment")
    }
    selectors = [
        *(each["spec"]["selector"]["matchLabels"] for each in rendered.all("Deployment")),
        *(each["spec"]["selector"] for each in rendered.all("Service")),
        *(each["spec"]["selector"]["matchLabels"] for each in rendered.all("PodDisruptionBudget")),
    ]

    found = [[name for name in pods if each.items() <= pods[name].items()] for each in selectors]
    assert [each for each in found if len(each) != 1] == []
    assert found.count(["gateway"]) == 4


def test_the_service_leads_to_the_ports_that_the_gateway_listens_at(chart: Chart) -> None:
    rendered = chart.set(**ON, gateway__port=25, config__gateway={"listen": {"port": 3587}})
    ports = of_gateway(rendered, "Service")["spec"]["ports"]
    (container,) = pod(rendered)["containers"]
    inside = {each["name"]: each["containerPort"] for each in container["ports"]}

    assert [each["port"] for each in ports] == [25, 465]
    assert [inside[each["targetPort"]] for each in ports] == [3587, 2465]
    assert settings(rendered).gateway.port == 25
    assert settings(rendered).gateway.listen.port == inside["submission"]
    assert settings(rendered).gateway.listen.tls_port == inside["submissions"]


def test_logins_name_the_service_and_its_certificate_is_for_all_its_names(chart: Chart) -> None:
    rendered = chart.set(
        **ON, gateway__tls={"names": ["smtp.example"], "clusterDomain": "k8s.example"}
    )
    service, found = of_gateway(rendered, "Service")["metadata"], settings(rendered).gateway

    assert found.host == f"{service['name']}.{service['namespace']}.svc"
    assert set(names_of(found.host, found.tls.names, found.tls.cluster_domain)) == {
        service["name"],
        f"{service['name']}.mail",
        f"{service['name']}.mail.svc",
        f"{service['name']}.mail.svc.k8s.example",
        "smtp.example",
    }


def test_a_public_name_in_logins_leaves_the_service_on_the_certificate(chart: Chart) -> None:
    rendered = chart.set(**ON, config__gateway={"host": "smtp.platform.example"})
    found = settings(rendered).gateway

    assert found.host == "smtp.platform.example"
    assert "mailbox-operator-gateway.mail.svc" in names_of(found.host, found.tls.names)


def test_the_gateway_reads_secrets_lists_none_and_counts_at_home(chart: Chart) -> None:
    assert set(rules(chart.set(**ON), "mailbox-operator-gateway")) == {
        ("", "mailbox-operator.io", "mailboxes", ("list", "watch", "patch")),
        ("", "mailbox-operator.io", "senders", ("list", "watch")),
        ("", "mailbox-operator.io", "managedinfrastructures", ("list", "watch")),
        ("", "", "namespaces", ("list", "watch")),
        ("", "", "secrets", ("get",)),
        ("mail", "", "configmaps", ("get", "create", "patch")),
    }


def test_namespaced_the_gateway_reads_the_secrets_of_its_own_namespace_alone(chart: Chart) -> None:
    rendered = chart.set(**ON, rbac__secrets="namespaced")

    secrets = [each for each in rules(rendered, "mailbox-operator-gateway") if each[2] == "secrets"]
    assert secrets == [("mail", "", "secrets", ("get",))]
    (unbound,) = [
        each
        for each in rendered.all("ClusterRole")
        if each["metadata"]["name"] == "mailbox-operator-gateway-secrets"
    ]
    assert unbound["rules"] == [{"apiGroups": [""], "resources": ["secrets"], "verbs": ["get"]}]


def test_for_a_list_of_namespaces_the_gateway_has_roles_alone(chart: Chart) -> None:
    rendered = chart.set(**ON, config={"namespaces": ["team-a"], "managed": False})

    places = {each[0] for each in rules(rendered, "mailbox-operator-gateway")}
    assert places == {"mail", "team-a"}


def test_the_gateway_has_not_the_operators_account(chart: Chart) -> None:
    rendered = chart.set(**ON)

    assert pod(rendered)["serviceAccountName"] == "mailbox-operator-gateway"
    assert of_gateway(rendered, "ServiceAccount")["automountServiceAccountToken"] is False


@pytest.mark.parametrize(
    ("values", "told"),
    [
        pytest.param({"gateway__port": 465}, "Choose two", id="one port twice"),
        pytest.param(
            {"config__gateway": {"listen": {"port": 0}}}, "needs to know", id="a free port"
        ),
        pytest.param(
            {"config__gateway": {"listen": {"port": 8080}}}, "different", id="that of metrics"
        ),
        pytest.param(
            {"gateway__serviceAccount": {"create": False}}, "name the Serv", id="no account"
        ),
        pytest.param(
            {"gateway__serviceAccount": {"name": "mailbox-operator"}},
            "must not have",
            id="its account",
        ),
        pytest.param({"gateway__preStopSeconds": 80}, "must be longer", id="no time to end"),
        pytest.param({"gateway__replicas": 0}, "/gateway/replicas", id="no replica"),
        pytest.param({"gateway__tls": {"secretName": "A b"}}, "/secretName", id="no name"),
        pytest.param({"gateway__from": "any"}, "/gateway/from", id="no peers"),
        pytest.param({"gateway__shards": 2}, "shards", id="an unknown value"),
    ],
)
def test_what_cannot_work_is_refused_before(chart: Chart, values: Any, told: str) -> None:
    with pytest.raises(RefusedError, match=told):
        chart.set(**ON, **values)


class Gate:
    """The policies of a rendered chart, asked about the gateway's pod."""

    def __init__(self, chart: Chart, **values: Any) -> None:
        rendered = chart.set(**ON, **values)
        template = of_gateway(rendered, "Deployment")["spec"]["template"]
        self._pod = Workload("mail", template["metadata"]["labels"])
        self._policies = rendered.all("NetworkPolicy")

    def out(self, peer: Peer, port: int | Port) -> bool:
        """Whether the gateway may dial a port."""
        asked = port if isinstance(port, Port) else Port(port)
        return allows(self._policies, Direction.EGRESS, self._pod, peer, asked)

    def into(self, peer: Peer, *ports: Port) -> bool:
        """Whether somebody may dial each of these ports of the gateway."""
        return all(
            allows(self._policies, Direction.INGRESS, self._pod, peer, each) for each in ports
        )


def application(namespace: str, **labels: str) -> Peer:
    """Name a pod of a namespace."""
    return Peer("10.244.0.7", Workload(namespace, {"app": namespace}, labels))


def test_every_pod_of_the_cluster_may_connect_and_nobody_from_outside(chart: Chart) -> None:
    gate = Gate(chart)

    assert gate.into(application("acme"), SUBMISSION, SUBMISSIONS)
    assert not gate.into(GOOGLE, SUBMISSION)
    assert not gate.into(application("acme"), Port(8080, "http"))


def test_the_gateway_can_be_kept_for_labelled_namespaces(chart: Chart) -> None:
    gate = Gate(chart, gateway__from=[{"namespaceSelector": {"matchLabels": {"sends": "yes"}}}])

    assert gate.into(application("acme", sends="yes"), SUBMISSION, SUBMISSIONS)
    assert not gate.into(application("other"), SUBMISSION)
    assert not gate.into(application("other"), SUBMISSIONS)


def test_the_gateway_dials_mail_servers_and_no_oauth_endpoint(chart: Chart) -> None:
    elsewhere = {"networkPolicy__apiServer": {"ports": [6443]}}
    gate = Gate(chart, **elsewhere, config={"egress": {"proxyURL": "http://proxy.example:3128"}})

    assert [port for port in (465, 587, 2465, 2525, 2587) if not gate.out(GOOGLE, port)] == []
    assert gate.out(Peer("10.1.2.3"), Port(53, protocol="UDP"))
    assert gate.out(Peer("10.1.2.3"), 6443)
    assert [port for port in (25, 80, 443, 3128) if gate.out(GOOGLE, port)] == []
    assert not gate.out(Peer("10.1.2.3"), 587)


def test_the_gateway_is_scraped_as_a_job_of_its_own(chart: Chart) -> None:
    rendered = chart.set(**ON, monitoring__serviceMonitor__mode="always")
    (monitor,) = [
        each["spec"]
        for each in rendered.all("ServiceMonitor")
        if each["metadata"]["name"].endswith("-gateway")
    ]
    wanted = monitor["selector"]["matchLabels"].items()

    (service,) = [
        each for each in rendered.all("Service") if wanted <= each["metadata"]["labels"].items()
    ]
    assert service["metadata"]["labels"][monitor["jobLabel"]] == "mailbox-operator-gateway"
    assert service["spec"]["ports"][0]["targetPort"] == "http"


def test_a_pod_monitor_of_the_gateway_finds_its_pods_alone(chart: Chart) -> None:
    modes = {"podMonitor": {"mode": "always"}, "serviceMonitor": {"mode": "never"}}
    rendered = chart.set(**ON, monitoring=modes)
    pods = {
        each["metadata"]["name"]: each["spec"]["template"]["metadata"]["labels"]
        for each in rendered.all("Deployment")
    }

    for each in rendered.all("PodMonitor"):
        wanted, name = each["spec"]["selector"]["matchLabels"], each["metadata"]["name"]
        assert [found for found in pods if wanted.items() <= pods[found].items()] == [name]
        assert each["spec"]["jobLabel"] in pods[name]


def test_one_replica_of_the_gateway_has_no_budget(chart: Chart) -> None:
    rendered = chart.set(**ON, gateway__replicas=1)

    budgets = [each["metadata"]["name"] for each in rendered.all("PodDisruptionBudget")]
    assert budgets == ["mailbox-operator"]
    assert "topologySpreadConstraints" not in pod(rendered)


def test_a_controller_of_service_bindings_may_find_the_secret_of_a_sender(chart: Chart) -> None:
    """It reads `status.binding.name`; the specification collects its rights by this label."""
    found = [
        each["rules"]
        for each in chart.set(**ON).all("ClusterRole")
        if each["metadata"]["labels"].get("servicebinding.io/controller") == "true"
    ]

    verbs = ["get", "list", "watch"]
    rule = {"apiGroups": ["mailbox-operator.io"], "resources": ["senders"], "verbs": verbs}
    assert found == [[rule]]
