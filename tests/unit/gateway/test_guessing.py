"""Wrong logins are slowed by where they come from and by the login they are at."""

from dataclasses import dataclass

from mailbox_operator.gateway.guessing import LONGEST_KEY, Guesses


@dataclass(slots=True)
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


def guesses(clock: Clock | None = None) -> Guesses:
    return Guesses(clock or Clock(), most=3, pause_seconds=1.0, most_known=5)


def test_the_first_wrong_login_is_answered_at_once_and_the_next_are_held_back() -> None:
    found = guesses()

    pauses = [found.wrong("10.0.0.1", "acme.keycloak") for _ in range(5)]

    assert pauses == [0.0, 1.0, 1.0, None, None]


def test_a_source_is_slowed_whatever_logins_it_tries() -> None:
    found = guesses()

    pauses = [found.wrong("10.0.0.1", f"acme.{each}") for each in range(4)]

    assert pauses[-1] is None


def test_a_login_is_slowed_wherever_it_is_tried_from() -> None:
    found = guesses()

    pauses = [found.wrong(f"10.0.0.{each}", "acme.keycloak") for each in range(4)]

    assert pauses[-1] is None


def test_a_minute_later_all_is_forgotten() -> None:
    clock = Clock()
    found = guesses(clock)
    for _ in range(4):
        found.wrong("10.0.0.1", "acme.keycloak")

    clock.now = 60.0

    assert found.wrong("10.0.0.1", "acme.keycloak") == 0.0


def test_the_memory_of_guesses_is_bounded_and_keeps_the_last() -> None:
    found = guesses()

    for each in range(100):
        found.wrong("10.0.0.1", f"acme.{each}")
        found.wrong(f"10.0.1.{each}", "other")

    assert len(found._by_login) == len(found._by_source) == 5  # noqa: SLF001 - its memory
    assert found.wrong("10.0.0.1", "acme.new") is None


def test_a_long_login_takes_no_more_memory_than_a_short_one() -> None:
    found = guesses()

    pauses = [found.wrong(f"10.0.0.{each}", "x" * 9_000 + str(each)) for each in range(4)]

    assert pauses[-1] is None
    assert max(map(len, found._by_login)) == LONGEST_KEY  # noqa: SLF001 - its memory
