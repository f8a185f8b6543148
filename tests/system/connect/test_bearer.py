"""Access tokens are kept in memory while they are good, and never longer."""

import asyncio

import pytest

from lab.attempts import refusal, until
from lab.servers.smtp import Behaviour, Stage
from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.consent import Redeemed
from mailbox_operator.decide.words import Provider
from system.connect.cases import JANE, UID, case
from system.connect.oauth import World, challenge

HOUR = 3599


def mailbox(version: str = "1") -> Case:
    return case(Provider.GOOGLE, version=version)


@pytest.mark.parametrize(
    ("seconds", "requests"), [(0, 1), (HOUR - 121, 1), (HOUR - 120, 2), (HOUR, 2)]
)
async def test_the_bearer_keeps_a_token_until_shortly_before_it_expires(
    world: World, seconds: float, requests: int
) -> None:
    await world.google.connect(mailbox())
    world.clock.seconds += seconds

    await world.google.connect(mailbox())

    assert world.tally == (requests, 2)


async def test_the_bearer_keeps_no_token_that_expires_at_once(world: World) -> None:
    world.knows(lifetime_seconds=60)

    await world.google.connect(mailbox())
    await world.google.connect(mailbox())

    assert world.tally == (2, 2)


async def test_the_bearer_drops_a_token_when_the_inputs_change(world: World) -> None:
    await world.google.connect(mailbox())

    await world.google.connect(mailbox("2"))

    assert world.tally == (2, 2)


@pytest.mark.parametrize("status", ["400", "401"])
async def test_the_bearer_replaces_a_kept_token_that_is_refused(world: World, status: str) -> None:
    await world.google.connect(mailbox())
    world.refuses(challenge(status), None)

    await world.google.connect(mailbox())

    assert world.tally == (2, 3)


@pytest.mark.parametrize(
    ("status", "reason"), [("400", Reason.IDENTITY_MISMATCH), ("401", Reason.GRANT_REVOKED)]
)
async def test_the_bearer_replaces_a_kept_token_once(
    world: World, status: str, reason: Reason
) -> None:
    await world.google.connect(mailbox())
    world.refuses(*[challenge(status), None] * 5)

    fault = await refusal(world.google.connect(mailbox()))

    assert (fault.reason, world.tally) == (reason, (2, 3))


async def test_the_bearer_keeps_the_token_when_something_else_is_wrong(world: World) -> None:
    await world.google.connect(mailbox())
    world.refuses(b"454 4.7.0 Temporary authentication failure")

    fault = await refusal(world.google.connect(mailbox()))
    await world.google.connect(mailbox())

    assert (fault.reason, world.tally) == (Reason.PROVIDER_UNAVAILABLE, (1, 3))


async def test_the_bearer_replaces_a_kept_token_that_expired_meanwhile(world: World) -> None:
    """Fetching the token of another mailbox clears the expired ones away."""
    await world.google.connect(mailbox())
    slow = Behaviour(replies={Stage.AUTH: (challenge("401"), None)}, latency_seconds=0.2)
    world.mail.behaviour = slow
    refused = asyncio.create_task(world.google.connect(mailbox()))
    await until(lambda: world.mail.attempts[-1].stage is Stage.AUTH and world.mail.auths == 2)

    world.clock.seconds += HOUR
    await world.google.connect(case(Provider.GOOGLE, uid="another"))

    assert (await refused).endpoint == world.google.endpoints.smtp.endpoint


async def test_the_bearer_keeps_the_tokens_of_mailboxes_apart(world: World) -> None:
    await world.google.connect(mailbox())

    await world.google.connect(case(Provider.GOOGLE, uid="another"))

    assert world.tally == (2, 2)
    assert world.mail.most_open_of_one_user == 1


async def test_tokens_that_expired_are_forgotten_whoever_logs_in(world: World) -> None:
    await world.google.connect(mailbox())
    await world.google.connect(case(Provider.GOOGLE, uid="deleted"))
    world.clock.seconds += HOUR

    await world.google.connect(mailbox())

    assert len(world.bearers._kept) == 1  # noqa: SLF001 - memory shows nowhere else


async def test_a_token_is_good_for_a_day_at_the_most(world: World) -> None:
    world.knows(lifetime_seconds=10**12)
    await world.google.connect(mailbox())
    world.clock.seconds += 24 * 3600

    await world.google.connect(mailbox())

    assert world.tally == (2, 2)


async def test_a_grant_is_not_lost_where_other_sessions_go_first(world: World) -> None:
    servers = world.bearers.smtp.network.servers
    servers.each, servers.patience_seconds = 1, 0.01
    await servers.enter("127.0.0.1", "another")
    redeemed = Redeemed("new", "new", "", JANE, "1", "app")

    fault = await refusal(world.google.prove(mailbox(), redeemed))

    assert fault.reason is Reason.PROVIDER_UNAVAILABLE
    servers.leave("127.0.0.1", "another")


async def test_the_bearer_shows_no_token(world: World) -> None:
    await world.google.connect(mailbox())

    assert UID not in repr(world.bearers)


def not_ours() -> None:
    raise Postponed("the Lease may be another replica's by now")


async def test_fetches_no_token_where_another_replica_may_lead(world: World) -> None:
    world.bearers.tenure = not_ours

    with pytest.raises(Postponed):
        await world.google.connect(mailbox())

    assert world.tally == (0, 0)


async def test_the_bearer_logs_in_with_no_kept_token_where_another_replica_may_lead(
    world: World,
) -> None:
    await world.google.connect(mailbox())
    world.bearers.tenure = not_ours

    with pytest.raises(Postponed):
        await world.google.connect(mailbox())

    assert world.tally == (1, 1)


async def test_a_consent_is_tried_by_a_replica_that_does_not_lead(world: World) -> None:
    world.bearers.tenure = not_ours

    await refusal(world.google.prove(mailbox(), Redeemed("new", "new", "", JANE, "1", "app")))

    assert world.tally == (0, 1)


async def test_the_bearer_hands_the_kept_token_on_where_it_lasts(world: World) -> None:
    await world.google.connect(mailbox())

    record = await world.google.access(mailbox(), after=0)

    assert record.login == JANE
    assert record.token
    assert world.tally == (1, 1)


async def test_the_bearer_hands_a_new_token_on_where_the_kept_one_expires_too_early(
    world: World,
) -> None:
    first = await world.google.access(mailbox(), after=0)
    world.clock.seconds += 60

    record = await world.google.access(mailbox(), after=first.expires_at)

    assert record.expires_at > first.expires_at
    assert world.tally == (2, 0)


async def test_the_bearer_hands_no_token_on_that_expires_at_once(world: World) -> None:
    world.knows(lifetime_seconds=60)

    with pytest.raises(Postponed):
        await world.google.access(mailbox(), after=0)
