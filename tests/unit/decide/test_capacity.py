"""What a status says of a limit, and when it is worth a write."""

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from mailbox_operator.decide.declared.limits import Limits
from mailbox_operator.decide.declared.sender import Sending
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.machine import Proof, announcement, decide
from mailbox_operator.decide.machine.steps import Rest
from mailbox_operator.decide.sending.capacity import (
    AT_MOST_EVERY,
    NONE_CONNECTED,
    PROVIDERS,
    Report,
    counted_as,
    is_due,
    of_mailbox,
    of_sender,
    saying,
    shown_in,
)
from mailbox_operator.decide.sending.claims import ledger_of_address, ledger_of_sender
from mailbox_operator.decide.sending.kept import UncountedError
from mailbox_operator.decide.sending.ledger import BUCKET, Ledger, number_of
from mailbox_operator.decide.status.capacity import Capacity
from mailbox_operator.decide.status.conditions import (
    Standing,
    Status,
    Verdict,
    conditions,
    render_status,
)
from mailbox_operator.decide.status.recorded import parse_status
from unit.decide.attempts import end
from unit.decide.condition_rules import broken_rules
from unit.make import ENDPOINT, NOON, mailbox, seen, sender, spec

NOW: Final = number_of(NOON)
LATER: Final = NOON + timedelta(minutes=1)
VERDICT: Final = Verdict(Standing.CONNECTED, Reason.CONNECTED, "All is well.")
BEFORE: Final = Status(1, conditions(VERDICT, 1, Status(), NOON, connects=True), secret_version="v")
SHOP: Final = sender(Sending(("jane", "bob"), limits=Limits(per_day=100)))
ANY: Final = sender(Sending(("jane", "bob")))


class Counts:
    """Ledgers by name."""

    def __init__(self, **used: int | None) -> None:
        self.used: dict[str, int | None] = {
            ledger_of_sender(SHOP.key)
            if name == "shop"
            else ledger_of_address(f"{name}@acme.example"): n
            for name, n in used.items()
        }

    def look(self, name: str) -> Ledger:
        """Return one; one that is None is damaged."""
        used = self.used.get(name, 0)
        if used is None:
            raise UncountedError("ConfigMap x is damaged")
        return Ledger({NOW: used} if used else {})


def box(name: str = "jane", per_day: int | None = 10, reason: str = "") -> Case:
    status = Status(1, saying(BEFORE, None, NOON).conditions)
    if reason:
        lost = Verdict(Standing.RETRYING, Reason(reason), "It is not so.")
        status = Status(1, conditions(lost, 1, Status(), NOON, connects=True))
    asked = spec(sending=Limits(per_day=per_day), address=f"{name}@acme.example")
    return Case(mailbox(asked, status=status), None, "")


def report(used: int, limit: int = 10) -> Report:
    found = of_mailbox(box(per_day=limit), Counts(jane=used).look, NOON)
    assert found is not None
    return found


def shop(
    own: int, *boxes: tuple[str, int, int | None], others: tuple[Case, ...] = ()
) -> Report | None:
    """Report on a Sender with a limit of 100: name, used and limit of each connected mailbox."""
    counts = Counts(shop=own, **{name: used for name, used, _ in boxes})
    cases = [box(name, limit) for name, _, limit in boxes]
    return of_sender(SHOP, cases, others, counts.look, NOON)


def test_a_mailbox_without_a_limit_says_nothing() -> None:
    assert of_mailbox(box(per_day=None), Counts(jane=7).look, NOON) is None


def test_a_mailbox_says_what_is_left() -> None:
    found = report(used=3)

    assert (found.state, found.reason) == ("True", "WithinLimits")
    assert found.capacity == Capacity(10, 3, 7)


def test_a_mailbox_that_is_used_up_says_when_there_is_room_and_the_message_does_not() -> None:
    found = report(used=10)

    assert (found.state, found.reason) == ("False", "LimitReached")
    assert found.capacity == Capacity(10, 10, 0, "2026-11-24T12:10:00Z")
    assert "12:10" not in found.message


def test_more_may_be_used_than_a_limit_that_was_lowered_allows() -> None:
    assert report(used=30).capacity == Capacity(10, 30, 0, "2026-11-24T12:10:00Z")


