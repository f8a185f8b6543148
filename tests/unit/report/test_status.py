"""What is written to the API server, over real HTTP, and what becomes of a status it does not take."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

import pytest
from aiohttp import web
from kubernetes.aio import client

from lab.stand.eventually import eventually
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import parse_mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.status.capacity import Capacity
from mailbox_operator.decide.status.conditions import Condition, Endpoint, Status, render_status
from mailbox_operator.decide.words import Kind, Security
from mailbox_operator.places import Places
from mailbox_operator.report.events.correlator import EventType
from mailbox_operator.report.status.desk import QUICK_TRIES
from mailbox_operator.report.status.publisher import NOT_WRITTEN, StatusPublisher
from unit.make import key, mailbox, seen

JANE: Final = key("jane")
UID: Final = mailbox().uid
LOST: Final = Status(1, (Condition("Ready", "False", "ConnectionRefused", "", 1, ""),))
FINE: Final = Status(1, (Condition("Ready", "True", "Connected", "", 1, ""),))
COUNTED: Final = Condition("Capacity", "True", "WithinLimits", "", 1, "")
PROGRESSING: Final = Status(
    1,
    (
        Condition("Ready", "Unknown", "Progressing", "", 1, ""),
        Condition("Reconciling", "True", "Progressing", "", 1, ""),
    ),
)


@dataclass
class Cluster:
    """An API server in small, and all that the publisher tells.

    Attributes:
        answers: HTTP statuses of the next answers; 200 when there are no more.
        open: Set unless answers are held back.
        patched: Names and statuses that came, refused ones included.
        versions: The resourceVersions that they were to replace.
        known: Objects as the watch has reported them; others are as `of` makes them.
        stored: What is listed; objects may not be read one by one.
        contradicted: Objects that another writer gave a status.
    """

    answers: deque[int] = field(default_factory=deque)
    open: asyncio.Event = field(default_factory=asyncio.Event)
    patched: list[tuple[str, Any]] = field(default_factory=list)
    refusals: list[int] = field(default_factory=list)
    transitions: list[Status] = field(default_factory=list)
    events: list[str] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)
    known: dict[Key, Subject] = field(default_factory=dict)
    stored: dict[str, Any] = field(default_factory=dict)
    contradicted: list[Key] = field(default_factory=list)

    async def read(self, request: web.Request) -> web.Response:
        is_listed = request.path.endswith("/mailboxes") and "metadata.name" in request.query_string
        return web.json_response({"items": [self.stored]}, status=200 if is_listed else 403)

    def present(self, key: Key) -> Subject | None:
        return self.known.get(key, of(key.name).subject)

    async def patch(self, request: web.Request) -> web.Response:
        _, version, change = await request.json()
        self.versions.append(version["value"])
        self.patched.append((request.path.split("/")[-2], change["value"]))
        await self.open.wait()
        body = stored(request.path.split("/")[-2], str(int(version["value"]) + 1), change["value"])
        return web.json_response(body, status=self.answers.popleft() if self.answers else 200)

    def written(self, kind: Kind, body: Mapping[str, Any]) -> None:
        subject = parse_mailbox(body)
        self.known[subject.key] = subject

    def transition(self, seen: Seen, status: Status) -> None:
        self.transitions.append(status)

    def tell(self, subject: Subject, reason: str, message: str, event_type: EventType) -> None:
        self.events.append(reason)

    async def until_patched(self, times: int) -> None:
        async def look() -> int:
            return len(self.patched)

        await eventually(look, lambda count: count >= times)


def stored(name: str, version: str, status: Mapping[str, Any]) -> dict[str, Any]:
    """Return a mailbox as the API server tells of it."""
    metadata = {"name": name, "namespace": JANE.namespace, "uid": UID, "resourceVersion": version}
    return {"metadata": metadata, "spec": {}, "status": status}


@pytest.fixture
def cluster() -> Cluster:
    made = Cluster()
    made.open.set()
    return made


@pytest.fixture
async def publisher(cluster: Cluster) -> AsyncIterator[StatusPublisher]:
    app = web.Application()
    app.router.add_patch("/{path:.*}", cluster.patch)
    app.router.add_get("/{path:.*}", cluster.read)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    configuration = client.Configuration(host=f"http://{host}:{port}")
    async with ApiServer(client.ApiClient(configuration)) as api:
        made = StatusPublisher(
            api, cluster.present, cluster.written, cluster, cluster.refusals.append
        )
        made.waits, made.on_contradicted = (0.01,), cluster.contradicted.append
        running = asyncio.create_task(made.run())
        yield made
        running.cancel()
        await asyncio.wait([running])
        cluster.open.set()
    await runner.cleanup()


def of(name: str = "jane", status: Status = LOST) -> Seen:
    """See a mailbox of that name."""
    return seen(mailbox(key=key(name), status=status), status)


async def test_a_verdict_is_written_and_told(cluster: Cluster, publisher: StatusPublisher) -> None:
    publisher.publish(of(), FINE)
    await publisher.shown(JANE)

    assert cluster.patched == [("jane", render_status(FINE))]
    assert cluster.transitions == [FINE]


async def test_a_status_that_stands_is_not_written(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    publisher.publish(of("john", FINE), FINE)
    publisher.publish(of(), FINE)
    await publisher.shown(JANE)

    assert [name for name, _ in cluster.patched] == ["jane"]


async def test_an_announcement_that_is_overtaken_is_not_written(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    publisher.announce(of(), PROGRESSING)
    publisher.withdraw(JANE)
    publisher.publish(of(), FINE)
    await publisher.shown(JANE)

    assert cluster.patched == [("jane", render_status(FINE))]


async def test_an_announcement_is_written_after_a_moment_and_told_to_nobody(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    publisher.announce(of(), PROGRESSING)
    await cluster.until_patched(1)

    assert cluster.patched == [("jane", render_status(PROGRESSING))]
    assert cluster.transitions == []


async def test_what_is_wanted_during_a_write_follows_it_even_if_it_stood_before(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    cluster.known[JANE] = of(status=FINE).subject
    cluster.open.clear()
    publisher.announce(of(status=FINE), PROGRESSING)
    await cluster.until_patched(1)

    publisher.withdraw(JANE)
    publisher.publish(of(status=FINE), FINE)
    cluster.open.set()
    await publisher.shown(JANE)

    assert [status for _, status in cluster.patched] == [
        render_status(PROGRESSING),
        render_status(FINE),
    ]


async def test_the_latest_of_several_verdicts_wins(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    cluster.open.clear()
    publisher.publish(of(), FINE)
    await cluster.until_patched(1)

    for host in ("one", "two", "three"):
        endpoint = Endpoint(host, 587, Security.STARTTLS)
        publisher.publish(of(), replace(FINE, endpoint=endpoint))
    cluster.open.set()
    await publisher.shown(JANE)

    assert [status.get("endpoint", {}).get("host") for _, status in cluster.patched] == [
        None,
        "three",
    ]


@pytest.mark.parametrize("code", [403, 413, 422, 500])
async def test_a_status_that_is_refused_goes_back_to_the_schedule_and_is_told_once(
    cluster: Cluster, publisher: StatusPublisher, code: int
) -> None:
    cluster.answers.extend([code] * (2 * QUICK_TRIES))

    publisher.publish(of(), FINE)
    await publisher.shown(JANE)
    assert publisher.unwritten == 1

    await cluster.until_patched(2 * QUICK_TRIES + 1)
    await publisher.shown(JANE)
    assert cluster.events == [NOT_WRITTEN]
    assert cluster.refusals == [code] * (2 * QUICK_TRIES)


async def test_a_status_that_is_refused_holds_nobody_else_up(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    publisher.waits = (3600,)
    cluster.answers.append(500)
    publisher.publish(of("big"), FINE)
    await cluster.until_patched(1)

    publisher.publish(of(), FINE)
    await publisher.shown(JANE)

    assert cluster.transitions == [FINE]


async def test_a_status_of_an_object_that_is_gone_is_dropped(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    cluster.answers.append(404)

    publisher.publish(of(), FINE)
    await publisher.shown(JANE)

    assert (len(cluster.patched), cluster.transitions) == (1, [])


async def test_refusals_of_an_object_do_not_hold_up_its_namesake(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    publisher.waits = (3600,)
    cluster.answers.append(422)
    publisher.publish(of(), FINE)
    await cluster.until_patched(1)

    successor = cluster.known[JANE] = mailbox(key=JANE, uid="another", status=LOST)
    publisher.publish(seen(successor, LOST), FINE)
    await publisher.shown(JANE)

    assert cluster.transitions == [FINE]


async def test_nothing_is_written_to_an_object_that_is_gone(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    publisher.announce(of(), PROGRESSING)
    publisher.forget(JANE)
    publisher.publish(of("last"), FINE)
    await publisher.shown(key("last"))

    assert [name for name, _ in cluster.patched] == ["last"]


async def test_the_same_verdict_on_other_inputs_is_one_write_for_many_changes(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    publisher.bookkeeping_seconds = 0.2
    cluster.known[JANE] = of(status=FINE).subject

    for version in ("a", "b", "c"):
        publisher.withdraw(JANE)
        publisher.publish(of(status=FINE), replace(FINE, secret_version=version))
        await publisher.shown(JANE)
    await cluster.until_patched(1)

    assert [status["secretVersion"] for _, status in cluster.patched] == ["c"]


async def test_a_status_is_written_over_the_version_that_was_seen_last(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    cluster.known[JANE] = mailbox(key=JANE, status=LOST, version="41")

    publisher.publish(of(), FINE)
    await publisher.shown(JANE)

    assert cluster.versions == ["41"]


async def test_a_status_is_not_written_over_that_of_another_writer(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    cluster.known[JANE] = mailbox(key=JANE, status=replace(LOST, consent_url="https://x"))

    publisher.publish(of(), FINE)
    await publisher.shown(JANE)

    assert (cluster.patched, cluster.contradicted) == ([], [JANE])


async def test_a_status_that_another_writer_gave_unseen_is_read_and_not_written_over(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    cluster.answers.append(409)
    cluster.stored = stored("jane", "9", render_status(PROGRESSING))

    publisher.publish(of(), FINE)
    await publisher.shown(JANE)

    assert (len(cluster.patched), cluster.contradicted) == (1, [JANE])


async def test_a_status_is_written_although_something_else_of_the_object_changed_unseen(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    cluster.answers.append(409)
    cluster.stored = stored("jane", "9", render_status(LOST))

    publisher.publish(of(), FINE)
    await publisher.shown(JANE)

    assert (cluster.versions, cluster.contradicted) == (["7", "9"], [])


async def test_a_status_whose_answer_was_lost_is_found_out_and_told(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    cluster.answers.append(500)
    publisher.waits = (0.2,)
    publisher.publish(of(), FINE)
    await cluster.until_patched(1)

    cluster.known[JANE] = of(status=FINE).subject
    await publisher.shown(JANE)

    assert (len(cluster.patched), cluster.transitions) == (1, [FINE])


async def test_a_verdict_follows_an_announcement_of_its_own(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    cluster.open.clear()
    publisher.announce(of(), PROGRESSING)
    await cluster.until_patched(1)

    publisher.publish(of(), FINE)
    cluster.open.set()
    await publisher.shown(JANE)

    assert [status for _, status in cluster.patched] == [
        render_status(PROGRESSING),
        render_status(FINE),
    ]
    assert cluster.contradicted == []


async def test_a_status_that_comes_back_during_its_write_is_known_as_our_own(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    cluster.open.clear()
    publisher.publish(of(), FINE)
    await cluster.until_patched(1)

    assert publisher.is_own(JANE, FINE)
    assert not publisher.is_own(JANE, PROGRESSING)


async def test_a_replica_that_may_not_lead_any_more_writes_no_status_until_it_does(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    looks: list[bool] = [True, False]
    publisher.is_certain = lambda: looks.pop() if looks else True

    publisher.publish(of(), FINE)
    await publisher.shown(JANE)

    assert (cluster.patched, looks) == ([("jane", render_status(FINE))], [])


async def test_statuses_that_wait_in_line_are_no_tasks(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    cluster.open.clear()
    before = len(asyncio.all_tasks())

    for number in range(500):
        publisher.publish(of(f"jane-{number}"), FINE)

    assert len(asyncio.all_tasks()) - before <= publisher.places.total
    cluster.open.set()
    await asyncio.gather(*(publisher.shown(key(f"jane-{number}")) for number in range(500)))
    assert len(cluster.patched) == 500


async def test_a_verdict_taken_back_in_line_is_not_written_and_the_next_one_is(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    publisher.places = Places(1, reserved=False)
    cluster.open.clear()
    publisher.publish(of("first"), FINE)
    publisher.publish(of(), FINE)
    publisher.publish(of("last"), FINE)
    await cluster.until_patched(1)

    publisher.publish(of(), LOST)
    cluster.open.set()
    await publisher.shown(key("last"))

    assert [name for name, _ in cluster.patched] == ["first", "last"]


async def test_an_object_that_is_gone_before_its_turn_is_not_written_to(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    async def in_use() -> int:
        return publisher.places.in_use

    publisher.publish(of(), FINE)
    publisher.forget(JANE)
    publisher.publish(of("john"), FINE)
    await publisher.shown(key("john"))

    assert [name for name, _ in cluster.patched] == ["john"]
    await eventually(in_use, lambda count: count == 0)


def counted(status: Status) -> Status:
    """Have a status say how much of a limit is used, as well."""
    said = (*status.conditions, COUNTED)
    return replace(status, conditions=said, capacity=Capacity(10, 1, 9))


async def test_a_count_is_written_and_told_to_nobody(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    assert publisher.count(of(), counted(LOST))
    await cluster.until_patched(1)

    assert cluster.patched == [("jane", render_status(counted(LOST)))]
    assert cluster.transitions == []


async def test_a_count_waits_while_anything_else_is_wanted(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    publisher.announce(of(), PROGRESSING)

    assert not publisher.count(of(), counted(LOST))
    assert publisher.count(of("john"), counted(LOST))
    await cluster.until_patched(2)

    assert dict(cluster.patched)["jane"] == render_status(PROGRESSING)


@pytest.mark.parametrize("verdict", [FINE, LOST], ids=["another verdict", "the same verdict"])
async def test_a_verdict_during_the_write_of_a_count_does_not_erase_it(
    cluster: Cluster, publisher: StatusPublisher, verdict: Status
) -> None:
    cluster.open.clear()
    publisher.count(of(), counted(LOST))
    await cluster.until_patched(1)

    publisher.publish(of(), verdict)
    cluster.open.set()
    await publisher.shown(JANE)

    assert cluster.known[JANE].status == counted(verdict)
    assert cluster.contradicted == []


async def test_an_announcement_during_the_write_of_a_count_follows_it(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    cluster.open.clear()
    publisher.count(of(), counted(LOST))
    await cluster.until_patched(1)

    publisher.announce(of(), PROGRESSING)
    cluster.open.set()
    await cluster.until_patched(2)

    assert cluster.patched[-1] == ("jane", render_status(counted(PROGRESSING)))


async def test_a_verdict_in_place_of_a_count_that_is_not_written_yet_says_it_too(
    cluster: Cluster, publisher: StatusPublisher
) -> None:
    publisher.count(of(), counted(LOST))
    publisher.publish(of(), FINE)
    await publisher.shown(JANE)

    assert cluster.patched == [("jane", render_status(counted(FINE)))]
    assert cluster.transitions == [counted(FINE)]
