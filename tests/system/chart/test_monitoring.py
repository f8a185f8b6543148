"""What the chart brings for those who look: the way to /metrics, the alerts, the dashboards."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from system.chart.prometheus import KINDS
from system.chart.release import OPERATOR, Chart, Object, RefusedError, Rendered

SERVICE, POD, RULE = (kind.rpartition("/")[2] for kind in KINDS)
FILES: Final = OPERATOR / "files"
BOARDS: Final = sorted((FILES / "dashboards").glob("*.json"))
WITH_GATEWAY: Final = {"gateway__enabled": True}
KNOWN: Final = tuple(f"--api-versions={kind}" for kind in ("monitoring.coreos.com/v1", *KINDS))


def dashboards(rendered: Rendered) -> list[Object]:
    return [
        each
        for each in rendered.all("ConfigMap")
        if each["metadata"]["labels"]["app.kubernetes.io/component"] == "dashboard"
    ]


def kinds(rendered: Rendered) -> set[str]:
    return {each["kind"] for each in rendered.objects} & {SERVICE, POD, RULE}


def job(chart: Chart, monitor: str) -> str:
    """Name the job that Prometheus puts on the series that a monitor has scraped."""
    modes = {"serviceMonitor": {"mode": "never"}, "podMonitor": {"mode": "never"}}
    wanted = {f"{monitor[0].lower()}{monitor[1:]}": {"mode": "always"}}
    rendered = chart.set(monitoring=modes | wanted)
    pod = rendered.only("Deployment")["spec"]["template"]
    scraped = {SERVICE: rendered.only("Service"), POD: pod}[monitor]
    name: str = scraped["metadata"]["labels"][rendered.only(monitor)["spec"]["jobLabel"]]
    return name


def test_no_monitoring_object_is_rendered_where_its_kind_is_missing(chart: Chart) -> None:
    rendered = chart.render()

    assert kinds(rendered) == set()
    assert dashboards(rendered) == []
    assert rendered.only("Service", "metrics")


def test_monitor_rules_and_dashboards_are_rendered_where_their_kinds_are_known(
    chart: Chart,
) -> None:
    rendered = chart.render(*KNOWN)

    assert kinds(rendered) == {SERVICE, RULE}
    assert len(dashboards(rendered)) == len(BOARDS)


def test_a_kind_alone_that_is_missing_is_left_out(chart: Chart) -> None:
    rendered = chart.render(f"--api-versions={KINDS[2]}")

    assert kinds(rendered) == {RULE}


@pytest.mark.parametrize(
    ("key", "kind"), [("serviceMonitor", SERVICE), ("prometheusRule", RULE), ("podMonitor", POD)]
)
def test_a_monitor_that_is_never_wanted_is_never_rendered(
    chart: Chart, key: str, kind: str
) -> None:
    rendered = chart.render(*KNOWN, f"--set=monitoring.{key}.mode=never")

    assert kind not in kinds(rendered)


def test_the_monitor_finds_the_service_of_the_metrics_and_no_other(chart: Chart) -> None:
    page = {"consent": {"publicURL": "https://mail.example"}}
    rendered = chart.set(monitoring__serviceMonitor__mode="always", config=page)
    monitor = rendered.only(SERVICE)["spec"]

    wanted = monitor["selector"]["matchLabels"].items()
    found = [
        each for each in rendered.all("Service") if wanted <= each["metadata"]["labels"].items()
    ]

    (service,) = found
    pod = rendered.only("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"].items() <= pod.items()
    assert monitor["endpoints"][0]["port"] == service["spec"]["ports"][0]["name"]
    assert service["spec"]["ports"][0]["targetPort"] in [
        x["name"] for x in rendered.container["ports"]
    ]


def test_the_pod_monitor_finds_the_pods(chart: Chart) -> None:
    values = {"monitoring__podMonitor__mode": "always", "monitoring__serviceMonitor__mode": "never"}
    rendered = chart.set(**values)
    monitor = rendered.only(POD)["spec"]

    pod = rendered.only("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert monitor["selector"]["matchLabels"].items() <= pod.items()
    assert monitor["podMetricsEndpoints"][0]["port"] in [
        x["name"] for x in rendered.container["ports"]
    ]


@pytest.mark.parametrize("monitor", [SERVICE, POD])
def test_two_releases_of_one_namespace_are_two_jobs(chart: Chart, monitor: str) -> None:
    one, two = (replace(chart, release=name) for name in ("one", "two"))

    assert job(one, monitor) != job(two, monitor)


@pytest.mark.parametrize(
    ("key", "kind", "endpoints"),
    [
        ("serviceMonitor", SERVICE, "endpoints"),
        ("podMonitor", POD, "podMetricsEndpoints"),
    ],
)
def test_both_monitors_honour_the_labels_of_mailboxes(
    chart: Chart, key: str, kind: str, endpoints: str
) -> None:
    values: dict[str, Any] = {f"monitoring__{key}__mode": "always"}

    (endpoint,) = chart.set(**values).only(kind)["spec"][endpoints]

    assert endpoint["honorLabels"] is True
    assert endpoint["path"] == "/metrics"


@pytest.mark.parametrize(
    ("values", "told"),
    [
        pytest.param(
            {"serviceMonitor": {"mode": "always"}, "podMonitor": {"mode": "always"}},
            "scraped twice",
            id="both monitors",
        ),
        pytest.param(
            {"serviceMonitor": {"mode": "always"}, "service": {"enabled": False}},
            "through that Service",
            id="no way to the pods",
        ),
        pytest.param({"serviceMonitor": {"mode": "yes"}}, "mode", id="another word"),
    ],
)
def test_monitoring_values_that_cannot_work_are_refused_before(
    chart: Chart, values: Any, told: str
) -> None:
    with pytest.raises(RefusedError, match=told):
        chart.set(monitoring=values)


def test_the_rules_are_those_of_the_file(chart: Chart) -> None:
    values = {"mode": "always", "runbookURL": "https://docs.example/alerts"}
    rendered = chart.set(**WITH_GATEWAY, monitoring__prometheusRule=values).only(RULE)

    told = json.dumps(rendered["spec"]).replace("https://docs.example/alerts", "docs/alerts.md")
    assert json.loads(told) == yaml.safe_load((FILES / "rules.yaml").read_text())


def test_the_rules_of_the_gateway_come_with_the_gateway_alone(chart: Chart) -> None:
    always = {"monitoring__prometheusRule__mode": "always"}

    without, beside = (
        {group["name"] for group in chart.set(**values).only(RULE)["spec"]["groups"]}
        for values in (always, WITH_GATEWAY | always)
    )

    assert beside - without == {"mailbox-operator.gateway"}


def test_the_runbook_is_where_the_platform_has_it(chart: Chart) -> None:
    values = {"mode": "always", "runbookURL": "https://runbooks.example/mail"}
    groups = chart.set(monitoring__prometheusRule=values).only(RULE)["spec"]["groups"]

    alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    found = {rule["alert"]: rule["annotations"]["runbook_url"] for rule in alerts}
    assert found == {name: f"https://runbooks.example/mail#{name.lower()}" for name in found}


def test_no_alert_has_a_link_without_an_address_for_the_runbook(chart: Chart) -> None:
    groups = chart.set(monitoring__prometheusRule__mode="always").only(RULE)["spec"]["groups"]

    alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    links = {name for rule in alerts for name in rule["annotations"] if name.endswith("_url")}
    found = {rule["alert"]: rule["annotations"]["runbook"] for rule in alerts}
    assert links == set()
    assert found == {name: f"docs/alerts.md#{name.lower()}" for name in found}


def test_an_alert_for_a_reason_leads_to_the_reason(chart: Chart) -> None:
    values = {"mode": "always", "reasonsURL": "https://docs.example/reasons"}
    groups = chart.set(monitoring__prometheusRule=values).only(RULE)["spec"]["groups"]

    alerts = [rule for group in groups for rule in group["rules"] if "alert" in rule]
    found = {each["annotations"].get("reason_url") for each in alerts if "reason" in str(each)}
    assert "https://docs.example/reasons#{{ $labels.reason | toLower }}" in found


@pytest.mark.parametrize("board", BOARDS, ids=lambda path: path.stem)
def test_each_dashboard_is_the_file_with_the_label_of_the_sidecar(
    chart: Chart, board: Path
) -> None:
    found = dashboards(chart.set(monitoring__dashboards={"mode": "always", "namespace": "grafana"}))

    (one,) = [each for each in found if board.name in each["data"]]
    assert one["data"][board.name] == board.read_text()
    assert one["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert one["metadata"]["namespace"] == "grafana"


def test_kube_state_metrics_gets_its_file_where_somebody_wants_it(chart: Chart) -> None:
    rendered = chart.set(monitoring__kubeStateMetrics__enabled=True)

    data = rendered.only("ConfigMap", "kube-state-metrics")["data"]
    assert data == {"config.yaml": (FILES / "kube-state-metrics.yaml").read_text()}
