"""When a Sender is paused."""

from mailbox_operator.decide.sending.breaker import (
    PAUSE_SECONDS,
    REFUSALS,
    WITHIN_SECONDS,
    Breaker,
)

OTHER = "other"
UID = "uid"


def refuse(breaker: Breaker, times: int, now: float, apart: float = 1.0) -> float:
    for count in range(times):
        breaker.refused(UID, now + count * apart)
    return now + (times - 1) * apart


def test_a_sender_is_paused_after_refusals_in_a_row() -> None:
    breaker = Breaker()

    last = refuse(breaker, REFUSALS, 100)

    assert breaker.pause(UID, last) == PAUSE_SECONDS
    assert breaker.pause(UID, last + 60) == PAUSE_SECONDS - 60
    assert breaker.pause(OTHER, last) == 0


def test_a_sender_sends_again_after_its_pause_and_begins_again() -> None:
    breaker = Breaker()
    last = refuse(breaker, REFUSALS, 100)
    over = last + PAUSE_SECONDS

    refuse(breaker, REFUSALS - 1, over)

    assert breaker.pause(UID, over) == 0
    assert breaker.pause(UID, over + REFUSALS) == 0


def test_a_message_that_was_taken_forgives_the_refusals_before_it() -> None:
    breaker = Breaker()
    last = refuse(breaker, REFUSALS - 1, 100)

    breaker.taken(UID)
    last = refuse(breaker, REFUSALS - 1, last)

    assert breaker.pause(UID, last) == 0


def test_refusals_that_are_far_apart_pause_no_sender() -> None:
    breaker = Breaker()

    last = refuse(breaker, 3 * REFUSALS, 100, WITHIN_SECONDS / (REFUSALS - 1))

    assert breaker.pause(UID, last) == 0
