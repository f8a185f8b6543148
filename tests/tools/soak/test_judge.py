"""What must never be is found where it is, and nowhere else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lab.servers.smtp_script import Attempt
from tools.soak.judge import absent, crowded, guessed, overlaps
from tools.soak.report import INVARIANTS, report

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def session(
    start: float, end: float | None, by: str = "first", login: float | None = None
) -> Attempt:
    """Make a session of Jane's that logs in right away, or then."""
    return Attempt(
        at(start),
        greeting=by,
        auths=1,
        login_at=at(start if login is None else login),
        username="jane",
        accepted=True,
        ended=None if end is None else at(end),
    )


def running(_: str, __: datetime, ___: datetime) -> bool:
    return False


def stopped(name: str, _: datetime, __: datetime) -> bool:
    return name == "first"


def test_sessions_of_two_replicas_at_once_are_found() -> None:
    found = list(overlaps([session(0, 5), session(4, 6, "second")], running))

    assert len(found) == 1
    assert "jane: first" in found[0]


@pytest.mark.parametrize(
    "other",
    [session(5.1, 6, "second"), session(4, 6), replace(session(4, 6, "second"), username="joe")],
)
def test_other_sessions_are_nothing_to_find(other: Attempt) -> None:
    assert list(overlaps([session(0, 5), other], running)) == []


def test_a_session_of_a_replica_that_was_stopped_meanwhile_is_excused() -> None:
    assert list(overlaps([session(0, None), session(20, 21, "second")], stopped)) == []


def test_a_login_of_a_replica_that_was_woken_up_is_not_excused() -> None:
    woken = session(0, 30, login=20.5)

    assert len(list(overlaps([woken, session(20, 21, "second")], stopped))) == 1


def test_too_many_logins_within_a_minute_are_found() -> None:
    quick = [session(number, number + 0.5) for number in range(4)]

    assert list(crowded(quick, most=4)) == []
    assert list(crowded(quick, most=3)) == ["jane: 4 logins within a minute"]
    assert list(crowded([session(number * 30, None) for number in range(4)], most=2)) == []


def test_a_password_that_is_refused_too_often_is_found() -> None:
    refused = [replace(session(number, number), accepted=False) for number in range(3)]

    assert list(guessed(refused, ["jane"], 3)) == []
    assert list(guessed(refused, ["jane"], 2)) == ["jane: 3 refused logins"]


def test_who_has_no_turn_any_more_is_found() -> None:
    assert absent([session(0, 1)], ["jane", "joe"], at(-1)) == ["joe"]
    assert absent([session(0, 1)], ["jane"], at(1)) == ["jane"]


def test_the_report_names_every_invariant_and_what_was_found() -> None:
    found = {INVARIANTS[3]: [f"case {number}" for number in range(9)]}

    lines = "\n".join(report({"etcd slow": 2}, {"logins": "12"}, found)).splitlines()

    assert [line for line in lines if "case" in line] == [f"      case {n}" for n in range(5)]
    assert sum(line.endswith("  ok") for line in lines) == len(INVARIANTS) - 1
    assert any(line.endswith("9 times not") for line in lines)
