"""What lets the operator read the Secrets of a tenant, where its own chart does not."""

from system.tenant.chart import Chart, only


def test_the_chart_binds_nobody_unless_asked(chart: Chart) -> None:
    assert chart.render({}) == []


def test_the_operator_is_bound_to_its_cluster_role_in_this_namespace(chart: Chart) -> None:
    binding = only(
        chart.render({"operator": {"readsSecrets": True, "namespace": "mail"}}), "RoleBinding"
    )

    account = {"kind": "ServiceAccount", "name": "mailbox-operator", "namespace": "mail"}
    assert binding["metadata"]["name"] == "acme-operator"
    assert binding["roleRef"]["kind"] == "ClusterRole"
    assert binding["roleRef"]["name"] == "mailbox-operator-secrets"
    assert binding["subjects"] == [account]


def test_the_chart_asks_for_the_namespace_of_the_operator(chart: Chart) -> None:
    assert "set operator.namespace" in chart.refusal({"operator": {"readsSecrets": True}})