def test_a_damaged_count_is_unknown() -> None:
    found = of_mailbox(box(), Counts(jane=None).look, NOON)

    assert found is not None
    assert (found.state, found.reason, found.capacity) == ("Unknown", "Uncounted", None)


@pytest.mark.parametrize(
    ("limit", "counted"), [(None, None), (10, Capacity(10, 3, 0))], ids=["unlimited", "limited"]
)
def test_the_limit_of_a_provider_is_told_as_reached(
    limit: int | None, counted: Capacity | None
) -> None:
    case = box(per_day=limit, reason="SendingLimitReached")

    found = of_mailbox(case, Counts(jane=3).look, NOON)

    assert found == Report("False", "LimitReached", PROVIDERS, counted)


@pytest.mark.parametrize(
    ("found", "wanted"),
    [
        pytest.param(shop(20, ("jane", 0, 500)), Capacity(100, 20, 80), id="its own is lower"),
        pytest.param(
            shop(20, ("jane", 5, 10), ("bob", 1, 20)), Capacity(30, 20, 24), id="theirs is lower"
        ),
        pytest.param(
            shop(20, ("jane", 5, 10), ("bob", 1, None)), Capacity(100, 20, 80), id="one has none"
        ),
        pytest.param(
            shop(20, ("jane", 495, 500)), Capacity(100, 20, 5), id="others have used theirs"
        ),
        pytest.param(
            shop(3, ("jane", 30, 10), ("bob", 1, 20)),
            Capacity(30, 3, 19),
            id="what one has too much takes nothing from another",
        ),
        pytest.param(
            shop(100, ("jane", 0, 500)),
            Capacity(100, 100, 0, "2026-11-24T12:10:00Z"),
            id="its own is used up",
        ),
    ],
)
def test_a_sender_may_send_the_lower_of_its_own_limit_and_of_all_its_mailboxes(
    found: Report | None, wanted: Capacity
) -> None:
    assert found is not None
    assert found.capacity == wanted


def test_a_sender_without_a_limit_may_send_what_its_mailboxes_may() -> None:
    cases = [box("jane", 10), box("bob", 20)]

    found = of_sender(ANY, cases, (), Counts(jane=4, bob=5, shop=50).look, NOON)

    assert found is not None
    assert found.capacity == Capacity(30, 9, 21)


def test_a_sender_of_a_mailbox_without_a_limit_says_nothing() -> None:
    assert of_sender(ANY, [box("jane", 10), box("bob", None)], (), Counts().look, NOON) is None


@pytest.mark.parametrize("damaged", ["shop", "jane"])
def test_a_sender_does_not_know_what_one_of_its_limits_has_left(damaged: str) -> None:
    found = of_sender(SHOP, [box("jane", 10)], (), Counts(**{damaged: None}).look, NOON)

    assert found is not None
    assert found.state == "Unknown"


def test_a_sender_without_a_connected_mailbox_does_not_know() -> None:
    of_own = of_sender(SHOP, (), (), Counts().look, NOON)
    of_boxes = of_sender(ANY, (), [box()], Counts().look, NOON)

    assert of_own is not None
    assert of_own == of_boxes
    assert NONE_CONNECTED in of_own.message
    assert of_sender(ANY, (), [box(per_day=None)], Counts().look, NOON) is None


@pytest.mark.parametrize(
    ("before", "after", "is_at_once"),
    [
        pytest.param(0, 1, False, id="a little"),
        pytest.param(7, 8, True, id="80 %"),
        pytest.param(8, 9, False, id="between"),
        pytest.param(9, 10, True, id="all of it"),
        pytest.param(2, 10, True, id="all of it in one go"),
        pytest.param(10, 9, False, id="a little room"),
        pytest.param(10, 8, False, id="still nearly all"),
        pytest.param(10, 7, True, id="back from the limit"),
        pytest.param(8, 7, True, id="back"),
    ],
)
def test_a_status_is_written_rarely_and_at_once_where_it_matters(
    *, before: int, after: int, is_at_once: bool
) -> None:
    shown, found = report(before), report(after)

    assert is_due(shown, found, NOON, LATER) is is_at_once
    assert is_due(shown, found, NOON, NOON + AT_MOST_EVERY)
    assert not is_due(found, found, NOON, NOON + AT_MOST_EVERY)


