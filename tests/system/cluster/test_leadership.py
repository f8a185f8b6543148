"""The Lease is kept through an API server that is slow, refuses, or forgets; and never by two."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from aiohttp import web
from kubernetes.aio.leaderelection.leaderelectionrecord import LeaderElectionRecord

from lab.servers.scripted import answering
from lab.stand.eventually import eventually
from mailbox_operator.cluster.history import RewoundError
from mailbox_operator.cluster.leadership import Leadership, LostLeadershipError
from mailbox_operator.cluster.lease import RESUMED, SHARES, Lease
from mailbox_operator.settings.operator import LeaderElectionSection
from unit.fakes import FakeClock

TERMS: Final = LeaderElectionSection(
    lease_duration=timedelta(seconds=3),
    renew_deadline=timedelta(seconds=2),
    retry_period=timedelta(seconds=1),
)
PATIENT: Final = LeaderElectionSection(
    lease_duration=timedelta(seconds=5),
    renew_deadline=timedelta(seconds=4),
    retry_period=timedelta(seconds=1),
)
ENDS_WITHIN_SECONDS: Final = 15.0
SLOW_SECONDS: Final = 1.2
"""To these what three seconds are to the defaults: more than a retry period."""
OTHER: Final = {
    "holderIdentity": "other",
    "leaseDurationSeconds": 3,
    "acquireTime": "2026-11-23T12:00:00.000000Z",
    "renewTime": "2026-11-23T12:00:00.000000Z",
}

RECORD: Final = LeaderElectionRecord("me", "3", "2030-01-01 12:00:00", "2030-01-01 12:00:00")
"""What a replica writes that takes the Lease over."""


@dataclass
class LeaseServer:
    """An API server with one Lease, which refuses writes to a version that is not the latest.

    Attributes:
        spec: The Lease's; None if there is none.
        delay_seconds: Before each answer.
        write_delay_seconds: Before each write, whether or not somebody still waits for its answer.
        annotations: The Lease's.
        status: What it answers instead of the truth; 0 for the truth.
        asked: Methods of all requests.
    """

    spec: dict[str, Any] | None = None
    version: int = 1
    delay_seconds: float = 0.0
    write_delay_seconds: float = 0.0
    annotations: dict[str, str] = field(default_factory=dict)
    status: int = 0
    asked: list[str] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one request."""
        self.asked.append(request.method)
        await asyncio.sleep(self.delay_seconds)
        if self.status:
            return web.Response(status=self.status)
        if request.method == "GET":
            return self._lease() if self.spec else web.Response(status=404)
        body = await request.json()
        await asyncio.sleep(self.write_delay_seconds)
        if request.method == "PUT" and not self.spec:
            return web.Response(status=404)
        if request.method == "PUT" and body["metadata"]["resourceVersion"] != str(self.version):
            return web.Response(status=409)
        self.annotations = body["metadata"].get("annotations", {})
        self.write(body["spec"])
        return self._lease()

    def write(self, spec: dict[str, Any]) -> None:
        """Write the Lease, for any holder."""
        self.spec, self.version = spec, self.version + 1

    @property
    def renewals(self) -> int:
        """Count the writes that were taken."""
        return self.version - 1

    def _lease(self) -> web.Response:
        named = {"name": "x", "annotations": self.annotations}
        metadata = {**named, "resourceVersion": str(self.version)}
        return web.json_response({"metadata": metadata, "spec": self.spec})


@asynccontextmanager
async def standing(
    server: LeaseServer, terms: LeaderElectionSection = TERMS
) -> AsyncIterator[tuple[Leadership, asyncio.Future[Any]]]:
    """Stand for election as long as the block lasts; the future ends when leadership is lost."""

    async def work() -> None:
        await asyncio.Event().wait()

    async with answering(server.answer) as api:
        leadership = Leadership(Lease(terms, "mail", "me", api), terms, work)
        parts = [asyncio.create_task(part()) for part in (leadership.run, leadership.guard)]
        yield leadership, asyncio.gather(*parts)
        for part in parts:
            part.cancel()
        await asyncio.wait(parts)


@asynccontextmanager
async def leading(clock: FakeClock) -> AsyncIterator[Leadership]:
    """Lead from the start, renewed when the clock said zero, and renew no more."""

    async def work() -> None: ...

    async with answering(LeaseServer().answer) as api:
        lease = Lease(TERMS, "mail", "me", api, clock)
        lease.renewed = clock()
        yield Leadership(lease, TERMS, work, since=datetime.now(UTC))


async def leads(leadership: Leadership) -> bool:
    return leadership.is_leading


async def end_of(running: asyncio.Future[Any]) -> None:
    """Wait until leadership is lost, but not for ever."""
    async with asyncio.timeout(ENDS_WITHIN_SECONDS):
        await running


