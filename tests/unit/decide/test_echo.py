"""A watch that does not tell in time what is known to have changed is not relied on."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, strategies as st

from mailbox_operator.decide.cluster.echo import (
    ECHO_DEAD_SECONDS,
    LATE,
    LATE_SECONDS,
    MOST_EXPECTED,
    REMEMBERED_SECONDS,
    Echo,
)

Event = tuple[float, Callable[[Echo, float], Echo]]


def known(version: int) -> Callable[[Echo, float], Echo]:
    return lambda echo, now: echo.known(version, now)


def told(version: int) -> Callable[[Echo, float], Echo]:
    return lambda echo, now: echo.told(version, now)


def opened(echo: Echo, now: float) -> Echo:
    return echo.open(now)


def closed(echo: Echo, now: float) -> Echo:
    return echo.closed(now)


def after(*events: Event) -> Echo:
    """Tell what became of a watch."""
    echo = Echo()
    for now, event in events:
        echo = event(echo, now)
    return echo


def renewed(first: int, last: int) -> tuple[Event, ...]:
    """Have a version known every two seconds."""
    return tuple((float(now), known(now)) for now in range(first, last + 1, 2))


HELD = ((0, opened), *renewed(2, 20), (20, told(20)), (20, closed))
"""A proxy that passes on what a watch of 20 s tells at its end."""


@pytest.mark.parametrize(
    ("events", "now", "why"),
    [
        pytest.param((), 1_000, "", id="nothing known"),
        pytest.param(((0, opened),), 1_000, "", id="nobody writes"),
        pytest.param(((0, known(1)),), 1_000, "", id="not open, which is for others to judge"),
        pytest.param(((0, opened), (2, known(2))), 17, "", id="not late yet"),
        pytest.param(((0, opened), (2, known(2))), 18, LATE, id="late"),
        pytest.param(((0, known(1)), (9, opened)), 23, "", id="known before it was open"),
        pytest.param(((0, known(1)), (9, opened)), 25, LATE, id="what it has to begin with"),
        pytest.param(((0, opened), (2, known(2)), (3, told(2))), 1_000, "", id="told"),
        pytest.param(((0, opened), (2, told(3)), (3, known(3))), 1_000, "", id="told before"),
        pytest.param(((0, opened), (2, known(2)), (3, told(4))), 1_000, "", id="told a newer one"),
        pytest.param(
            ((0, opened), (2, known(2)), (3, known(4)), (4, told(2))), 19, LATE, id="told an older"
        ),
        pytest.param((*HELD, (21, opened)), 30, LATE, id="told at the end, and opened again"),
        pytest.param(
            (*HELD, (21, opened), (22, told(20))), 79, LATE, id="good again, not for long"
        ),
        pytest.param((*HELD, (21, opened), (22, told(20))), 81, "", id="good again"),
        pytest.param(
            ((0, opened), *renewed(2, 20), (20, closed), (21, opened)), 30, LATE, id="broken off"
        ),
        pytest.param(
            (
                (0, opened),
                *renewed(2, 8),
                (9, closed),
                *renewed(10, 60),
                (61, opened),
                (62, told(60)),
            ),
            63,
            "",
            id="a cut in between",
        ),
    ],
)
def test_a_watch_is_deaf_that_does_not_tell_in_time_what_is_known(
    events: Sequence[Event], now: float, why: str
) -> None:
    assert after(*events).deaf(now) == why


def test_a_proxy_that_buffers_by_size_is_found_although_something_arrives() -> None:
    full = tuple((float(now), told(now)) for now in range(20, 200, 20))
    echo = after(*sorted([(0.0, opened), *renewed(2, 200), *full], key=lambda each: each[0]))

    assert echo.deaf(200) == LATE


@pytest.mark.parametrize(
    ("seconds", "is_dead"),
    [(ECHO_DEAD_SECONDS, False), (ECHO_DEAD_SECONDS + 2 * LATE_SECONDS, True)],
)
def test_a_new_process_is_for_a_watch_that_is_late_for_minutes(
    seconds: float, *, is_dead: bool
) -> None:
    echo = after((0, opened), *renewed(2, int(seconds)))

    assert echo.is_dead(seconds) is is_dead


def test_a_watch_that_was_late_minutes_ago_needs_no_new_process() -> None:
    echo = after(*HELD, (21, opened), (22, told(20)))

    assert not echo.is_dead(20 + ECHO_DEAD_SECONDS + REMEMBERED_SECONDS)


def test_what_is_remembered_is_bounded() -> None:
    echo = after((0, opened), *renewed(2, 10_000))

    assert len(echo.expected) == MOST_EXPECTED


@given(st.lists(st.tuples(st.floats(0.1, 60), st.floats(0, LATE_SECONDS - 1)), max_size=30))
def test_a_watch_that_tells_all_in_time_is_never_deaf(changes: list[tuple[float, float]]) -> None:
    now = 0.0
    events: list[Event] = [(0.0, opened)]
    for version, (pause, delay) in enumerate(changes, 1):
        now += pause
        events += [(now, known(version)), (now + delay, told(version))]
    echo = Echo()
    for at, event in sorted(events, key=lambda each: each[0]):
        echo = event(echo, at)
        assert echo.deaf(at) == ""


@given(st.lists(st.tuples(st.floats(0.1, 5), st.booleans()), min_size=1, max_size=30))
def test_a_watch_that_tells_nothing_is_deaf_however_often_it_is_opened(
    steps: list[tuple[float, bool]],
) -> None:
    echo, now = Echo().open(0).known(1, 0), LATE_SECONDS + 0.1
    for version, (pause, again) in enumerate(steps, 2):
        echo = echo.closed(now).open(now) if again else echo.known(version, now)
        assert echo.deaf(now) == LATE
        now += pause if now < REMEMBERED_SECONDS else 0.1