def test_another_limit_and_what_becomes_known_or_unknown_is_written_at_once() -> None:
    unknown = of_mailbox(box(), Counts(jane=None).look, NOON)
    ordinary = report(3)

    for shown, found in [
        (ordinary, report(3, limit=11)),
        (None, ordinary),
        (ordinary, None),
        (ordinary, unknown),
        (unknown, ordinary),
        (report(10), unknown),
    ]:
        assert is_due(shown, found, NOON, LATER)
    assert not is_due(None, None, NOON, NOON + AT_MOST_EVERY)


def test_a_day_at_the_limit_is_written_twice_in_ten_minutes_at_most() -> None:
    """Demand above the limit takes each recipient that becomes free at once."""
    shown, shown_at, writes = report(10), NOON, 0
    for minute in range(24 * 60):
        now, found = NOON + minute * timedelta(minutes=1), report(9 if minute % 2 else 10)
        if is_due(shown, found, shown_at, now):
            shown, shown_at, writes = found, now, writes + 1

    assert 0 < writes <= 2 * (timedelta(days=1) // BUCKET)


@pytest.mark.parametrize(
    "found",
    [report(3), report(10), of_mailbox(box(), Counts(jane=None).look, NOON), None],
    ids=["within", "reached", "unknown", "none"],
)
def test_what_is_said_goes_to_the_cluster_and_back(found: Report | None) -> None:
    status = saying(BEFORE, found, NOON)

    again = parse_status(render_status(status))

    assert again == status
    assert shown_in(again) == found
    assert broken_rules(status, 1) == []
    assert not broken_rules(saying(status, None, NOON), 1)


def test_nothing_else_is_changed_and_a_verdict_leaves_it_where_it_is() -> None:
    said = saying(BEFORE, report(10), NOON)
    verdict = conditions(VERDICT, 2, said, LATER, connects=True)

    assert saying(said, None, LATER) == BEFORE
    assert [each.type for each in verdict] == ["Ready", "Connected", "Error", "Capacity"]
    assert {each.observed_generation for each in verdict} == {2}
    assert shown_in(Status(2, verdict, capacity=said.capacity)) == report(10)


def test_the_time_of_the_condition_moves_when_its_status_does() -> None:
    said = saying(BEFORE, report(3), NOON)

    same, other = saying(said, report(4), LATER), saying(said, report(10), LATER)

    times = [each.conditions[-1].last_transition_time for each in (said, same, other)]
    assert times == ["2026-11-23T12:00:00Z", "2026-11-23T12:00:00Z", "2026-11-23T12:01:00Z"]


def test_a_count_is_carried_into_another_status() -> None:
    said, newer = saying(BEFORE, report(3), NOON), replace(BEFORE, secret_version="w")

    carried = counted_as(newer, said)

    assert replace(carried, secret_version="v") == said
    assert counted_as(carried, BEFORE) == newer


@pytest.mark.parametrize(
    "outcome", [Proof(ENDPOINT), Fault(Reason.INVALID_CREDENTIALS)], ids=["well", "lost"]
)
def test_no_verdict_and_no_announcement_erases_what_was_counted(outcome: Proof | Fault) -> None:
    said = saying(BEFORE, report(10), NOON)
    edited = seen(mailbox(generation=2, status=said), said)

    concluded, announced = end(edited, outcome).status, announcement(edited, LATER)

    assert shown_in(concluded) == shown_in(announced) == report(10)
    assert [broken_rules(each, 2) for each in (concluded, announced)] == [[], []]
    assert concluded.reason != announced.reason == "Progressing"


def test_what_is_counted_leaves_a_verdict_as_good_as_it_was() -> None:
    judged = end(seen(mailbox()), Proof(ENDPOINT)).status
    said = saying(judged, report(10), LATER)

    assert seen(mailbox(status=said), said).is_judged
    assert decide(seen(mailbox(status=said), said), LATER, due=False) == Rest()
