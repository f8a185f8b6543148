"""No grant is revoked by a replica whose Lease may be another one's by now."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from aiohttp import web

from lab.servers.scripted import answering
from mailbox_operator.cluster.leadership import Leadership
from mailbox_operator.cluster.lease import Lease
from mailbox_operator.consent.revoking import Revoking
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Provider
from mailbox_operator.settings.operator import LeaderElectionSection
from unit.consent.stage import FakeAuthorizer
from unit.fakes import FakeClock

TERMS = LeaderElectionSection()


@dataclass(frozen=True, slots=True)
class Leader:
    """A replica that renewed its Lease when the clock said zero, and its provider."""

    leadership: Leadership
    clock: FakeClock
    provider: FakeAuthorizer
    revoke: Revoking


@pytest.fixture
async def leader() -> AsyncIterator[Leader]:
    async def silent(_: web.Request) -> web.Response:
        return web.Response(status=503)

    async def work() -> None: ...

    clock, provider = FakeClock(), FakeAuthorizer()
    async with answering(silent) as api:
        lease = Lease(TERMS, "mail", "me", api, clock)
        lease.renewed = clock()
        leadership = Leadership(lease, TERMS, work, since=datetime.now(UTC))
        revoke = Revoking({Provider.GOOGLE: provider}, lambda: leadership.is_certain)
        yield Leader(leadership, clock, provider, revoke)


async def test_a_leader_revokes_while_nobody_else_can_lead(leader: Leader) -> None:
    leader.clock.seconds = TERMS.lease_duration.total_seconds() - 0.1

    await leader.revoke(Provider.GOOGLE, "token")

    assert leader.provider.revoked == ["token"]


async def test_a_leader_that_stood_still_revokes_nothing(leader: Leader) -> None:
    leader.clock.seconds = TERMS.lease_duration.total_seconds()

    with pytest.raises(Fault) as caught:
        await leader.revoke(Provider.GOOGLE, "token")

    assert (caught.value.reason, leader.provider.revoked) == (Reason.PROVIDER_UNAVAILABLE, [])


async def test_a_replica_that_does_not_lead_revokes_nothing(leader: Leader) -> None:
    leader.leadership.since = None

    with pytest.raises(Fault):
        await leader.revoke(Provider.GOOGLE, "token")

    assert leader.provider.revoked == []
