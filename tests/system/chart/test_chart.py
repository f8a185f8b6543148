"""The operator's chart: what it renders."""

import subprocess
from pathlib import Path

import pytest
import yaml

from mailbox_operator.settings.file import load
from system.chart.release import OPERATOR, Chart, Object, RefusedError
from unit.tables.schema import FOLDER as CRDS

PAGE = {"config__consent__publicURL": "https://mailboxes.example"}
VALUE_FILES = sorted((OPERATOR / "ci").glob("*.yaml"))


@pytest.mark.parametrize("file", [None, *VALUE_FILES], ids=lambda file: file.stem if file else "-")
def test_the_operators_chart_passes_helms_own_lint(helm: Path, file: Path | None) -> None:
    values = [f"--values={file}"] if file else []
    command = [str(helm), "lint", "--strict", str(OPERATOR), *values]

    done = subprocess.run(command, check=False, capture_output=True, text=True)

    assert done.returncode == 0, done.stdout
    assert "[" not in done.stdout


@pytest.mark.parametrize("file", VALUE_FILES, ids=lambda file: file.stem)
def test_every_object_has_a_name_a_place_and_the_standard_labels(chart: Chart, file: Path) -> None:
    rendered = chart.render(f"--values={file}")

    names = [
        (x["kind"], x["metadata"].get("namespace"), x["metadata"]["name"]) for x in rendered.objects
    ]
    labels = [
        x["metadata"].get("labels", {})
        for x in rendered.objects
        if "extra" not in x["metadata"]["name"]
    ]
    assert len(names) == len(set(names))
    assert {each["app.kubernetes.io/instance"] for each in labels} == {"mailbox-operator"}
    assert {each["app.kubernetes.io/managed-by"] for each in labels} == {"Helm"}


def test_the_chart_renders_the_crds_of_the_project(chart: Chart) -> None:
    rendered = chart.set().all("CustomResourceDefinition")
    own = [yaml.safe_load(path.read_text()) for path in CRDS.iterdir()]

    specs = {each["metadata"]["name"]: each["spec"] for each in rendered}

    assert specs == {each["metadata"]["name"]: each["spec"] for each in own}


def test_a_rendered_crd_keeps_the_labels_of_its_own(chart: Chart) -> None:
    (senders,) = (
        each["metadata"]["labels"]
        for each in chart.set().all("CustomResourceDefinition")
        if each["spec"]["names"]["kind"] == "Sender"
    )

    assert senders["servicebinding.io/provisioned-service"] == "true"
    assert senders["app.kubernetes.io/component"] == "crd"


def test_the_configuration_is_the_operators_own(chart: Chart) -> None:
    rendered = chart.set(config__limits={"burst": 7}, config__intervals={"sweep": "5m"})

    settings = load(rendered.only("ConfigMap", "operator")["data"]["config.yaml"])

    assert settings.operator_namespace == "mail"
    assert settings.leader_election.lease_name == "mailbox-operator"
    assert settings.limits.burst == 7


def test_every_selector_of_the_operator_selects_nothing_else(chart: Chart) -> None:
    rendered = chart.set(**PAGE)
    deployment, check = rendered.only("Deployment"), rendered.only("Pod")
    selectors = [
        deployment["spec"]["selector"]["matchLabels"],
        *(each["spec"]["selector"] for each in rendered.all("Service")),
        rendered.only("NetworkPolicy", "operator")["spec"]["podSelector"]["matchLabels"],
        rendered.only("PodDisruptionBudget")["spec"]["selector"]["matchLabels"],
    ]
    pods = deployment["spec"]["template"]["metadata"]["labels"]

    assert [each for each in selectors if not each.items() <= pods.items()] == []
    assert [each for each in selectors if each.items() <= check["metadata"]["labels"].items()] == []


def test_the_consent_page_has_a_service_once_it_has_an_address(chart: Chart) -> None:
    rendered = chart.set(config__consent={"publicURL": "https://mailboxes.example", "port": 9000})
    port = {"name": "consent", "containerPort": 9000, "protocol": "TCP"}

    assert rendered.only("Service", "consent")["spec"]["ports"][0]["targetPort"] == "consent"
    assert port in rendered.container["ports"]
    assert chart.set(monitoring__service__enabled=False).all("Service") == []


def test_an_ingress_leads_to_the_page_at_its_address(chart: Chart) -> None:
    page = {"publicURL": "https://mailboxes.example:8443/consent"}
    rendered = chart.set(config__consent=page, consent__ingress={"enabled": True})
    (rule,) = rendered.only("Ingress")["spec"]["rules"]
    (path,) = rule["http"]["paths"]
    service = rendered.only("Service", "consent")

    assert (rule["host"], path["path"]) == ("mailboxes.example", "/consent")
    assert path["backend"]["service"]["name"] == service["metadata"]["name"]


