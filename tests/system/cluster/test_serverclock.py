"""The clock of this process is compared with the API server's, by the dates of its answers."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime

import pytest
from aiohttp import web

from lab.servers.scripted import answering
from mailbox_operator.cluster.serverclock import WARN_AGAIN_SECONDS, ServerClock
from mailbox_operator.cluster.unanswered import ApiServerError
from unit.make import NOON

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@dataclass
class Hand:
    """A clock that a test sets."""

    time: datetime = NOON
    seconds: float = 0.0

    def now(self) -> datetime:
        return self.time

    def monotonic(self) -> float:
        return self.seconds


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def clock(hand: Hand) -> ServerClock:
    return ServerClock(hand.now, hand.monotonic)


def dated(moment: datetime, **more: str) -> dict[str, str]:
    return {"Date": format_datetime(moment, usegmt=True), **more}


def test_the_latest_answer_counts(clock: ServerClock) -> None:
    clock.answered(dated(NOON - HOUR), 0)

    clock.answered(dated(NOON - DAY), 0)

    assert (clock.ahead_seconds(), clock.earlier()) == (DAY.total_seconds(), NOON - DAY)


@pytest.mark.parametrize(
    "headers",
    [{}, {"Date": "today"}, dated(NOON.replace(year=1970)), dated(NOON.replace(year=9999))],
    ids=["no date", "none that can be read", "long ago", "in the far future"],
)
def test_an_answer_without_a_plausible_date_changes_nothing(
    clock: ServerClock, headers: dict[str, str]
) -> None:
    clock.answered(dated(NOON - DAY), 0)

    clock.answered(headers, 0)

    assert clock.ahead == DAY


def test_an_answer_from_a_cache_is_as_old_as_it_says(clock: ServerClock) -> None:
    clock.answered(dated(NOON - DAY, Age="86400"), 0)

    assert clock.ahead == timedelta()


def test_an_old_answer_of_a_cache_that_does_not_say_so_ends_nothing_early(
    clock: ServerClock,
) -> None:
    clock.answered(dated(NOON - DAY), 0)

    assert (clock.read().earlier, clock.read().later) == (NOON - DAY, NOON)


def test_a_clock_that_is_set_right_agrees_by_the_next_answer(
    clock: ServerClock, hand: Hand
) -> None:
    clock.answered(dated(NOON - DAY), 0)
    hand.time = NOON - DAY

    clock.answered(dated(NOON - DAY), 0)

    assert clock.ahead == timedelta()


def test_clocks_that_differ_are_warned_of_once_an_hour(
    clock: ServerClock, hand: Hand, caplog: pytest.LogCaptureFixture
) -> None:
    def warnings() -> Iterator[float]:
        for each in caplog.records:
            yield each.__dict__["seconds_ahead"]

    for hand.seconds in (0, 1, WARN_AGAIN_SECONDS, WARN_AGAIN_SECONDS + 1):
        clock.answered(dated(NOON - DAY), 0)

    assert list(warnings()) == [DAY.total_seconds()] * 2


@pytest.mark.parametrize("seconds", [0, 5])
def test_clocks_that_differ_by_a_few_seconds_are_not_warned_of(
    clock: ServerClock, caplog: pytest.LogCaptureFixture, seconds: int
) -> None:
    clock.answered(dated(NOON - timedelta(seconds=seconds)), 0)

    assert caplog.records == []


@pytest.mark.parametrize("status", [200, 403])
async def test_every_answer_of_the_api_server_tells_its_time(status: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(status=status, body=b"{}", headers=dated(NOON))

    async with answering(answer) as api:
        with suppress(ApiServerError):
            await api.get("/x")

        assert abs(api.clock.read().local - api.clock.ahead - NOON) < timedelta(minutes=1)