async def test_a_slow_api_server_has_a_leader_that_stays() -> None:
    server = LeaseServer(delay_seconds=SLOW_SECONDS)

    async with standing(server, PATIENT) as (leadership, running):
        await eventually(lambda: leads(leadership))
        await eventually(lambda: asyncio.sleep(0, server.renewals > 3))

        assert not running.done()


async def test_a_holder_renews_by_one_request() -> None:
    server = LeaseServer()

    async with standing(server) as (leadership, _):
        await eventually(lambda: leads(leadership))
        await eventually(lambda: asyncio.sleep(0, server.renewals > 2))

        assert server.asked == ["GET", "POST", *["PUT"] * (len(server.asked) - 2)]


async def test_a_renewal_that_was_refused_once_is_made_again() -> None:
    server = LeaseServer()

    async with standing(server) as (leadership, running):
        await eventually(lambda: leads(leadership))
        server.version += 1  # somebody annotated it
        before = server.renewals
        await eventually(lambda: asyncio.sleep(0, server.renewals > before + 1))

        assert not running.done()


async def test_a_lease_that_was_deleted_is_made_again() -> None:
    server = LeaseServer()

    async with standing(server) as (leadership, running):
        await eventually(lambda: leads(leadership))
        server.spec = None
        await eventually(lambda: asyncio.sleep(0, server.spec))

        assert not running.done()


async def test_a_leader_whose_lease_another_has_stops_at_once() -> None:
    server = LeaseServer()

    async with standing(server) as (leadership, running):
        await eventually(lambda: leads(leadership))
        server.write(OTHER)

        with pytest.raises(LostLeadershipError, match="another replica has the Lease"):
            await end_of(running)


@pytest.mark.parametrize("status", [429, 403])
async def test_a_leader_that_cannot_renew_stops(status: int) -> None:
    server = LeaseServer()

    async with standing(server) as (leadership, running):
        await eventually(lambda: leads(leadership))
        server.status = status

        with pytest.raises(LostLeadershipError):
            await end_of(running)


async def test_why_a_lease_cannot_be_read_is_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    server = LeaseServer(status=403)

    async with standing(server):
        await eventually(lambda: asyncio.sleep(0, caplog.messages))

    assert caplog.messages[0].startswith(
        "Error retrieving resource lock mailbox-operator as 403 Forbidden"
    )


async def test_a_leader_that_stops_gives_the_lease_back() -> None:
    server = LeaseServer()

    async with standing(server) as (leadership, _):
        await eventually(lambda: leads(leadership))

    assert server.spec is not None
    assert server.spec["holderIdentity"] == ""


async def test_a_lease_of_another_is_waited_for() -> None:
    server = LeaseServer(OTHER)

    async with standing(server) as (leadership, _):
        await eventually(lambda: asyncio.sleep(0, len(server.asked) > 1))
        assert not leadership.is_leading

        await eventually(lambda: leads(leadership))


async def test_a_wall_clock_that_is_set_ahead_takes_the_lease_from_nobody() -> None:
    clock, server = FakeClock(1000.0), LeaseServer(OTHER)

    async with answering(server.answer) as api:
        lease = Lease(TERMS, "mail", "me", api, clock)
        await lease.get("x", "mail")
        clock.seconds += 2.9
        await lease.get("x", "mail")

        assert not await lease.update("x", "mail", RECORD)
        assert server.spec == OTHER


async def test_a_lease_that_was_renewed_is_waited_for_from_then_on() -> None:
    clock, server = FakeClock(1000.0), LeaseServer(OTHER)

    async with answering(server.answer) as api:
        lease = Lease(TERMS, "mail", "me", api, clock)
        await lease.get("x", "mail")
        clock.seconds += 2.9
        server.write({**OTHER, "renewTime": "2026-11-23T12:00:02.000000Z"})
        await lease.get("x", "mail")
        clock.seconds += 2.9

        assert not await lease.update("x", "mail", RECORD)


async def test_a_wall_clock_that_is_set_back_waits_for_no_lease_that_expired() -> None:
    clock, server = FakeClock(1000.0), LeaseServer(OTHER)

    async with answering(server.answer) as api:
        lease = Lease(TERMS, "mail", "me", api, clock)
        await lease.get("x", "mail")
        clock.seconds += 3.0
        _, record = await lease.get("x", "mail")

        assert record.holder_identity is None
        assert await lease.update("x", "mail", RECORD)


def long_ago(age: timedelta) -> dict[str, Any]:
    """Write a Lease that nobody holds, and that was renewed so long ago."""
    renewed = (datetime.now(UTC) - age).isoformat()
    return {**OTHER, "holderIdentity": "", "renewTime": renewed}


