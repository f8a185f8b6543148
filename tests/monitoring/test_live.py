"""Dashboards and alerts by a real Prometheus, which scrapes while mailboxes break and heal."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping, Sequence
from pathlib import Path

import pytest
import pytest_asyncio

from controlplane.plane import ControlPlane
from monitoring.fleet import Fleet, word
from monitoring.panels import PANELS, Panel
from monitoring.picture import answered, draw
from monitoring.prometheus import Series, promtool
from scenarios.cluster import Cluster
from scenarios.consents import APP
from scenarios.eventually import eventually
from scenarios.installation import Installation
from scenarios.manifests import secret
from scenarios.world import World
from servers.authority import Authority

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
        Cluster.of(plane) as cluster,
        World.open(Authority(), folder) as world,
        Installation.of(cluster, helm, folder) as home,
        Fleet.open(world, home, folder) as opened,
    ):
        await opened.settle_in()
        yield opened


async def alerting(fleet: Fleet, alert: str, /, **labels: str) -> Sequence[Mapping[str, str]]:
    """Return the alerts of a name that fire and have these labels."""
    found = await fleet.prometheus.alerts(alert)
    return [each for each in found if labels.items() <= each.items()]


async def until_alert(fleet: Fleet, alert: str, /, **labels: str) -> Mapping[str, str]:
    """Wait until an alert fires."""
    found = await eventually(lambda: alerting(fleet, alert, **labels), within=40)
    return found[0]


async def until_silent(fleet: Fleet, alert: str, /, **labels: str) -> None:
    """Wait until an alert has resolved."""
    await eventually(lambda: alerting(fleet, alert, **labels), lambda found: not found, within=40)


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
        ("Whose move it is", {"Mailbox owner": 5, "Mail administrator": 1, "Platform team": 2}),
        ("Replies that no table knows", {"SMTP 599": pytest.approx(1, abs=30)}),
        ("Consents that came to nothing", {"ConsentIncomplete": 1, "MailboxGone": 1}),
    ],
)
async def test_a_panel_shows_what_is_so(
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


async def test_the_picture_for_the_page_can_be_drawn(fleet: Fleet, tmp_path: Path) -> None:
    await draw(await answered(fleet.prometheus, "fleet"), tmp_path / "fleet.png")

    assert (tmp_path / "fleet.png").stat().st_size > 50_000


async def test_prometheus_own_tool_has_nothing_to_say_about_the_metrics(fleet: Fleet) -> None:
    _, text = await fleet.replicas[0].get("/metrics")

    said = await asyncio.to_thread(promtool, "check", "metrics", input=text)

    assert said == ""


async def test_a_tenant_is_told_from_the_others(fleet: Fleet) -> None:
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
    assert not await alerting(fleet, "MailboxNeedsOwner", **fay)

    await globex.apply(word("changed", "fays"))
    await globex.change({"credentialsSecretRef": {"name": "fays"}}, "fay")

    ticket = await until_alert(fleet, "MailboxNeedsOwner", **fay)
    assert (ticket["severity"], ticket["reason"], ticket["move"]) == (
        "warning",
        "InvalidCredentials",
        "Mailbox owner",
    )

    await globex.apply(word("right", "fays"))
    await until_silent(fleet, "MailboxNeedsOwner", **fay)


async def test_a_broken_app_of_the_platform_is_an_alarm_until_it_is_mended(fleet: Fleet) -> None:
    umbrella = fleet.tenants[2]
    alarm = await until_alert(fleet, "MailboxInfrastructureBroken", name="legacy")
    assert (alarm["severity"], alarm["reason"]) == ("critical", "OAuthAppInvalid")

    await umbrella.apply(secret(APP, "broken", umbrella.platform_namespace))

    await until_silent(fleet, "MailboxInfrastructureBroken", name="legacy")


async def test_replicas_that_are_gone_are_an_alarm_and_a_change_of_leaders_is_none(
    fleet: Fleet,
) -> None:
    leader, follower = fleet.replicas

    await leader.terminate()
    await follower.wait_leading()

    async def counted() -> Sequence[Series]:
        return await fleet.prometheus.query("sum(mailbox_operator_mailboxes) > 0")

    await eventually(counted, within=20)
    assert await told(fleet, "Failing")
    assert not await alerting(fleet, "MailboxOperatorTwoLeaders")

    await follower.terminate()
    await until_alert(fleet, "MailboxOperatorNoLeader")
    for title in ("Connected", "Failing", "Stale", "Mailboxes", "Leaders"):
        assert not await told(fleet, title), f"{title} says that all is well"


async def told(fleet: Fleet, title: str) -> Sequence[Series]:
    """Ask what a panel of one number asks."""
    panel = next(each for each in PANELS if each.title == title)
    ((expr, _),) = panel.queries()
    return await fleet.prometheus.query(expr)
