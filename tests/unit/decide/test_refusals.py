"""How many logins are refused in an hour, no matter who tries and in which order they end."""

from typing import Final

import pytest
from hypothesis import given, settings, strategies as st

from lab.examples import examples
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.refusals.accounts import TriedLogin
from mailbox_operator.decide.refusals.ledger import (
    HOUR_SECONDS,
    MOST_REFUSALS,
    OF_A_NAMESPACE,
    OF_AN_ACCOUNT,
    OF_ONE_TENANT,
    Busy,
    Free,
    Held,
    Refusals,
    RefusalScope,
    held_fault,
)
from mailbox_operator.decide.refusals.refused import Answer, End, Refusal
from mailbox_operator.decide.refusals.under_way import Permit

KEY: Final = b"key"
NO: Final = Answer(Reason.INVALID_CREDENTIALS, "535 5.7.8")


def login(
    number: int = 0, namespace: str = "evil", account: str = "jane", *, proved: bool = False
) -> TriedLogin:
    """Describe a try at an account with the password of that number."""
    return TriedLogin((account,), namespace, f"{account}/{number}", proved)


def refuse(refusals: Refusals, *logins: TriedLogin, at: float = 0) -> None:
    """Have logins refused, one after the other."""
    for each in logins:
        refusals.end(refusals.begin(each), End.REFUSED, at, NO)


def burnt(count: int = OF_ONE_TENANT, at: float = 0) -> Refusals:
    """Remember so many wrong passwords of one namespace for one account."""
    refusals = Refusals(KEY, "here")
    refuse(refusals, *map(login, range(count)), at=at)
    return refusals


def test_one_tenant_may_be_refused_so_often_and_no_more() -> None:
    assert burnt(OF_ONE_TENANT - 1).ask(login(99), 10) == Free()
    assert burnt().ask(login(99), 10) == Held(RefusalScope.ACCOUNT, HOUR_SECONDS)


def test_an_account_may_be_refused_so_often_by_all_tenants_together() -> None:
    refusals = burnt()

    refuse(refusals, login(50, "second"), login(51, "third"))

    assert refusals.ask(login(52, "fourth"), 10) == Held(RefusalScope.ACCOUNT, HOUR_SECONDS)


def test_a_tenant_alone_leaves_room_for_the_first_login_of_another() -> None:
    assert burnt().ask(login(50, "team"), 10) == Free()


def test_a_refusal_counts_for_an_hour() -> None:
    refusals = burnt()

    assert isinstance(refusals.ask(login(99), HOUR_SECONDS - 0.1), Held)
    assert refusals.ask(login(99), HOUR_SECONDS) == Free()
    assert refusals.recent(HOUR_SECONDS) == []


def test_a_server_that_refused_a_whole_namespace_holds_nobody_back_an_hour_later() -> None:
    refusals = Refusals(KEY, "here")
    everybody = [login(account=f"person-{number}", proved=True) for number in range(150)]

    for each in everybody:
        assert refusals.ask(each, 10) == Free()
        refuse(refusals, each, at=10)

    assert isinstance(refusals.ask(everybody[0], 20), Held)
    assert {refusals.ask(each, 10 + HOUR_SECONDS) for each in everybody} == {Free()}


def test_a_namespace_may_be_refused_so_often_over_all_accounts() -> None:
    refusals = Refusals(KEY, "here")
    sprayed = [login(account=f"person-{number}") for number in range(OF_A_NAMESPACE)]

    refuse(refusals, *sprayed[:-1])
    assert refusals.ask(login(account="next"), 10) == Free()
    refuse(refusals, sprayed[-1])

    assert refusals.ask(login(account="next"), 10) == Held(RefusalScope.NAMESPACE, HOUR_SECONDS)
    assert refusals.ask(login(namespace="team", account="next"), 10) == Free()


def test_one_wrong_secret_of_many_mailboxes_is_held_by_its_account_with_the_servers_word() -> None:
    refusals = Refusals(KEY, "here")
    refuse(refusals, *[login()] * OF_ONE_TENANT)

    assert refusals.ask(login(), 10) == Held(RefusalScope.ACCOUNT, HOUR_SECONDS, NO)
    assert refusals.ask(login(account="other"), 10) == Free()


def test_logins_under_way_count_until_they_end() -> None:
    refusals = Refusals(KEY, "here")
    under_way = [refusals.begin(login(number)) for number in range(OF_ONE_TENANT)]

    assert refusals.ask(login(99), 0) == Busy()
    refusals.end(under_way[0], End.OTHER, 0)

    assert refusals.ask(login(99), 0) == Free()


def test_a_password_that_was_accepted_is_not_held_back() -> None:
    refusals, mine = Refusals(KEY, "here"), login(1, "team")
    refusals.end(refusals.begin(mine), End.ACCEPTED, 0)

    refuse(refusals, *map(login, range(10, 18)), login(50, "second"), login(51, "third"))

    assert refusals.ask(mine, 1) == Free()
    assert isinstance(refusals.ask(login(2, "team"), 1), Held)


def test_a_password_that_the_status_proves_is_not_held_back() -> None:
    refusals = burnt()
    refuse(refusals, login(50, "second"), login(51, "third"))

    assert refusals.ask(login(99, "team", proved=True), 1) == Free()


@pytest.mark.parametrize("proved", [False, True])
def test_a_password_that_is_refused_by_now_is_trusted_no_more(*, proved: bool) -> None:
    refusals, mine = Refusals(KEY, "here"), login(1, "team", proved=proved)
    refusals.end(refusals.begin(mine), End.ACCEPTED, 0)

    refuse(refusals, *[mine] * OF_ONE_TENANT)

    assert refusals.ask(mine, 1) == Held(RefusalScope.ACCOUNT, HOUR_SECONDS, NO)


