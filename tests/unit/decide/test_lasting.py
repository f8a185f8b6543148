"""A trouble that passes by itself as a rule names whom to ask once it did not."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.providers.smtp import SmtpAccess
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Move, Reason
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.machine.lasting import LASTING, NOT_PASSED, Lasting, spoken, worded
from mailbox_operator.decide.machine.machine import conclude
from mailbox_operator.decide.machine.seen import Known, Seen
from mailbox_operator.decide.machine.verdict import message_of, move_of
from mailbox_operator.decide.status.conditions import TIME_FORMAT, Standing
from mailbox_operator.decide.words import Infrastructure
from unit.decide.attempts import BLIP, FINE, HOUR, PACE, REFUSED, TRANSIENT, then
from unit.make import NOON, infrastructure, mailbox, oauth_spec, seen, spec

AWAY: Final = Fault(Reason.PROVIDER_UNAVAILABLE, facts={"host": "mail.example", "code": "421"})
MISSING: Final = Fault(Reason.CREDENTIALS_MISSING, facts={"problem": "there is none"})
MANAGED: Final = spec(infrastructure=Infrastructure.MANAGED)
SOON: Final = NOON + HOUR - timedelta(seconds=1)
LATER: Final = NOON + HOUR


def message(at: Seen) -> str:
    ready = at.status.condition("Ready")
    assert ready is not None
    return ready.message


def move(at: Seen) -> Move:
    return move_of(at.subject, at.status.reason, message(at))


@pytest.mark.parametrize("reason", LASTING)
def test_a_passing_trouble_needs_no_action_for_an_hour(reason: Reason) -> None:
    at = then(seen(), Fault(reason))

    assert move(then(at, Fault(reason), now=SOON)) is Move.NOBODY


@pytest.mark.parametrize("reason", LASTING)
def test_a_passing_trouble_of_an_hour_names_whom_to_ask(reason: Reason) -> None:
    at = then(then(seen(), Fault(reason)), Fault(reason), now=LATER)

    assert "has not passed for 1h" in message(at)
    assert move(at) is LASTING[reason].move
    assert (at.status.reason, at.status.standing) == (reason, Standing.RETRYING)


def test_every_passing_trouble_without_a_person_has_words_for_when_it_lasts() -> None:
    nobodys = [reason for reason in TRANSIENT if RULES[reason].move is Move.NOBODY]

    assert sorted(LASTING) == sorted(nobodys)


@pytest.mark.parametrize(
    ("subject", "who"),
    [
        (mailbox(), Move.ADMIN),
        (mailbox(oauth_spec()), Move.PLATFORM),
        (mailbox(MANAGED), Move.ADMIN),
        (mailbox(replace(MANAGED, access=SmtpAccess())), Move.PLATFORM),
        (infrastructure(), Move.PLATFORM),
    ],
    ids=["own server", "Google", "own server under Managed", "preset", "infrastructure"],
)
def test_the_one_who_brought_the_server_is_asked(subject: Subject, who: Move) -> None:
    at = then(then(seen(subject), AWAY), AWAY, now=LATER)

    assert move(at) is who


@pytest.mark.parametrize("reason", [each for each in Reason if each not in LASTING])
def test_the_words_of_every_other_reason_stay(reason: Reason) -> None:
    fault = Fault(reason)

    assert message_of(mailbox(), fault, HOUR) == message_of(mailbox(), fault)


def test_a_person_who_is_named_already_stays() -> None:
    rule = replace(RULES[AWAY.reason], move=Move.OWNER)

    assert worded(rule, AWAY, HOUR) is rule


def test_what_lasts_is_written_once() -> None:
    at = then(then(seen(), AWAY), AWAY, now=LATER)

    again = then(at, AWAY, AWAY, now=LATER + 3 * HOUR)

    assert again.status == at.status


def test_a_restart_does_not_forget_since_when_it_lasts() -> None:
    at = replace(then(seen(), AWAY), known=Known())

    late = then(at, AWAY, now=LATER)

    assert move(late) is Move.ADMIN
    assert then(replace(late, known=Known()), AWAY, now=LATER + HOUR).status == late.status


@pytest.mark.parametrize("words", LASTING.values())
def test_what_lasts_is_known_again_by_how_it_begins(words: Lasting) -> None:
    todos = filter(None, (words.todo, words.platform_todo))

    assert all(todo.startswith(NOT_PASSED) for todo in todos)


def restarted(at: Seen, written: datetime) -> Seen:
    """Forget everything but what the API server holds, the status as written then."""
    subject = replace(at.subject, written=written.strftime(TIME_FORMAT))
    return replace(at, subject=subject, known=Known())


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(replace(then(seen(), MISSING), version="v2"), id="a dependency was missing"),
        pytest.param(replace(then(seen(), AWAY), version="v2"), id="another Secret"),
        pytest.param(replace(then(seen(), AWAY), subject=mailbox(generation=2)), id="another spec"),
    ],
)
def test_after_a_restart_the_hour_is_counted_from_the_present_trouble(before: Seen) -> None:
    began = NOON + 3 * HOUR
    at = restarted(then(before, AWAY, now=began), began)

    assert move(then(at, AWAY, now=began + HOUR - timedelta(seconds=1))) is Move.NOBODY
    assert move(then(at, AWAY, now=began + HOUR)) is Move.ADMIN


def test_after_a_restart_whom_to_ask_stays_named() -> None:
    late = then(then(seen(), AWAY), AWAY, now=LATER)

    again = then(restarted(late, LATER), AWAY, now=LATER + timedelta(minutes=1))

    assert again.status == late.status


@pytest.mark.parametrize(
    "at",
    [
        pytest.param(then(then(seen(), AWAY), FINE, now=SOON), id="a success"),
        pytest.param(replace(then(seen(), AWAY), version="v2"), id="another Secret"),
        pytest.param(replace(then(seen(), AWAY), subject=mailbox(generation=2)), id="another spec"),
        pytest.param(replace(then(seen(), REFUSED), version="v2"), id="another Secret, once wrong"),
    ],
)
def test_a_change_begins_the_hour_again(at: Seen) -> None:
    first = then(at, AWAY, AWAY, now=LATER)

    assert move(first) is Move.NOBODY
    assert move(then(first, AWAY, now=LATER + HOUR)) is Move.ADMIN


def test_other_troubles_in_between_do_not_begin_it_again() -> None:
    at = then(then(seen(), AWAY), BLIP, now=SOON)

    assert move(then(at, AWAY, now=LATER)) is Move.ADMIN


def test_a_trouble_that_lasts_takes_no_verdict_away() -> None:
    stalled = then(seen(), REFUSED)

    assert then(stalled, AWAY, AWAY, now=LATER).status.conditions == stalled.status.conditions


def test_the_time_is_the_platforms_to_say() -> None:
    pace = replace(PACE, lasting=timedelta(minutes=10))
    at = then(seen(), AWAY)

    concluded = conclude(at, AWAY, NOON + timedelta(minutes=10), pace, 0.0)

    assert "has not passed for 10m" in message(replace(at, status=concluded.status))


@pytest.mark.parametrize(
    ("time", "text"),
    [
        (timedelta(hours=1), "1h"),
        (timedelta(days=2), "48h"),
        (timedelta(minutes=90), "90m"),
        (timedelta(seconds=45), "45s"),
        (timedelta(seconds=0.5), "0.5s"),
    ],
)
def test_a_length_of_time_is_written_as_the_configuration_does(time: timedelta, text: str) -> None:
    assert spoken(time) == text
