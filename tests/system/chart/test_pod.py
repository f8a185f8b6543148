"""The pods of the operator's chart."""

from collections.abc import Mapping
from typing import Any

import pytest

from system.chart.release import Chart, RefusedError

RESTRICTED = {
    "allowPrivilegeEscalation": False,
    "readOnlyRootFilesystem": True,
    "capabilities": {"drop": ["ALL"]},
}


def test_a_changed_configuration_rolls_the_pods(chart: Chart) -> None:
    def annotations(**values: Any) -> Mapping[str, str]:
        found: Mapping[str, str] = chart.set(**values).only("Deployment")["spec"]["template"][
            "metadata"
        ]["annotations"]
        return found

    assert annotations() != annotations(config__logLevel="DEBUG")


def test_a_port_that_nobody_knows_is_refused(chart: Chart) -> None:
    with pytest.raises(RefusedError, match="a probe needs to know the port"):
        chart.set(config__listen={"port": 0})


def test_the_container_is_restricted(chart: Chart) -> None:
    rendered = chart.set()

    assert rendered.pod["securityContext"]["runAsUser"] > 10000
    assert rendered.pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert rendered.container["securityContext"] == RESTRICTED
    assert rendered.container["resources"]["limits"].keys() >= {"cpu", "memory"}


def test_nothing_but_the_operators_container_gets_a_token(chart: Chart) -> None:
    rendered = chart.set()
    accounts = rendered.all("ServiceAccount")

    assert {each["automountServiceAccountToken"] for each in accounts} == {False}
    assert rendered.pod["automountServiceAccountToken"] is False
    (token,) = [each for each in rendered.pod["volumes"] if each["name"] == "token"]
    assert token["projected"]["sources"][0]["serviceAccountToken"]["expirationSeconds"] == 3600


def test_other_containers_stand_beside_the_operators_and_before_it(chart: Chart) -> None:
    extra = {"extraContainers": [{"name": "proxy"}], "initContainers": [{"name": "first"}]}

    (deployment,) = chart.set(**extra).all("Deployment")
    pod = deployment["spec"]["template"]["spec"]

    assert [each["name"] for each in pod["containers"]] == ["operator", "proxy"]
    assert [each["name"] for each in pod["initContainers"]] == ["first"]
    assert "volumeMounts" not in pod["containers"][1]


def test_a_mail_host_is_not_looked_up_within_the_clusters_search_domains_first(
    chart: Chart,
) -> None:
    options = chart.set().pod["dnsConfig"]["options"]

    (ndots,) = [int(each["value"]) for each in options if each["name"] == "ndots"]
    assert ndots <= "smtp.gmail.com".count(".")


@pytest.mark.parametrize("how", ["auto", "force"])
def test_the_namespace_assigns_the_user_on_openshift(chart: Chart, how: str) -> None:
    where = [
        f"--set=openshift={how}",
        *(["--api-versions=security.openshift.io/v1"] * (how == "auto")),
    ]
    context = chart.render(*where).pod["securityContext"]

    assert "runAsUser" not in context
    assert context["runAsNonRoot"] is True


def test_the_chart_assigns_the_user_elsewhere(chart: Chart) -> None:
    here = chart.render("--set=openshift=disabled", "--api-versions=security.openshift.io/v1")

    assert here.pod["securityContext"]["runAsUser"] == 65532


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        pytest.param({}, "mailbox-operator:0.1.0", id="as it is"),
        pytest.param({"tag": "1.2"}, "mailbox-operator:1.2", id="a tag"),
        pytest.param(
            {"registry": "r.example"}, "r.example/mailbox-operator:0.1.0", id="a registry"
        ),
        pytest.param(
            {"digest": f"sha256:{'0' * 64}", "tag": "1.2"},
            f"mailbox-operator@sha256:{'0' * 64}",
            id="a digest",
        ),
    ],
)
def test_the_image_is_named_in_every_way(chart: Chart, image: Any, expected: str) -> None:
    rendered = chart.set(image=image)

    assert rendered.container["image"] == expected
    assert rendered.only("Pod")["spec"]["containers"][0]["image"] == expected


def test_a_registry_for_all_charts_comes_first(chart: Chart) -> None:
    rendered = chart.set(
        image={"registry": "own.example"}, **{"global": {"imageRegistry": "all.example"}}
    )

    assert rendered.container["image"] == "all.example/mailbox-operator:0.1.0"


def test_more_than_one_replica_is_spread_and_kept_through_drains(chart: Chart) -> None:
    budget = chart.set().only("PodDisruptionBudget")["spec"]

    assert budget["maxUnavailable"] == 1
    assert budget["unhealthyPodEvictionPolicy"] == "AlwaysAllow"
    assert len(chart.set().pod["topologySpreadConstraints"]) == 2


def test_one_replica_is_neither_spread_nor_kept_through_drains(chart: Chart) -> None:
    alone = chart.set(replicaCount=1)

    assert alone.all("PodDisruptionBudget") == []
    assert "topologySpreadConstraints" not in alone.pod