def test_a_password_that_was_accepted_is_tried_at_so_many_places_at_once() -> None:
    refusals, mine = Refusals(KEY, "here"), login(1, "team", proved=True)

    for _ in range(OF_AN_ACCOUNT):
        assert refusals.ask(mine, 0) == Free()
        refusals.begin(mine)

    assert refusals.ask(mine, 0) == Busy()


def test_a_login_that_was_cut_off_counts_unless_it_was_accepted_before() -> None:
    refusals = Refusals(KEY, "here")

    assert refusals.end(refusals.begin(login()), End.UNANSWERED, 0)
    assert not refusals.end(refusals.begin(login(proved=True)), End.UNANSWERED, 0)
    assert not refusals.end(refusals.begin(login()), End.OTHER, 0)


def test_the_platforms_own_logins_count_by_account_alone() -> None:
    refusals = Refusals(KEY, "here")

    refuse(refusals, *[login(namespace="")] * (OF_AN_ACCOUNT - 1))

    assert refusals.ask(login(namespace=""), 0) == Free()


def test_a_tenant_with_many_refusals_pushes_out_its_own() -> None:
    refusals = burnt()
    proved = [login(number, "greedy", f"own-{number}") for number in range(MOST_REFUSALS)]

    refuse(refusals, *proved, at=1)

    assert len(refusals.recent(1)) == MOST_REFUSALS
    assert isinstance(refusals.ask(login(99), 1), Held)


def test_another_process_takes_over_what_was_remembered() -> None:
    successor = Refusals(b"its own", "there")

    successor.restore(KEY, burnt().recent(1), 1)

    assert successor.key == KEY
    assert successor.ask(login(99), 1) == Held(RefusalScope.ACCOUNT, HOUR_SECONDS)


def test_what_was_remembered_twice_counts_once() -> None:
    refusals = Refusals(KEY, "here")
    for number in range(OF_ONE_TENANT - 1):
        refuse(refusals, login(number), at=number)
    theirs = [
        *refusals.recent(10),
        Refusal(2.5, ("jane",), "another", mark="theirs"),
    ]

    refusals.restore(KEY, theirs, 10)

    assert [each.at for each in refusals.recent(10)] == [0, 1, 2, 2.5, 3, 4, 5, 6]


def test_a_record_under_another_key_takes_the_place_of_this_one() -> None:
    refusals = burnt()

    refusals.restore(b"another", [], 1)

    assert refusals.recent(1) == []


@pytest.mark.parametrize(
    ("held", "reason", "code"),
    [
        (
            Held(RefusalScope.ACCOUNT, 100),
            Reason.RATE_LIMITED,
            "too many refused logins within an hour",
        ),
        (
            Held(RefusalScope.NAMESPACE, 100),
            Reason.RATE_LIMITED,
            "too many refused logins of this namespace within an hour",
        ),
        (Held(RefusalScope.ACCOUNT, 100, NO), Reason.INVALID_CREDENTIALS, "535 5.7.8"),
    ],
)
def test_a_login_that_is_held_back_says_why_and_how_long(
    held: Held, reason: Reason, code: str
) -> None:
    fault = held_fault(held, 40)

    assert (fault.reason, fault.facts["code"]) == (reason, code)
    assert fault.retry_after is not None
    assert fault.retry_after.total_seconds() == 60


STEPS: Final = st.lists(
    st.tuples(
        st.sampled_from(["begin", "begin", "begin", "end", "restart"]),
        st.integers(0, 40),
        st.sampled_from(["evil", "evil", "second", "third"]),
        st.sampled_from(["jane", "jane", "joe"]),
        st.floats(0, 600),
        st.sampled_from([End.REFUSED, End.REFUSED, End.UNANSWERED, End.OTHER]),
    ),
    max_size=150,
)


@settings(max_examples=examples(200), deadline=None)
@given(STEPS)
def test_no_hour_sees_more_refusals_of_an_account_than_allowed(
    steps: list[tuple[str, int, str, str, float, End]],
) -> None:
    refusals, now, open_now, refused = (
        Refusals(KEY, "here"),
        0.0,
        list[Permit](),
        list[tuple[float, TriedLogin]](),
    )

    for act, number, namespace, account, later, end in steps:
        now += later
        tried = login(number, namespace, account)
        if act == "begin" and refusals.ask(tried, now) == Free():
            open_now.append(refusals.begin(tried))
        elif act == "end" and open_now:
            permit = open_now.pop(number % len(open_now))
            if refusals.end(permit, end, now):
                refused.append((now, permit.tried))
        elif act == "restart" and not open_now:
            successor = Refusals(b"its own", "there")
            successor.restore(KEY, refusals.recent(now), now)
            refusals = successor

    for began, _ in refused:
        hour = [each for at, each in refused if began <= at < began + HOUR_SECONDS]
        of_jane = [each.namespace for each in hour if each.accounts == ("jane",)]
        assert len(of_jane) <= OF_AN_ACCOUNT
        assert of_jane.count("evil") <= OF_ONE_TENANT


@settings(max_examples=examples(100), deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.booleans()), max_size=120))
def test_a_password_that_stops_working_adds_no_more_than_it_was_tried_at_once(
    steps: list[tuple[int, bool]],
) -> None:
    refusals, open_now, count = Refusals(KEY, "here"), list[Permit](), 0

    for number, begins in steps:
        mine = login(0, "team", proved=True) if number else login(number, "evil")
        if begins and refusals.ask(mine, 0) == Free():
            open_now.append(refusals.begin(mine))
        elif open_now:
            count += refusals.end(open_now.pop(number % len(open_now)), End.REFUSED, 0, NO)

    assert count <= 2 * OF_AN_ACCOUNT
