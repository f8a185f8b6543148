"""kopf reaches the API server as the operator does, survives what it answers, and is heard."""

import asyncio
import ssl
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import monotonic
from typing import Any, Final

import kopf
import pytest
from aiohttp import web

from lab.controlplane import kubeconfig
from lab.controlplane.kubeconfig import Endpoint, Login
from lab.controlplane.plane import ControlPlane
from lab.servers.gateway import FINE, Gateway, Weather
from lab.stand.eventually import eventually
from lab.stand.manifests import mailbox
from lab.stand.specs import SMTP
from mailbox_operator.cluster.apiserver import ApiServer, connect
from mailbox_operator.cluster.lease import Lease
from mailbox_operator.cluster.paths import VERSION, object_path
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.decide.cluster.watch_signs import FIRST_SECONDS, HELD_BACK
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.names import GROUP
from mailbox_operator.decide.words import Kind
from mailbox_operator.settings.operator import LeaderElectionSection
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.connection import kopf_session
from mailbox_operator.watch.handlers import NoMemo, operator_settings, register
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.refs import Name, Topic
from mailbox_operator.watch.store import Store
from mailbox_operator.watch.stream import Stream
from mailbox_operator.watch.takes import takes

pytestmark = pytest.mark.cluster

WATCH: Final = "watch=true"
LASTS: Final = f"timeoutSeconds={FIRST_SECONDS}"
MAILBOXES: Final = object_path(Kind.MAILBOX)
UNREADABLE: Final = "unreadable"


class Nobody:
    def changed(self, key: Key, change: Change) -> None: ...

    def gone(self, key: Key) -> None: ...

    def oversize(self, subject: Subject) -> None: ...


@dataclass(frozen=True)
class Stage:
    """kopf, its API server, and what is between.

    Attributes:
        reached: What became a task of kopf's: names of Mailboxes and namespaces.
    """

    gateway: Gateway
    hearing: Hearing
    store: Store
    plane: ControlPlane
    namespace: str
    running: asyncio.Task[None]
    late: list[float]
    told: list[Name]
    reached: list[str]

    def asked(self) -> int:
        """Count the requests for Mailboxes."""
        return sum(f"{MAILBOXES}?" in each for each in self.gateway.asked)

    def pass_seconds(self, seconds: float) -> None:
        """Let so much time pass for the hearing."""
        self.late[0] += seconds

    async def until_listening(self) -> None:
        """Wait until Mailboxes are listed and watched."""
        await eventually(lambda: asyncio.sleep(0, self.asked() > 1), within=30)

    async def until_all_tried(self) -> None:
        """Wait until each watch, or the listing before it, was asked for once more."""
        before = len(self.gateway.asked)

        async def tried() -> bool:
            asked = self.gateway.asked[before:]
            return all(any(f"{path}?" in each for each in asked) for path in Scope().followed)

        await eventually(tried, within=40)

    def listings(self) -> int:
        """Count the requests for pages of Mailboxes."""
        asked = [each for each in self.gateway.asked if f"{MAILBOXES}?" in each]
        return sum(WATCH not in each for each in asked)

    async def create(self, name: str) -> None:
        """Create a Mailbox."""
        declared = {**mailbox(SMTP, name)}
        declared["metadata"] = {"name": name, "namespace": self.namespace}
        await asyncio.to_thread(self.plane.apply, declared)

    async def hears_of(self, name: str) -> None:
        """Create a Mailbox, and wait until that arrives."""
        await self.create(name)
        await self.arrives(name)

    async def arrives(self, name: str) -> None:
        """Wait until a Mailbox is known."""

        async def heard() -> Subject | None:
            return self.store.subject(Key(Kind.MAILBOX, self.namespace, name))

        await eventually(heard, within=40)


@asynccontextmanager
async def api_behind(gateway: Gateway, plane: ControlPlane, path: Path) -> AsyncIterator[ApiServer]:
    assert plane.servers is not None
    login = Login("admin", plane.servers.layout.admin_token)
    kubeconfig.write(path, Endpoint(gateway.url, plane.ca), login)
    async with await connect(str(path)) as api:
        yield api


def reaching(registry: kopf.OperatorRegistry) -> list[str]:
    """Note the names of what reaches a handler of kopf's."""
    reached = list[str]()

    @kopf.on.event("", "v1", "namespaces", registry=registry)
    @kopf.on.event(GROUP, VERSION, "mailboxes", registry=registry)
    async def told(name: str, **_: Any) -> None:
        reached.append(name)

    return reached


