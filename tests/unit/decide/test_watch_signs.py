"""A watch can be relied on while it is open and tells something; a quiet one is not a deaf one."""

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, strategies as st

from mailbox_operator.decide.cluster.watch_signs import HELD_BACK, SILENT, Watch

Event = Callable[[Watch, float], Watch]
NEW = Watch(0, 0)


def listed(watch: Watch, now: float) -> Watch:
    return watch.listed(now)


def opened(watch: Watch, now: float) -> Watch:
    return watch.open(now)


def told(watch: Watch, now: float) -> Watch:
    return watch.told(now)


def ended(watch: Watch, now: float) -> Watch:
    return watch.ended(now)


def given_up(watch: Watch, now: float) -> Watch:
    return watch.given_up(now)


def refused(watch: Watch, now: float) -> Watch:
    return watch.failed(now, "403", is_listing=False)


def unlisted(watch: Watch, now: float) -> Watch:
    return watch.failed(now, "503", is_listing=True)


def after(*events: tuple[float, Event]) -> Watch:
    """Tell what became of a watch that was wanted at second 0."""
    watch = NEW
    for now, event in events:
        watch = event(watch, now)
    return watch


FIRST = ((1, listed), (2, opened), (20, told), (22, ended), (22.1, opened))
"""What the first 22 seconds are like at an API server without a proxy."""


QUIET = ((1, listed), (2, opened), (22, ended), (22, opened))
"""The same of a kind that has not changed since the API server started."""


@pytest.mark.parametrize(
    ("events", "now", "why"),
    [
        pytest.param((), 44, "", id="nothing yet"),
        pytest.param((), 46, SILENT, id="nothing at all"),
        pytest.param(((1, listed), (2, opened)), 40, "", id="open, and nothing told yet"),
        pytest.param(((1, listed), (2, opened)), 60, SILENT, id="open, and nothing ever told"),
        pytest.param(((1, listed), (40, listed), (80, listed)), 90, "", id="a long listing"),
        pytest.param(FIRST, 110, "", id="a cluster between two bookmarks"),
        pytest.param(FIRST, 203, SILENT, id="a watch that fell silent"),
        pytest.param((*QUIET, (72, ended), (72, opened)), 120, "", id="a kind that never changes"),
        pytest.param(
            (*FIRST, (92, given_up), (93, opened), (143, ended)), 200, "", id="bookmarks that end"
        ),
        pytest.param(((1, listed), (2, refused)), 30, "", id="an API server that starts"),
        pytest.param(((1, listed), (2, refused)), 42, "403", id="a right that is missing"),
        pytest.param(
            ((1, listed), (2, refused), (30, listed), (31, refused)), 43, "403", id="a good listing"
        ),
        pytest.param(((1, unlisted), (30, listed)), 45, "", id="a listing that came about"),
        pytest.param((*FIRST, (40, refused), (70, refused)), 79, "", id="a cut of half a minute"),
        pytest.param((*FIRST, (40, refused), (70, refused)), 80, "403", id="a longer cut"),
        pytest.param((*FIRST, (40, refused), (90, opened)), 91, "", id="a cut that is over"),
        pytest.param(
            ((2, opened), (22, told), (22, ended), (23, opened), (43, told), (43, ended)),
            44,
            HELD_BACK,
            id="a proxy that buffers",
        ),
        pytest.param(
            ((2, opened), (4, told), (4, ended), (5, opened), (6, told), (6, ended)),
            20,
            "",
            id="watches that are cut short",
        ),
    ],
)
def test_a_watch_is_deaf_that_is_not_open_or_tells_nothing(
    events: Sequence[tuple[float, Event]], now: float, why: str
) -> None:
    assert after(*events).deaf(now) == why


@pytest.mark.parametrize(
    ("events", "now", "dead"),
    [
        pytest.param((), 299, False, id="not begun yet"),
        pytest.param((), 301, True, id="never begun"),
        pytest.param((*FIRST, *((t, told) for t in range(60, 900, 60))), 900, False, id="quiet"),
        pytest.param((*FIRST, (90, opened), (300, opened)), 323, True, id="open and silent"),
        pytest.param((*QUIET, *((t, ended) for t in range(70, 900, 50))), 900, False, id="no news"),
        pytest.param((*FIRST, *((t, refused) for t in range(30, 900, 15))), 900, False, id="away"),
    ],
)
def test_a_new_process_is_for_what_does_nothing_and_not_for_an_api_server_that_is_away(
    events: Sequence[tuple[float, Event]], now: float, *, dead: bool
) -> None:
    assert after(*events).is_dead(now) is dead


@pytest.mark.parametrize(
    ("watch", "lasts"),
    [
        pytest.param(NEW, (20, 20), id="the first"),
        pytest.param(after(*QUIET), (50, 50), id="one that told nothing"),
        pytest.param(after(*FIRST), (240, 480), id="one that proved itself"),
        pytest.param(after(*FIRST, (92, given_up)), (50, 50), id="one that fell silent"),
        pytest.param(after(*FIRST, (90, told), (92, refused)), (240, 480), id="one cut off"),
        pytest.param(
            after((2, opened), (22, told), (22, ended)), (20, 20), id="one that told too late"
        ),
    ],
)
def test_a_watch_lasts_the_longer_the_more_is_heard_of_it(
    watch: Watch, lasts: tuple[int, int]
) -> None:
    assert watch.lasts == lasts


EVENTS = st.sampled_from([listed, opened, told, ended, given_up, refused, unlisted])


@given(st.lists(st.tuples(st.floats(0, 60), EVENTS), max_size=30))
def test_a_watch_that_opens_and_tells_something_twice_is_always_relied_on(
    history: list[tuple[float, Event]],
) -> None:
    watch, now = NEW, 0.0
    for seconds, event in history:
        now += seconds
        watch = event(watch, now)

    watch = watch.open(now).told(now + 1).told(now + 2)

    assert (watch.deaf(now + 3), watch.is_dead(now + 3)) == ("", False)
