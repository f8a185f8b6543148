"""What the real kube-state-metrics tells of real mailboxes, as docs/other-dashboards.md sets it up."""

import re
from datetime import UTC, datetime

import pytest

from lab.stand.eventually import eventually
from lab.stand.scene import Scene
from system.monitoring.dashboards import FAILING, PLATFORM, QUERIES, RULES, TABLE
from system.monitoring.state_metrics import NAME, PREFIX, StateMetrics, own

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


@pytest.mark.parametrize(
    ("name", "infrastructure", "suspended"),
    [("jane", "Private", "false"), ("managed", "Managed", "false"), ("quiet", "Private", "true")],
)
async def test_a_mailbox_is_described_without_its_address(
    metrics: StateMetrics, name: str, infrastructure: str, suspended: str
) -> None:
    [info] = await metrics.samples("mailbox_info", name=name)

    assert info.value == 1
    assert own(info) == {
        "namespace": "acme",
        "name": name,
        "provider": "SMTP",
        "infrastructure": infrastructure,
        "suspended": suspended,
    }


async def test_kube_state_metrics_exports_nothing_personal(metrics: StateMetrics) -> None:
    text = await metrics.text()

    assert "jane" in text
    assert [word for word in ("@", "acme.example", "localhost") if word in text] == []


@pytest.mark.parametrize(("name", "reason"), [("jane", "Connected"), *FAILING.items()])
async def test_a_condition_has_its_status_and_its_reason(
    metrics: StateMetrics, name: str, reason: str
) -> None:
    found = await metrics.samples("mailbox_status_condition", name=name, type="Ready")

    stands = "True" if reason == "Connected" else "False"
    assert {each.labels["reason"] for each in found} == {reason}
    assert {each.labels["status"]: each.value for each in found} == {
        status: float(status == stands) for status in ("True", "False", "Unknown")
    }


async def test_every_condition_of_the_api_is_exported(metrics: StateMetrics, scene: Scene) -> None:
    wrong = await scene.mailbox("wrong")

    found = await metrics.samples("mailbox_status_condition", name="wrong")

    told = {(x.labels["type"], x.labels["status"], x.labels["reason"]) for x in found if x.value}
    assert told == {(c["type"], c["status"], c["reason"]) for c in wrong["status"]["conditions"]}


async def test_kube_state_metrics_shows_since_when_a_mailbox_fails(
    metrics: StateMetrics, scene: Scene
) -> None:
    wrong = await scene.mailbox("wrong")
    [since] = [
        datetime.fromisoformat(each["lastTransitionTime"])
        for each in wrong["status"]["conditions"]
        if each["type"] == "Ready"
    ]

    labels = {"name": "wrong", "type": "Ready", "status": "False"}
    [found] = await metrics.samples("mailbox_status_condition_last_transition_time", **labels)

    assert datetime.fromtimestamp(found.value, UTC) == since
    assert found.labels["reason"] == "InvalidCredentials"


async def test_a_mailbox_that_nobody_looked_at_is_there_without_conditions(
    metrics: StateMetrics,
) -> None:
    [observed] = await metrics.samples("mailbox_status_observed_generation", name="new")
    [generation] = await metrics.samples("mailbox_metadata_generation", name="new")

    assert (observed.value, generation.value) == (-1, 1)
    assert await metrics.samples("mailbox_status_condition", name="new") == []


async def test_a_managed_infrastructure_is_exported(metrics: StateMetrics) -> None:
    labels = {"name": PLATFORM, "type": "Ready", "status": "True"}
    [found] = await metrics.samples("managed_infrastructure_status_condition", **labels)

    assert found.value == 1


async def test_the_table_names_every_metric_with_its_labels(metrics: StateMetrics) -> None:
    names = re.findall(rf"^# HELP {PREFIX}(\w+) ", await metrics.text(), re.MULTILINE)
    assert sorted(names) == sorted(TABLE)
    for name, labels in TABLE.items():
        assert {*map(str, own((await metrics.samples(name))[0]))} == {*labels}, name


async def test_the_queries_of_the_page_find_their_metrics() -> None:
    asked = {name for query in QUERIES for name in re.findall(rf"{PREFIX}(\w+)", query)}

    assert len(QUERIES) == 3
    assert asked <= {*TABLE}


async def test_the_metrics_go_with_the_mailbox(metrics: StateMetrics, scene: Scene) -> None:
    assert await metrics.samples("mailbox_info", name="quiet")

    await scene.cluster.delete("Mailbox", "quiet", scene.namespace)

    async def left() -> str:
        return "\n".join(x for x in (await metrics.text()).splitlines() if '"quiet"' in x)

    await eventually(left, lambda found: not found)


async def test_kube_state_metrics_needs_the_rights_that_the_page_names_and_no_other(
    metrics: StateMetrics, scene: Scene
) -> None:
    asked = [r for r in scene.cluster.plane.requests(scene.namespace, NAME) if r.resource]

    assert {r.code for r in asked} == {200}
    assert {(r.group, r.resource, r.verb) for r in asked} == {
        (group, resource, verb)
        for rule in RULES
        for group in rule["apiGroups"]
        for resource in rule["resources"]
        for verb in rule["verbs"]
    }
