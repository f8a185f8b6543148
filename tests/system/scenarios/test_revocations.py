"""Nothing is revoked or deleted by an operator that does not know everything yet."""

from contextlib import AsyncExitStack
from typing import Final

import pytest

from lab.stand.eventually import eventually
from lab.stand.installation import Installation
from lab.stand.kept import kept
from lab.stand.operator_process import Operator
from lab.stand.world import QUICK, World
from system.scenarios.restored import Site

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]

QUESTIONS: Final = "selfsubjectaccessreviews"
APPROVED: Final = {"revocation-approved": "true"}
MANY: Final = 40
"""Questions of more than three rounds, two seconds apart; to lead takes one."""


@pytest.mark.parametrize("resource", ["mailboxes", "managedinfrastructures", "namespaces"])
async def test_no_grant_is_revoked_before_every_kind_was_listed(
    world: World, installation: Installation, resource: str
) -> None:
    home, revocations = installation.namespace, world.oauth.ledger.revocations
    await installation.cluster.apply(kept(home, f"{home}/{resource}", APPROVED))
    path = installation.write_configuration(world.configuration(leaderElection=QUICK))
    before, known = asked(installation), len(revocations)
    async with AsyncExitStack() as lack:
        await lack.enter_async_context(installation.lacking(resource, "list"))
        async with Operator.run(installation, path) as operator:
            site = Site(installation.cluster, operator)

            async def questions() -> int:
                return asked(installation) - before

            await eventually(questions, lambda seen: seen > MANY, 60, operator.tail)
            assert (len(revocations), len(await site.grants())) == (known, 1)

            await lack.aclose()
            await eventually(site.grants, lambda found: not found, 30, operator.tail)
            assert revocations[known:] == [f"1//{resource}"]


def asked(installation: Installation) -> int:
    """Count the questions of an operator what it may do."""
    home = installation.namespace
    found = installation.cluster.plane.requests(home, home)
    return sum(each.resource == QUESTIONS for each in found)