def test_a_route_of_the_gateway_api_leads_to_the_page(chart: Chart) -> None:
    route = {"enabled": True, "parentRefs": [{"name": "public"}]}
    rendered = chart.set(consent__httpRoute=route, **PAGE)
    spec = rendered.only("HTTPRoute")["spec"]

    assert spec["hostnames"] == ["mailboxes.example"]
    assert spec["rules"][0]["backendRefs"][0]["port"] == 80


@pytest.mark.parametrize("way", ["ingress", "httpRoute"])
def test_a_way_to_a_page_that_is_not_there_is_refused(chart: Chart, way: str) -> None:
    with pytest.raises(RefusedError, match="there is none: set"):
        chart.set(**{f"consent__{way}": {"enabled": True}})


def test_a_route_without_a_gateway_is_refused(chart: Chart) -> None:
    with pytest.raises(RefusedError, match="name the Gateway that ends TLS"):
        chart.set(consent__httpRoute={"enabled": True}, **PAGE)


def test_managed_infrastructures_come_after_a_first_install(chart: Chart) -> None:
    known = "--api-versions=mailbox-operator.io/v1alpha1/ManagedInfrastructure"
    offer = '--set-json=managedInfrastructures={"default": {}}'
    first, later = chart.render(offer), chart.render(offer, known)
    hooks = [
        x.only("ManagedInfrastructure")["metadata"].get("annotations", {}) for x in (first, later)
    ]

    assert hooks[0]["helm.sh/hook"] == "post-install"
    assert hooks[0]["meta.helm.sh/release-name"] == "mailbox-operator"
    assert hooks[1] == {"helm.sh/resource-policy": "keep"}
    assert "post-install" in first.only("Pod")["metadata"]["annotations"]["helm.sh/hook"]
    assert later.only("Pod")["metadata"]["annotations"]["helm.sh/hook"] == "test"


@pytest.mark.parametrize("keep", [True, False])
def test_an_uninstall_keeps_the_crds_unless_asked(chart: Chart, keep: bool) -> None:  # noqa: FBT001 - a row
    crds = chart.set(crds__keep=keep).all("CustomResourceDefinition")

    annotations = [each["metadata"].get("annotations", {}) for each in crds]
    assert annotations == [{"helm.sh/resource-policy": "keep"} if keep else {}] * 3


def test_the_crds_can_be_left_to_others(chart: Chart) -> None:
    assert chart.set(crds__enabled=False).all("CustomResourceDefinition") == []


def test_the_chart_renders_roles_alone_for_a_list_of_namespaces(chart: Chart) -> None:
    rendered = chart.render(f"--values={OPERATOR / 'ci' / 'roles-only.yaml'}")
    places = [
        each["metadata"]["namespace"]
        for each in rendered.all("Role")
        if {"resources": ["mailboxes", "senders"], "verbs": ["list", "watch"]}.items()
        <= each["rules"][0].items()
    ]

    assert rendered.all("ClusterRole") + rendered.all("ClusterRoleBinding") == []
    assert sorted(places) == ["mail", "team-a", "team-b"]


def test_rights_can_be_left_to_others(chart: Chart) -> None:
    rendered = chart.set(
        rbac={"create": False, "aggregate": False}, serviceAccount={"create": False, "name": "own"}
    )

    assert rendered.all("ClusterRole") == []
    assert rendered.pod["serviceAccountName"] == "own"


def reads_secrets(role: Object) -> bool:
    rules = role["rules"]
    return any("secrets" in rule["resources"] and "list" in rule["verbs"] for rule in rules)


def test_the_operator_reads_secrets_wherever_there_are_mailboxes_by_default(chart: Chart) -> None:
    rendered = chart.set()
    bound = {each["roleRef"]["name"] for each in rendered.all("ClusterRoleBinding")}

    roles = [
        each["metadata"]["name"] for each in rendered.all("ClusterRole") if reads_secrets(each)
    ]
    assert roles == ["mailbox-operator"]
    assert set(roles) <= bound


def test_no_binding_of_the_chart_lets_a_namespaced_operator_read_the_secrets_of_tenants(
    chart: Chart,
) -> None:
    rendered = chart.set(rbac__secrets="namespaced")
    bindings = rendered.all("ClusterRoleBinding")
    homes = [each for each in rendered.all("Role") if reads_secrets(each)]

    roles = [
        each["metadata"]["name"] for each in rendered.all("ClusterRole") if reads_secrets(each)
    ]
    assert roles == ["mailbox-operator-secrets"]
    assert [each for each in bindings if each["roleRef"]["name"] in roles] == []
    assert [each["metadata"]["name"] for each in homes] == ["mailbox-operator-home"]
    assert (
        yaml.safe_load(rendered.only("ConfigMap", "operator")["data"]["config.yaml"])["secrets"]
        == "Namespaced"
    )
