"""What must never be is found where it is, and nowhere else."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from lab.servers.smtp_script import Attempt
from tools.soak.judge import (
    MOST_GROWTH_MIB,
    MOST_MIB,
    MOST_NEW_FILES,
    absent,
    bloated,
    crowded,
    grown,
    guessed,
    held,
    lost,
    overlaps,
    untrue,
    usurped,
)
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
def test_the_judge_accepts_other_sessions(other: Attempt) -> None:
    assert list(overlaps([session(0, 5), other], running)) == []


def test_a_session_of_a_replica_that_was_stopped_meanwhile_is_excused() -> None:
    assert list(overlaps([session(0, None), session(20, 21, "second")], stopped)) == []


def test_a_login_of_a_replica_that_was_woken_up_is_not_excused() -> None:
    woken = session(0, 30, login=20.5)

    assert len(list(overlaps([woken, session(20, 21, "second")], stopped))) == 1


def test_a_login_amid_those_of_the_other_replica_is_found() -> None:
    amid = [session(0, 0.1), session(1, 1.1, "second"), session(1.5, 1.6)]

    assert list(usurped(amid, {"jane"})) == ["jane: second at 12:00:01.000000"]
    assert list(usurped(amid, {"joe"})) == []


def test_the_judge_accepts_replicas_that_lead_in_turn() -> None:
    turns = [session(0, 0.1), session(6, 7, "second"), session(7, 8, "second"), session(20, 21)]

    assert list(usurped(turns, {"jane"})) == []


def test_too_many_logins_within_a_minute_are_found() -> None:
    quick = [session(number, number + 0.5) for number in range(4)]

    assert list(crowded(quick, most=4)) == []
    assert list(crowded(quick, most=3)) == ["jane: 4 logins within a minute"]
    assert list(crowded([session(number * 30, None) for number in range(4)], most=2)) == []


def test_a_password_that_is_refused_too_often_is_found() -> None:
    refused = [replace(session(number, number), code=535) for number in range(3)]
    busy = [replace(session(number, number), code=454) for number in range(9)]

    assert list(guessed(refused, ["jane"], 3)) == []
    assert list(guessed(refused, ["jane"], 2)) == ["jane: 3 refused logins"]
    assert list(guessed(busy, ["jane"], 2)) == []


def test_a_mailbox_that_was_refused_too_often_may_be_held_back_and_no_other() -> None:
    refused = [replace(session(number, number), accepted=False) for number in range(3)]
    tenants = {"jane": "team", "joe": "team", "jim": "other"}

    assert held(refused, tenants, of_one=3, of_a_tenant=9) == {"jane"}
    assert held(refused, tenants, of_one=9, of_a_tenant=3) == {"jane", "joe"}
    assert held([session(0, 1)], tenants, of_one=1, of_a_tenant=1) == set()


def test_a_status_that_is_not_the_truth_is_found() -> None:
    truths = {"box": {"Connected"}, "wrong": {"InvalidCredentials"}, "missing": {"Connected"}}
    said = {"box": "Progressing", "wrong": "InvalidCredentials"}

    assert untrue(said, truths) == {"box": "Progressing", "missing": ""}
    assert untrue({"box": "Connected"}, {"box": {"Connected"}}) == {}


def test_a_consent_that_is_lost_is_found() -> None:
    assert list(lost(["jane", "joe"], {"jane"}, {"jane", "joe"})) == ["jane is asked again"]
    assert list(lost(["jane", "joe"], {"jim"}, {"jane"})) == ["joe was revoked"]
    assert list(lost(["jane"], set(), {"jane"})) == []


def test_memory_and_files_that_grow_are_found() -> None:
    before = [(100.0, 40), (90.0, 60)]

    assert list(grown(before, [(100.0 + MOST_GROWTH_MIB, 60 + MOST_NEW_FILES)])) == []
    assert len(list(grown(before, [(101.0 + MOST_GROWTH_MIB, 0)]))) == 1
    assert len(list(grown(before, [(0.0, 61 + MOST_NEW_FILES)]))) == 1


def test_a_process_that_has_too_much_is_found() -> None:
    assert list(bloated((MOST_MIB, 10))) == []
    assert list(bloated((MOST_MIB + 1, 10))) == ["385 MiB, 10 files"]
    assert list(bloated((1.0, 600))) == ["1 MiB, 600 files"]


def test_a_mailbox_that_has_no_turn_any_more_is_found() -> None:
    assert absent([session(0, 1)], ["jane", "joe"], at(-1)) == ["joe"]
    assert absent([session(0, 1)], ["jane"], at(1)) == ["jane"]


def test_the_report_names_every_invariant_and_what_was_found() -> None:
    found = {INVARIANTS[3]: [f"case {number}" for number in range(9)]}

    lines = "\n".join(report({"etcd slow": 2}, {"logins": "12"}, found)).splitlines()

    assert [line for line in lines if "case" in line] == [f"      case {n}" for n in range(5)]
    assert sum(line.endswith("  ok") for line in lines) == len(INVARIANTS) - 1
    assert any(line.endswith("9 times not") for line in lines)
