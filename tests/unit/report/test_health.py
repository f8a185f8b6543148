"""What the probes answer, over real HTTP."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from aiohttp import web

from mailbox_operator.report.health import Health, application
from mailbox_operator.report.metrics.metrics import Metrics


@dataclass
class State:
    ready: bool = False
    idle: float | None = None
    oldest: float = 0.0
    lagging: int = 0
    unready: tuple[str, ...] = ()
    dead: tuple[str, ...] = ()


@pytest.fixture
def state() -> State:
    return State()


@pytest.fixture
async def url(state: State) -> AsyncIterator[str]:
    health = Health(
        is_ready=lambda: state.ready,
        idle_seconds=lambda: state.idle,
        oldest_seconds=lambda: state.oldest,
        longest_seconds=120,
        lagging=lambda: state.lagging,
        unready=lambda: state.unready,
        dead=lambda: state.dead,
    )
    runner = web.AppRunner(application(health, Metrics()))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    yield f"http://{host}:{port}"
    await runner.cleanup()


async def asked(url: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(url) as response:
        return response.status, await response.text()


async def test_the_replica_is_ready_once_the_first_listing_is_taken_in(
    url: str, state: State
) -> None:
    before = await asked(f"{url}/readyz")

    state.ready = True

    assert before == (503, "listing")
    assert await asked(f"{url}/readyz") == (200, "ok")


@pytest.mark.parametrize("ready", [False, True])
async def test_the_replica_is_not_ready_while_a_watch_is_deaf_and_says_which(
    url: str, state: State, *, ready: bool
) -> None:
    state.ready, state.unready = ready, ("the watch of x is deaf",)

    status, text = await asked(f"{url}/readyz")

    assert (status, text.splitlines()[0]) == (503, "the watch of x is deaf")
    assert (await asked(f"{url}/healthz"))[0] == 200


@pytest.mark.parametrize(
    ("found", "status"),
    [
        pytest.param(State(), 200, id="a replica that waits"),
        pytest.param(State(idle=1.5), 200, id="a schedule that turns"),
        pytest.param(State(idle=61), 503, id="a schedule that is stuck"),
        pytest.param(State(oldest=120), 200, id="an attempt that takes its time"),
        pytest.param(State(oldest=121), 503, id="an attempt that never ends"),
        pytest.param(State(lagging=1), 503, id="a watch that is behind"),
        pytest.param(State(dead=("x",)), 503, id="a watch that is dead"),
    ],
)
async def test_the_replica_is_healthy_while_all_moves(
    url: str, state: State, found: State, status: int
) -> None:
    state.idle, state.oldest, state.lagging = found.idle, found.oldest, found.lagging
    state.dead = found.dead

    assert (await asked(f"{url}/healthz"))[0] == status


async def exposed(url: str, accept: str) -> tuple[str, str]:
    headers = {"Accept": accept}
    async with (
        aiohttp.ClientSession(headers=headers) as session,
        session.get(f"{url}/metrics") as response,
    ):
        return response.headers["Content-Type"], await response.text()


async def test_metrics_are_openmetrics_for_those_who_ask_for_it(url: str) -> None:
    content_type, text = await exposed(url, "application/openmetrics-text;version=1.0.0")

    assert content_type.startswith("application/openmetrics-text; version=1.0.0")
    assert text.endswith("# EOF\n")


async def test_metrics_are_prometheus_text_for_a_browser(url: str) -> None:
    content_type, text = await exposed(url, "text/html")

    assert content_type.startswith("text/plain")
    assert "# EOF" not in text


async def test_metrics_are_compressed_where_that_is_understood(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as response:
        encoding = response.headers["Content-Encoding"]

    assert encoding == "gzip"


async def test_a_request_for_the_headers_of_metrics_alone_is_refused(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.head(f"{url}/metrics") as response:
        assert response.status == 405
