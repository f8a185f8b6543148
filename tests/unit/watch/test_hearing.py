"""It is said which watch is deaf, and why, and that it hears again: once each."""

import pytest

from mailbox_operator.decide.cluster.echo import LATE
from mailbox_operator.watch.hearing import Hearing, watch_name

MAILBOXES = "/apis/mailbox-operator.io/v1alpha1/mailboxes"


class Clock:
    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def hearing(clock: Clock) -> Hearing:
    made = Hearing(clock)
    made.want(MAILBOXES)
    return made


def test_a_deaf_watch_is_told_once_and_so_is_that_it_hears_again(
    hearing: Hearing, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    hearing.failed(MAILBOXES, "403 Forbidden", is_listing=False)

    for clock.seconds in (10, 50, 51):
        hearing.tell()
    hearing.opened(MAILBOXES)
    hearing.told(MAILBOXES)
    for clock.seconds in (52, 53):
        hearing.tell()

    assert caplog.messages == ["watch is deaf", "watch hears again"]
    assert [getattr(each, "watch", "") for each in caplog.records] == [
        "mailboxes.mailbox-operator.io"
    ] * 2


def test_a_deaf_watch_is_named_with_what_was_answered(hearing: Hearing, clock: Clock) -> None:
    hearing.failed(MAILBOXES, "403 Forbidden", is_listing=False)

    clock.seconds = 60

    assert hearing.troubles() == [
        "the watch of mailboxes.mailbox-operator.io is deaf: 403 Forbidden"
    ]


def test_a_watch_that_is_not_wanted_any_more_is_not_deaf(hearing: Hearing, clock: Clock) -> None:
    hearing.drop(MAILBOXES)
    hearing.failed(MAILBOXES, "403", is_listing=False)

    clock.seconds = 1000

    assert (hearing.troubles(), list(hearing.dead())) == ([], [])


def test_a_watch_that_does_nothing_is_for_a_new_process(hearing: Hearing, clock: Clock) -> None:
    clock.seconds = 400

    assert list(hearing.dead()) == [
        "the watch of mailboxes.mailbox-operator.io has been still for 400 s"
    ]


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (MAILBOXES, "mailboxes.mailbox-operator.io"),
        (
            "/apis/mailbox-operator.io/v1alpha1/namespaces/acme/mailboxes",
            "mailboxes.mailbox-operator.io in namespace acme",
        ),
        ("/api/v1/namespaces", "namespaces"),
        ("/api/v1/secrets", "secrets"),
        ("/api/v1/namespaces/acme/secrets", "secrets in namespace acme"),
    ],
)
def test_a_watch_is_named_as_kubectl_names_what_it_watches(path: str, name: str) -> None:
    assert watch_name(path) == name


LEASES = "/apis/coordination.k8s.io/v1/namespaces/mail/leases"


def test_a_watch_that_has_to_tell_what_is_known_is_deaf_while_it_does_not(
    hearing: Hearing, clock: Clock
) -> None:
    hearing.expect(LEASES)
    hearing.opened(LEASES)
    hearing.told(LEASES, "7")
    hearing.known(LEASES, "9")

    clock.seconds = 16

    assert hearing.deaf == {"leases.coordination.k8s.io in namespace mail": LATE}


def test_a_watch_that_is_late_for_minutes_is_for_a_new_process(
    hearing: Hearing, clock: Clock
) -> None:
    hearing.drop(MAILBOXES)
    hearing.expect(LEASES)
    hearing.opened(LEASES)
    for clock.seconds in range(0, 340, 2):
        hearing.known(LEASES, str(clock.seconds))
        hearing.told(MAILBOXES)
    found = [each for each in hearing.dead() if "deaf" in each]

    assert found == [f"the watch of leases.coordination.k8s.io in namespace mail is deaf: {LATE}"]


@pytest.mark.parametrize("version", ["", "abc"])
def test_a_version_that_is_no_number_is_not_waited_for(
    hearing: Hearing, clock: Clock, version: str
) -> None:
    hearing.expect(LEASES)
    hearing.opened(LEASES)
    hearing.told(LEASES, "7")
    hearing.known(LEASES, version)

    clock.seconds = 30

    assert "leases" not in " ".join(hearing.deaf)
