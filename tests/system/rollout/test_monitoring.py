"""The chart in a cluster that has the kinds of the Prometheus Operator, the real ones."""

from typing import Final

import pytest
import pytest_asyncio
import yaml

from lab.controlplane.plane import ControlPlane
from system.chart.prometheus import definitions
from system.rollout.site import Site

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

KINDS: Final = "servicemonitors,podmonitors,prometheusrules"
BOARDS: Final = ("--selector=grafana_dashboard=1",)
NAME: Final = "--output=name"


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def monitored(blank: ControlPlane, site: Site) -> Site:
    """The site, after an install with no word about monitoring."""
    kinds = yaml.safe_dump_all(definitions())
    blank.kubectl("apply", "--server-side", "-f", "-", input=kinds)
    blank.kubectl("wait", "--for=condition=Established", "-f", "-", input=kinds)
    (await site.install()).well()
    return site


async def test_one_command_installs_monitor_rules_and_dashboards(
    blank: ControlPlane, monitored: Site
) -> None:
    found = blank.kubectl("get", KINDS, "--all-namespaces", NAME).split()
    boards = blank.kubectl("get", "configmaps", "--all-namespaces", *BOARDS, NAME).split()

    assert [each.partition(".")[0] for each in found] == ["servicemonitor", "prometheusrule"]
    assert [each.rpartition("-")[2] for each in boards] == ["fleet", "operator"]


async def test_an_uninstall_leaves_no_monitor_rule_or_dashboard(
    blank: ControlPlane, monitored: Site
) -> None:
    (await monitored.operator.run("uninstall", "mailbox-operator", "--wait")).well()

    assert blank.kubectl("get", KINDS, "--all-namespaces", NAME) == ""