@pytest.mark.parametrize(
    ("spec", "is_noted"),
    [
        pytest.param(long_ago(timedelta(minutes=5)), False, id="a rollout"),
        pytest.param(long_ago(timedelta(hours=2)), True, id="a backup of two hours ago"),
        pytest.param(None, True, id="no Lease"),
    ],
)
async def test_a_leader_notes_when_it_takes_over_a_lease_that_nobody_had_for_long(
    spec: dict[str, Any] | None,
    is_noted: bool,  # noqa: FBT001 - a row of the table
) -> None:
    server = LeaseServer(spec, annotations={"a": "b"} if spec else {})

    async with standing(server) as (leadership, _):
        await eventually(lambda: leads(leadership))
        resumed = leadership.lock.resumed
        written = server.renewals
        await eventually(lambda: asyncio.sleep(0, server.renewals > written))

        assert leadership.lock.resumed == resumed
        assert (resumed is not None, RESUMED in server.annotations) == (is_noted, is_noted)
        assert not spec or server.annotations["a"] == "b"


async def test_a_note_that_nobody_led_for_long_outlasts_the_leader_that_wrote_it() -> None:
    noted = "2026-11-23T12:00:00Z"
    server = LeaseServer(long_ago(timedelta(minutes=5)), annotations={RESUMED: noted})

    async with standing(server) as (successor, _):
        await eventually(lambda: leads(successor))

        assert successor.lock.resumed == datetime.fromisoformat(noted)
        assert server.annotations[RESUMED] == noted


async def test_a_leader_of_an_older_version_shares_with_nobody() -> None:
    server = LeaseServer(dict(OTHER), annotations={SHARES: "before"})

    async with answering(server.answer) as api:
        lease, seen = Lease(TERMS, "mail", "me", api), list[bool]()
        for annotations, holder in (("before", "other"), ("other", "other"), ("other", "")):
            server.annotations[SHARES] = annotations
            server.write({**OTHER, "holderIdentity": holder})
            await lease.get("x", "mail")
            seen.append(lease.is_shared)

    assert seen == [False, True, True]  # one that was given back is no older version's


async def test_who_takes_over_says_that_it_shares() -> None:
    server = LeaseServer(long_ago(timedelta(minutes=5)), annotations={SHARES: "before", "a": "b"})

    async with standing(server) as (successor, _):
        await eventually(lambda: leads(successor))

        assert successor.lock.is_shared
        assert server.annotations == {SHARES: "me", "a": "b"}


async def test_a_lease_whose_renewal_was_cut_off_is_given_back() -> None:
    server = LeaseServer()

    async with standing(server, PATIENT) as (leadership, _):
        await eventually(lambda: leads(leadership))
        server.write_delay_seconds = 0.2
        before = server.asked.count("PUT")
        await eventually(lambda: asyncio.sleep(0, server.asked.count("PUT") > before))

    assert server.spec is not None
    assert server.spec["holderIdentity"] == ""


async def test_a_leader_is_certain_as_long_as_nobody_else_can_lead() -> None:
    clock = FakeClock(1000.0)

    async with leading(clock) as leadership:
        clock.seconds += 2.9
        assert leadership.is_certain
        clock.seconds += 0.1

        assert not leadership.is_certain


async def test_a_leader_that_stood_still_stops_at_its_first_look() -> None:
    clock = FakeClock(1000.0)

    async with leading(clock) as leadership:
        clock.seconds += 60

        with pytest.raises(LostLeadershipError, match="too old"):
            await end_of(asyncio.ensure_future(leadership.guard()))


async def test_a_replica_that_does_not_lead_speaks_for_nobody() -> None:
    async with leading(FakeClock()) as leadership:
        leadership.since = None

        assert not leadership.is_certain


async def test_a_lease_that_is_older_than_before_ends_the_leader() -> None:
    server = LeaseServer(version=100)

    async with standing(server) as (leadership, running):
        await eventually(lambda: leads(leadership))
        server.version = 50

        with pytest.raises(RewoundError, match="etcd was restored"):
            await end_of(running)


async def test_a_lease_that_is_older_than_before_ends_a_replica_that_waits() -> None:
    server = LeaseServer(OTHER, version=100)

    async with standing(server) as (_, running):
        await eventually(lambda: asyncio.sleep(0, server.asked))
        server.version = 50

        with pytest.raises(RewoundError):
            await end_of(running)


async def test_others_wait_for_a_lease_no_shorter_than_its_holder_works() -> None:
    server = LeaseServer()
    terms = TERMS.model_copy(update={"lease_duration": timedelta(seconds=2.5)})

    async with standing(server, terms) as (leadership, _):
        await eventually(lambda: leads(leadership))

    assert server.spec is not None
    assert server.spec["leaseDurationSeconds"] == 3
