"""A replica whose node has a wrong clock ends no grant early, and says that the clock is wrong."""

import shutil
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.kept import kept
from lab.stand.nodes import Node
from lab.stand.operator_process import Operator
from lab.stand.world import World
from system.scenarios.restored import FATE, Site

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="there is no C compiler"),
]

AHEAD_SECONDS: Final = 25 * 3600
PEOPLE: Final = ("ana", "jane", "john", "kim", "lou")
"""As many as may go within an hour, so the brake holds nothing."""

SOON: Final = timedelta(seconds=5)
"""A Secret that was created after its note is one from a backup."""

TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
IN_GRACE: Final = 'mailbox_operator_orphaned_grants{fate="Grace"}'
CLOCK: Final = "mailbox_operator_clock_ahead_seconds"


async def test_a_leader_whose_clock_is_a_day_ahead_revokes_and_deletes_nothing(
    world: World, installation: Installation, tmp_path: Path
) -> None:
    home, since = installation.namespace, (datetime.now(UTC) + SOON).strftime(TIME_FORMAT)
    gone = (kept(home, f"{home}/{name}", {"orphaned-since": since}) for name in PEOPLE)
    await installation.cluster.apply(*gone)
    node = Node.of(tmp_path, "ahead")
    node.step(AHEAD_SECONDS)
    path = installation.write_configuration(world.configuration(grants={}))

    async with Operator.run(installation, path, **node.variables) as operator:
        await eventually(operator.metrics, looked, within=30, tell=operator.tail)

        grants = (await Site(installation.cluster, operator).grants()).values()
        assert {each["metadata"]["annotations"][FATE] for each in grants} == {"Grace"}
        assert world.oauth.ledger.revocations == []
        metrics = await operator.metrics()
        assert metrics[CLOCK] == pytest.approx(AHEAD_SECONDS, abs=60)
        (line,) = operator.lines("clock differs from the API server's")
        assert line["seconds_ahead"] == pytest.approx(AHEAD_SECONDS, abs=60)

        node.step(0)
        await eventually(operator.metrics, lambda found: found[CLOCK] == 0, 30, operator.tail)


def looked(metrics: Mapping[str, float]) -> bool:
    """Say whether all grants were looked at, and wait."""
    return metrics.get(IN_GRACE) == len(PEOPLE)