@pytest.fixture
async def stage(plane: ControlPlane, namespace: str, tmp_path: Path) -> AsyncIterator[Stage]:
    tls = ssl.create_default_context(cafile=plane.ca)
    async with (
        Gateway.running(plane.url, tls) as gateway,
        api_behind(gateway, plane, tmp_path / "kubeconfig") as api,
    ):
        late = [0.0]
        hearing, scope, store = Hearing(lambda: monotonic() + late[0]), Scope(), Store("operators")
        for each in scope.followed:
            hearing.want(each)
        registry, stop = kopf.OperatorRegistry(), threading.Event()

        async def stopped() -> None: ...

        told: list[Name] = []

        def heard(name: Name) -> None:
            told.append(name)
            if isinstance(name, Key) and name.name == UNREADABLE:
                raise LookupError(name)

        intake = Intake(store, Nobody(), on_heard=heard)
        session = partial(kopf_session, api, Stream(hearing, takes(intake, scope)))
        reached = reaching(registry)
        register(registry, intake, scope, gateway.url, session, stopped)
        settings, lock = operator_settings(), Lease(LeaderElectionSection(), "mail", "tests", api)

        def run() -> None:  # in a loop of its own: kopf would take our tasks for its own
            asyncio.run(
                kopf.operator(
                    registry=registry,
                    settings=settings,
                    identity=lock.identity,
                    memo=NoMemo(),
                    clusterwide=True,
                    standalone=True,
                    stop_flag=stop,
                )
            )

        running = asyncio.create_task(asyncio.to_thread(run))
        # kopf makes its loggers when it starts, and pytest walks through all when a test begins
        await eventually(lambda: asyncio.sleep(0, list(gateway.asked)), within=30)
        yield Stage(gateway, hearing, store, plane, namespace, running, late, told, reached)
        stop.set()
        await asyncio.wait([running])


async def test_watched_objects_arrive_and_the_watch_counts_as_heard(stage: Stage) -> None:
    await stage.until_listening()

    await stage.hears_of("first")

    assert stage.hearing.troubles() == []


async def test_the_counter_of_events_hears_of_objects_and_namespaces(stage: Stage) -> None:
    await stage.until_listening()

    await stage.hears_of("first")

    names: set[Name] = {(Topic.NAMESPACE, "", stage.namespace)}
    names.add(Key(Kind.MAILBOX, stage.namespace, "first"))
    await eventually(lambda: asyncio.sleep(0, names <= set(stage.told)))


async def test_kopf_starts_no_task_for_what_is_listed_and_watched(stage: Stage) -> None:
    """If this fails with a new kopf, it reads pages or watches otherwise: see watch/stream.py."""
    await stage.until_listening()

    await stage.hears_of("first")
    await stage.hears_of("second")

    assert stage.reached == []


async def test_what_is_not_taken_in_reaches_the_handlers_of_kopf(stage: Stage) -> None:
    await stage.until_listening()

    await stage.create(UNREADABLE)

    await eventually(lambda: asyncio.sleep(0, stage.reached == [UNREADABLE]), within=30)
    await stage.hears_of("after")


async def test_an_interrupted_watch_goes_on_from_the_bookmark(stage: Stage) -> None:
    await stage.until_listening()
    await stage.hears_of("before")
    listings = stage.listings()

    await stage.gateway.turn(Weather(is_cut=True))
    await stage.create("meanwhile")
    await stage.gateway.turn(FINE)

    await stage.arrives("meanwhile")
    await stage.hears_of("after")
    assert stage.listings() == listings


def refusing(status: int, **headers: str) -> Weather:
    """Answer so to every watch."""

    def answers(request: web.Request) -> web.Response | None:
        is_met = request.path == MAILBOXES and WATCH in request.query_string
        return web.Response(status=status, headers=headers) if is_met else None

    return Weather(answers=answers)


