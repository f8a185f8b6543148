"""Dashboards and alerts by a real Prometheus, which scrapes while mailboxes break and heal."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from lab.controlplane.plane import ControlPlane
from lab.monitoring.fleet import OPTIONS, Fleet, word
from lab.monitoring.panels import PANELS, Panel
from lab.monitoring.stage import stage
from lab.servers.prometheus import Series, promtool
from lab.stand.consents import APP
from lab.stand.eventually import eventually
from lab.stand.manifests import secret
from lab.stand.operator_process import Operator
from mailbox_operator.decide.sending.certificates import LEAF_LIFE

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def fleet(
    plane: ControlPlane, helm: Path, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Fleet]:
    if plane.servers is None:
        pytest.skip("the audit log of the cluster that KUBECONFIG names is out of reach")
    folder = tmp_path_factory.mktemp("fleet")
    async with (
        stage(plane, helm, folder, *OPTIONS) as (world, home),
        Fleet.open(world, home, folder) as opened,
    ):
        await opened.settle_in()
        yield opened


@pytest.mark.parametrize("panel", PANELS, ids=lambda panel: panel.name)
async def test_no_panel_is_empty(fleet: Fleet, panel: Panel) -> None:
    for expr, _ in panel.queries():

        async def ask(asked: str = expr) -> Sequence[Series]:
            return await fleet.prometheus.query(asked)

        assert await eventually(ask, within=20, tell=lambda asked=expr: asked)  # type: ignore[misc]  # a default binds it


@pytest.mark.parametrize(
    ("title", "values"),
    [
        ("Mailboxes", {"": 18}),
        ("Connected", {"": pytest.approx(9 / 17)}),
        ("Failing", {"": 7}),
        ("Awaiting consent", {"": 1}),
        ("Suspended", {"": 1}),
        ("Stale", {"": 0}),
        ("Who must act", {"Mailbox owner": 5, "Mail administrator": 1, "Platform team": 2}),
        (
            "Kept grants",
            {"Grace": 0, "Held": 0, "NamespaceMissing": 0, "Restored": 0, "Retained": 1},
        ),
        ("Failed consents", {"ConsentIncomplete": 1, "MailboxGone": 1}),
        ("Gateways", {"": 1}),
        ("Messages", {"": 3}),
        ("Taken", {"": pytest.approx(2 / 3)}),
        ("In doubt", {"": 0}),
        ("Replies", {"2xx": 2, "5xx": 1}),
        ("Senders that are refused", {"globex/shop": 1}),
        ("At their limit", {"mailboxes": 0}),
        (
            "Closest to their limit",
            {
                "globex/ada": 0.5,
                **dict.fromkeys(("initech/google", "initech/outlook"), 0),
                **dict.fromkeys(("umbrella/jane", "umbrella/kim"), 0),
            },
        ),
    ],
)
async def test_a_panel_shows_the_true_numbers(
    fleet: Fleet, title: str, values: Mapping[str, float]
) -> None:
    panel = next(each for each in PANELS if each.title == title)

    async def shown() -> Mapping[str, float]:
        found = [
            (named(legend, each["metric"]), float(each["value"][1]))
            for expr, legend in panel.queries(tenant="globex|initech|umbrella")
            for each in await fleet.prometheus.query(expr)
        ]
        return dict(found)

    await eventually(shown, lambda found: found == values, within=20)


def named(legend: str, labels: Mapping[str, str]) -> str:
    """Write a legend as Grafana does."""
    return re.sub(r"\{\{(\w+)\}\}", lambda name: labels[name[1]], legend.replace("__auto", ""))


async def test_a_reply_that_no_table_knows_is_shown_by_its_code(fleet: Fleet) -> None:
    found = await eventually(lambda: told(fleet, "Unknown replies"), within=20)

    (series,) = found
    assert series["metric"] == {"provider": "SMTP", "code": "599"}
    assert float(series["value"][1]) >= 1


async def test_promtool_has_no_complaint_about_the_metrics(fleet: Fleet) -> None:
    _, text = await fleet.replicas[0].get("/metrics")

    said = await asyncio.to_thread(promtool, "check", "metrics", input=text)

    assert said == ""


async def test_promtool_has_no_complaint_about_the_metrics_of_the_gateway(fleet: Fleet) -> None:
    _, text = await fleet.gateway.get("/metrics")

    said = await asyncio.to_thread(promtool, "check", "metrics", input=text)

    assert said == ""


async def test_a_gateway_tells_when_its_certificate_expires(fleet: Fleet) -> None:
    ((expr, _),) = next(each for each in PANELS if each.title == "Certificate").queries()

    (series,) = await fleet.prometheus.query(expr)

    left = LEAF_LIFE.total_seconds()
    assert float(series["value"][1]) == pytest.approx(left, rel=0.01)


async def test_a_panel_shows_one_tenant_without_the_others(fleet: Fleet) -> None:
    panel = next(each for each in PANELS if each.title == "Failing mailboxes")
    ((expr, _),) = panel.queries(tenant="globex")

    found = await fleet.prometheus.query(expr)

    listed = {each["metric"]["name"]: each["metric"]["reason"] for each in found}
    assert listed == {
        "old-password": "InvalidCredentials",
        "no-secret": "CredentialsMissing",
        "gone": "ConnectionRefused",
    }


async def test_a_mailbox_that_breaks_is_a_ticket_of_its_owner_until_it_heals(fleet: Fleet) -> None:
    globex = fleet.tenants[0]
    fay = {"namespace": "globex", "name": "fay"}
    assert not await fleet.prometheus.alerts("MailboxNeedsOwner", **fay)

    await globex.apply(word("changed", "fays"))
    await globex.change({"credentialsSecretRef": {"name": "fays"}}, "fay")

    ticket = await fleet.prometheus.until_alert("MailboxNeedsOwner", **fay)
    assert (ticket["severity"], ticket["reason"], ticket["move"]) == (
        "warning",
        "InvalidCredentials",
        "Mailbox owner",
    )

    await globex.apply(word("right", "fays"))
    await fleet.prometheus.until_silent("MailboxNeedsOwner", **fay)


async def test_a_broken_app_of_the_platform_is_an_alarm_until_it_is_fixed(fleet: Fleet) -> None:
    umbrella = fleet.tenants[2]
    alarm = await fleet.prometheus.until_alert("MailboxInfrastructureBroken", name="legacy")
    assert (alarm["severity"], alarm["reason"]) == ("critical", "OAuthAppInvalid")

    await umbrella.apply(secret(APP, "broken", umbrella.platform_namespace))

    await fleet.prometheus.until_silent("MailboxInfrastructureBroken", name="legacy")


async def test_a_change_of_leaders_is_no_alarm(fleet: Fleet) -> None:
    leader, follower = fleet.replicas

    await leader.terminate()
    await follower.wait_leading()

    await eventually(lambda: told(fleet, "Failing"), within=20)
    assert not await fleet.prometheus.alerts("MailboxOperatorTwoLeaders")
    await fleet.prometheus.until_silent("MailboxOperatorNoLeader")


async def test_replicas_that_were_killed_are_an_alarm_until_one_is_back(fleet: Fleet) -> None:
    _, follower = fleet.replicas

    await follower.kill()

    await fleet.prometheus.until_alert("MailboxOperatorNoLeader")
    for title in ("Connected", "Failing", "Stale", "Mailboxes", "Leaders"):
        assert not await told(fleet, title), f"{title} says that all is well"
    async with Operator.run(follower.installation, fleet.second) as replica:
        await replica.wait_leading()
        await fleet.prometheus.until_silent("MailboxOperatorNoLeader")


async def test_a_gateway_that_is_gone_is_an_alarm(fleet: Fleet) -> None:
    assert not await fleet.prometheus.alerts("MailboxGatewayDown")

    await fleet.gateway.terminate()

    await fleet.prometheus.until_alert("MailboxGatewayDown")
    assert not await told(fleet, "Taken"), "the panel says that all is well"


async def told(fleet: Fleet, title: str) -> Sequence[Series]:
    """Ask what a panel of one number asks."""
    panel = next(each for each in PANELS if each.title == title)
    ((expr, _),) = panel.queries()
    return await fleet.prometheus.query(expr)
