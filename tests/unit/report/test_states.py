"""How mailboxes stand, as Prometheus is told."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as open_metrics
from prometheus_client.parser import text_string_to_metric_families as prometheus_text

from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.secret import Expiry
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Move, Reason
from mailbox_operator.decide.grants.fate import Fate
from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.machine.seen import Known
from mailbox_operator.decide.sending.capacity import Report
from mailbox_operator.decide.status.capacity import Capacity
from mailbox_operator.decide.status.conditions import Condition, Status
from mailbox_operator.report.metrics.states import Snapshot, States
from unit.decide.attempts import end
from unit.make import ENDPOINT, NOON, infrastructure, key, mailbox, seen, sender, spec

PREFIX: Final = "mailbox_operator_"
JANE: Final = {"namespace": "mail", "name": "jane"}
PRIVATE: Final = {"provider": "SMTP", "infrastructure": "Private"}
REFUSED: Final = Fault(Reason.INVALID_CREDENTIALS)
FINE: Final = Proof(ENDPOINT)

Series = dict[str, Any]
Object = tuple[Subject, Known]


def after(outcome: Proof | Fault, subject: Subject | None = None) -> Object:
    at = seen(subject or mailbox())
    conclusion = end(at, outcome)
    return replace(at.subject, status=conclusion.status), conclusion.known


def text(*objects: Object, per_mailbox: bool = True, expiries: Sequence[Expiry] = ()) -> str:
    states = States(Snapshot(NOON, objects, objects, expiries), Pace(), per_mailbox)
    return "".join(part for family in states.families() for part in family.written())


def told(written: str, name: str) -> list[tuple[Series, float]]:
    """Read the series of one metric, without its prefix."""
    return [
        (sample.labels, sample.value)
        for family in prometheus_text(written)
        for sample in family.samples
        if sample.name == f"{PREFIX}{name}"
    ]


def names(written: str) -> set[str]:
    return {
        sample.name.removeprefix(PREFIX)
        for family in prometheus_text(written)
        for sample in family.samples
    }


def test_a_mailbox_says_what_it_asks_for() -> None:
    written = text(after(FINE))

    assert told(written, "mailbox_info") == [(JANE | PRIVATE | {"suspended": "false"}, 1)]


def test_each_condition_that_stands_is_one_series() -> None:
    written = told(text(after(REFUSED)), "mailbox_status_condition")

    assert [tuple(labels.values())[2:] for labels, _ in written] == [
        ("Ready", "False", "InvalidCredentials"),
        ("Connected", "False", "InvalidCredentials"),
        ("Error", "True", "InvalidCredentials"),
        ("Stalled", "True", "InvalidCredentials"),
    ]


def test_a_failing_mailbox_says_since_when_why_and_whose_move_it_is() -> None:
    written = told(text(after(REFUSED)), "mailbox_failing_since_timestamp_seconds")

    why = {"reason": "InvalidCredentials", "move": "Mailbox owner"}
    assert written == [(JANE | PRIVATE | why, NOON.timestamp())]


@pytest.mark.parametrize(
    "subject",
    [
        pytest.param(after(FINE), id="a connected one"),
        pytest.param((mailbox(), Known()), id="a new one"),
        pytest.param(after(REFUSED, mailbox(spec(suspend=True))), id="a suspended one"),
    ],
)
def test_a_mailbox_that_does_not_fail_is_not_among_the_failing(subject: Object) -> None:
    assert not told(text(subject), "mailbox_failing_since_timestamp_seconds")


def test_the_last_check_and_the_last_success_are_told_apart() -> None:
    known = Known(1, Reason.RATE_LIMITED, 1, checked=NOON + timedelta(hours=1), connected=NOON)

    written = text((mailbox(), known))

    assert told(written, "mailbox_last_check_timestamp_seconds")[0][1] == NOON.timestamp() + 3600
    assert told(written, "mailbox_last_success_timestamp_seconds")[0][1] == NOON.timestamp()


def test_what_was_not_checked_yet_has_no_time() -> None:
    assert "mailbox_last_check_timestamp_seconds" not in names(text((mailbox(), Known())))


@pytest.mark.parametrize(
    ("outcome", "hours"),
    [
        pytest.param(FINE, 0.5 * 1.1, id="healthy: its interval, and chance"),
        pytest.param(REFUSED, 6 * 1.1, id="a person's move"),
        pytest.param(Fault(Reason.RATE_LIMITED), 2, id="retrying"),
    ],
)
def test_the_interval_is_the_longest_rest_as_it_stands(
    outcome: Proof | Fault, hours: float
) -> None:
    subject = after(outcome, mailbox(spec(check_interval=timedelta(minutes=30))))

    written = told(text(subject), "mailbox_check_interval_seconds")

    assert [labels for labels, _ in written] == [JANE]
    assert [value for _, value in written] == pytest.approx([hours * 3600])


def test_a_suspended_mailbox_has_no_interval() -> None:
    suspended = (mailbox(spec(suspend=True)), Known())

    assert "mailbox_check_interval_seconds" not in names(text(suspended))


def test_mailboxes_are_summed_up_by_what_a_fleet_is_looked_at_by() -> None:
    twin, _ = after(REFUSED, mailbox(key=key("john")))

    written = told(text(after(REFUSED), (twin, Known()), after(FINE)), "mailboxes")

    labels = {"namespace": "mail", **PRIVATE, "suspended": "false"}
    failing = {"ready": "False", "reason": "InvalidCredentials", "move": "Mailbox owner"}
    fine = {"ready": "True", "reason": "Connected", "move": "Nobody"}
    assert written == [(labels | failing, 2), (labels | fine, 1)]


def test_without_series_of_their_own_only_the_sums_are_left() -> None:
    written = text(after(REFUSED), after(FINE, infrastructure()), per_mailbox=False)

    assert not [name for name in names(written) if name.startswith("mailbox_")]
    assert {"mailboxes", "managed_infrastructure_status_condition"} <= names(written)


def test_a_sender_says_how_it_stands() -> None:
    written = text(after(Proof(binding="app-smtp"), sender()))

    standing = told(written, "sender_status_condition")
    ready = {"type": "Ready", "status": "True", "reason": "Available"}
    assert ({"namespace": "mail", "name": "app"} | ready, 1) in standing


def test_a_sender_is_there_and_says_whether_it_is_suspended() -> None:
    written = text(after(Proof(binding="app-smtp"), sender()))

    labels = {"namespace": "mail", "name": "app", "suspended": "false"}
    assert told(written, "sender_info") == [(labels, 1)]


def test_senders_are_counted_without_series_of_their_own() -> None:
    taken = after(Fault(Reason.SECRET_NAME_TAKEN), sender())

    written = text(taken, per_mailbox=False)

    labels = {"namespace": "mail", "ready": "False", "reason": "SecretNameTaken"}
    move = {"move": "Mailbox owner", "suspended": "false"}
    assert told(written, "senders") == [(labels | move, 1)]
    assert not [name for name in names(written) if name.startswith("sender_")]


def test_an_infrastructure_says_how_it_stands() -> None:
    written = text(after(Fault(Reason.OAUTH_APP_INVALID), infrastructure()))

    standing = told(written, "managed_infrastructure_status_condition")
    ready = {"type": "Ready", "status": "False", "reason": "OAuthAppInvalid"}
    assert ({"name": "default"} | ready, 1) in standing


def test_an_expiry_says_whose_move_it_will_be() -> None:
    written = text(expiries=[Expiry("operators", "google", Move.PLATFORM, NOON)])

    labels = {"namespace": "operators", "name": "google", "move": "Platform team"}
    found = told(written, "client_secret_expiry_timestamp_seconds")
    assert found == [(labels, NOON.timestamp())]


def test_grants_without_a_mailbox_are_counted_by_their_fate() -> None:
    snapshot = Snapshot(NOON, orphans={Fate.HELD: 6})
    families = States(snapshot, Pace(), per_mailbox=True).families()
    written = "".join(part for family in families for part in family.written())

    assert told(written, "orphaned_grants") == [
        ({"fate": "Grace"}, 0.0),
        ({"fate": "Held"}, 6.0),
        ({"fate": "NamespaceMissing"}, 0.0),
        ({"fate": "Restored"}, 0.0),
        ({"fate": "Retained"}, 0.0),
    ]


def test_a_replica_that_waits_tells_no_state() -> None:
    states = States(Snapshot(), Pace(), per_mailbox=True)

    assert not names("".join(part for family in states.families() for part in family.written()))


def test_a_replica_that_waits_tells_what_it_has_checked() -> None:
    checked = Known(checked=NOON, connected=NOON)
    states = States(Snapshot(checked=[(mailbox(), checked)]), Pace(), per_mailbox=True)

    written = "".join(part for family in states.families() for part in family.written())

    assert names(written) == {
        "mailbox_last_check_timestamp_seconds",
        "mailbox_last_success_timestamp_seconds",
    }


def test_nonsense_in_a_status_cannot_break_a_line() -> None:
    nonsense = 'a "quoted"\nline \\ more'
    ready = Condition("Ready", "False", nonsense, "", 1, "yesterday")
    subject = replace(mailbox(), status=Status(1, (ready,)))

    written = text((subject, Known()))

    assert told(written, "mailbox_failing_since_timestamp_seconds")[0][0]["reason"] == nonsense
    assert told(written, "mailbox_failing_since_timestamp_seconds")[0][1] == 0


def test_the_lines_are_openmetrics_too() -> None:
    written = text(after(REFUSED), after(FINE, infrastructure()))

    families = open_metrics(written + "# EOF\n")  # type: ignore[no-untyped-call]  # it ships none
    found = {family.name for family in families}

    assert {f"{PREFIX}mailbox_info", f"{PREFIX}leading_since_timestamp_seconds"} <= found


def test_a_time_is_told_in_seconds_since_the_epoch() -> None:
    moment = datetime.fromisoformat("2026-11-23T12:00:00Z")

    found = told(text(), "leading_since_timestamp_seconds")

    assert found == [({}, moment.timestamp())]


def limited(*, per_mailbox: bool) -> str:
    """Tell of three mailboxes with a limit: one has room, one has none, one is not counted."""
    reports = {
        key("jane"): Report("True", "WithinLimits", "", Capacity(10, 3, 7)),
        key("bob"): Report("False", "LimitReached", "", Capacity(10, 12, 0)),
        key("odd"): Report("Unknown", "Uncounted", ""),
    }
    states = States(Snapshot(NOON, capacities=reports), Pace(), per_mailbox)
    return "".join(part for family in states.families() for part in family.written())


def test_each_mailbox_with_a_limit_tells_of_it() -> None:
    written = limited(per_mailbox=True)

    bob = JANE | {"name": "bob"}
    assert told(written, "mailbox_capacity_limit") == [(JANE, 10), (bob, 10)]
    assert told(written, "mailbox_capacity_used") == [(JANE, 3), (bob, 12)]


def test_mailboxes_at_their_limit_are_counted_where_no_mailbox_has_series_of_its_own() -> None:
    written = limited(per_mailbox=False)

    assert told(written, "mailboxes_limit_reached") == [({"namespace": "mail"}, 1)]
    assert told(written, "mailbox_capacity_used") == []