def refusing_lists(status: int, **headers: str) -> Weather:
    """Have everything listed, and answer so to that."""

    def answers(request: web.Request) -> web.Response | None:
        if request.path != MAILBOXES:
            return None
        is_watch = WATCH in request.query_string
        return web.Response(status=410 if is_watch else status, headers=headers)

    return Weather(answers=answers)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param(refusing(410), id="a version that is too old"),
        pytest.param(refusing(429, **{"Retry-After": "1"}), id="busy"),
        pytest.param(refusing_lists(429, **{"Retry-After": "soon"}), id="busy while it lists"),
        pytest.param(refusing(404), id="not found"),
        pytest.param(refusing_lists(410), id="a listing that is too old"),
        pytest.param(refusing(500), id="an error"),
        pytest.param(refusing(401), id="nobody it knows"),
        pytest.param(refusing(200, **{"Content-Type": "text/html"}), id="a page"),
        pytest.param(Weather(is_cut=True), id="a cut"),
    ],
)
async def test_kopf_survives_an_api_server_that_answers_otherwise(
    stage: Stage, trouble: Weather
) -> None:
    await stage.until_listening()
    await stage.gateway.turn(Weather(is_cut=True))
    before = stage.asked()
    await stage.gateway.turn(trouble)
    await eventually(lambda: asyncio.sleep(0, stage.asked() > before + 2), within=30)

    await stage.gateway.turn(FINE)

    await stage.hears_of("after")
    assert not stage.running.done()
    assert stage.hearing.troubles() == []


@pytest.mark.timeout(180)  # kopf waits up to 15 seconds between two tries
async def test_a_cut_of_ten_minutes_is_named_needs_no_new_process_and_is_outlived(
    stage: Stage,
) -> None:
    """Play the states of a cut of ten minutes; only the clock that judges watches runs faster.

    Every bound of a watch (refused 40 s, silent 180 s, dead 300 s) is a span of that clock, and is
    passed here. What runs in real time, the waits between two tries, has its longest after 15 s; from
    then on minute follows minute without a new state.
    """
    await stage.hears_of("before")
    await stage.gateway.turn(Weather(is_cut=True))

    for _ in range(4):
        stage.pass_seconds(150)
        await stage.until_all_tried()
        assert [*stage.hearing.dead()] == []
    deaf = len(stage.hearing.troubles())
    await stage.gateway.turn(FINE)
    await stage.hears_of("after")

    assert deaf == len({*Scope().followed})
    assert not stage.running.done()
    await eventually(lambda: asyncio.sleep(0, not stage.hearing.troubles()), within=30)


async def test_a_watch_that_a_proxy_refuses_is_deaf_and_says_by_whom(stage: Stage) -> None:
    await stage.until_listening()
    await stage.gateway.turn(Weather(is_cut=True))
    before = stage.asked()
    await stage.gateway.turn(refusing(403))
    await eventually(lambda: asyncio.sleep(0, stage.asked() > before), within=30)

    stage.pass_seconds(60)

    (trouble,) = [each for each in stage.hearing.troubles() if "403" in each]
    assert trouble.startswith("the watch of mailboxes.mailbox-operator.io is deaf: 403 Forbidden")
    assert "look for a proxy" in trouble


async def test_a_watch_without_events_is_deaf_until_one_arrives(stage: Stage) -> None:
    await stage.until_listening()
    await stage.hears_of("before")
    await stage.gateway.turn(Weather(is_swallowing=True))

    stage.pass_seconds(200)
    deaf = len(stage.hearing.troubles())
    await stage.gateway.turn(FINE)
    await stage.hears_of("after")

    assert deaf == len({*Scope().followed})
    assert "mailboxes" not in " ".join(stage.hearing.troubles())


async def test_a_proxy_that_passes_on_what_a_watch_tells_only_at_its_end_is_found(
    stage: Stage,
) -> None:
    await stage.gateway.turn(Weather(holds_back=True))
    await stage.until_listening()

    for name in ("first", "second"):
        await stage.hears_of(name)

    await eventually(
        lambda: asyncio.sleep(0, HELD_BACK in " ".join(stage.hearing.troubles())), within=30
    )


async def test_a_quiet_watch_that_ends_when_it_should_lasts_longer_from_then_on(
    stage: Stage,
) -> None:
    def lasting() -> list[str]:
        return [each for each in stage.gateway.asked if WATCH in each and LASTS not in each]

    found = await eventually(lambda: asyncio.sleep(0, lasting()), within=60)

    assert len(found) == len(set(found))
    assert stage.hearing.troubles() == []


async def test_each_watch_is_told_how_long_it_lasts(stage: Stage) -> None:
    await stage.until_listening()

    assert all(LASTS in each for each in stage.gateway.asked if WATCH in each)
