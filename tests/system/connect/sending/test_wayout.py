"""A session is kept while there is mail for it, and a stale one is found before the end."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from lab.attempts import until
from lab.servers.smtp import HANG_UP, Mischief, Stage
from mailbox_operator.connect.smtp.credentials import Password
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.sending.delivery import NotSent, Refused, Taken
from system.connect.cases import JANE
from system.connect.sending.conftest import Build
from system.connect.sending.senders import CONTENT, Clock, Out, message

FAREWELL = b"421 4.4.2 Idle for too long\r\n"


def reason_of(outcome: object) -> Reason:
    """Tell why a message was not sent."""
    assert isinstance(outcome, NotSent)
    assert isinstance(outcome.trouble, Fault)
    return outcome.trouble.reason


async def test_many_messages_take_one_login(out: Out) -> None:
    outcomes = await asyncio.gather(*(out.send() for _ in range(50)))

    assert all(isinstance(each, Taken) for each in outcomes)
    assert (out.server.connections, out.server.auths, len(out.server.messages)) == (1, 1, 50)


async def test_messages_go_out_in_the_order_they_came(out: Out) -> None:
    contents = [b"%d\r\n" % number for number in range(20)]

    await asyncio.gather(*(out.send(message(each)) for each in contents))

    assert out.server.messages == contents


async def test_a_tenant_does_not_wait_for_all_messages_of_another_that_go_the_same_way(
    out: Out,
) -> None:
    many = [message(b"%d\r\n" % number) for number in range(20)]

    await asyncio.gather(
        *(out.send(each) for each in many), out.send(message(b"other\r\n"), namespace="other")
    )

    assert out.server.messages.index(b"other\r\n") < 3


async def test_each_mailbox_has_a_session_of_its_own(out: Out) -> None:
    out.behave(latency_seconds=0.02)

    await asyncio.gather(*(out.send(uid=uid) for uid in "abc" for _ in range(3)))

    assert (out.server.connections, out.server.most_open) == (3, 3)


async def test_a_way_with_several_sessions_sends_so_many_messages_at_once(out: Out) -> None:
    out.accesses.sessions = 3
    out.behave(mischief={Stage.MESSAGE: Mischief.HANG})

    sending = [asyncio.create_task(out.send()) for _ in range(5)]
    await until(lambda: sum(a.stage is Stage.MESSAGE for a in out.server.attempts) == 3)
    out.server.hang_up()
    out.behave(mischief={})
    outcomes = [type(each).__name__ for each in await asyncio.gather(*sending)]

    assert outcomes.count("InDoubt") == 3
    assert outcomes.count("Taken") == 2
    assert out.server.most_open == 3


async def test_an_idle_session_is_used_before_another_one_is_opened(out: Out) -> None:
    out.accesses.sessions = 3

    for _ in range(5):
        await out.send()

    assert (out.server.connections, out.way_out.idle_sessions) == (1, 1)


async def test_a_login_that_is_refused_is_sent_once_for_all_sessions_of_a_way(out: Out) -> None:
    out.accesses.sessions = 3
    out.behave(replies={Stage.AUTH: b"535 5.7.8 wrong"})

    outcomes = await asyncio.gather(*(out.send() for _ in range(6)))

    assert {reason_of(each) for each in outcomes} == {Reason.INVALID_CREDENTIALS}
    assert out.server.auths == 1


async def test_a_session_is_closed_once_it_is_idle(build: Build) -> None:
    out = await build(idle_seconds=0.05)
    await out.send()

    await until(lambda: out.server.open_now == 0 and out.way_out.sessions == 0)

    assert out.server.attempts[0].commands[-1] == "QUIT"
    assert isinstance(await out.send(), Taken)
    assert out.server.connections == 2


@pytest.mark.parametrize("changed", [{"version": "2"}, {"uid": "another"}])
async def test_a_session_is_not_used_once_its_inputs_changed(
    out: Out, changed: dict[str, Any]
) -> None:
    await out.send()

    outcome = await out.send(**changed)

    assert isinstance(outcome, Taken)
    assert out.server.connections == 2


async def test_a_session_is_dialled_again_after_an_hour(build: Build) -> None:
    clock = Clock()
    out = await build(monotonic=clock)
    await out.send()
    clock.now += 3600

    await out.send()

    assert (out.server.connections, out.server.open_now) == (2, 1)


async def test_a_session_that_the_server_closed_is_dialled_again(out: Out) -> None:
    await out.send()
    out.server.hang_up()
    await until(lambda: out.server.open_now == 0)

    outcome = await out.send()

    assert isinstance(outcome, Taken)
    assert (out.server.connections, len(out.server.messages)) == (2, 2)


async def test_a_farewell_that_came_meanwhile_is_no_reply_to_a_message(out: Out) -> None:
    await out.send()
    await out.hear_unasked(FAREWELL)

    outcome = await out.send()

    assert isinstance(outcome, Taken)
    assert (out.server.connections, len(out.server.messages)) == (2, 2)


async def test_what_a_server_says_unasked_is_no_reply_to_a_message(out: Out) -> None:
    out.behave(replies={Stage.MESSAGE: [None, b"550 5.7.1 Spam"]})
    await out.send()
    await out.hear_unasked(b"250 Ok\r\n250 Ok\r\n354 Go ahead\r\n250 Ok\r\n")

    outcome = await out.send()

    assert isinstance(outcome, Refused)
    assert outcome.answer.code == 550
    assert sum(said.startswith("MAIL") for said in out.server.attempts[0].commands) == 1


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA])
@pytest.mark.parametrize("reply", [HANG_UP, b"421 4.4.2 Timeout"])
async def test_a_stale_session_is_found_before_the_end_and_dialled_again(
    out: Out, stage: Stage, reply: bytes
) -> None:
    out.behave(replies={stage: [None, reply, None]})

    outcomes = [type(await out.send()) for _ in range(2)]

    assert outcomes == [Taken, Taken]
    assert (out.server.connections, len(out.server.messages)) == (2, 2)


@pytest.mark.parametrize("reply", [b"503 5.5.1 Log in first", b"530 5.7.0 Log in first"])
async def test_a_server_that_forgot_the_login_is_dialled_again(out: Out, reply: bytes) -> None:
    out.behave(replies={Stage.MAIL: [None, reply, None]})

    outcomes = [type(await out.send()) for _ in range(2)]

    assert outcomes == [Taken, Taken]


async def test_a_message_is_tried_in_one_new_session_and_no_more(out: Out) -> None:
    await out.send()
    out.behave(replies={Stage.MAIL: b"421 4.3.2 Closing"})

    outcome = await out.send()

    assert isinstance(outcome, Refused)
    assert (outcome.answer.code, out.server.connections) == (451, 2)


async def test_a_refusal_for_now_is_not_repeated_with_a_new_login(out: Out) -> None:
    await out.send()
    out.behave(replies={Stage.MAIL: b"451 4.7.1 Later"})

    outcome = await out.send()

    assert isinstance(outcome, Refused)
    assert out.server.auths == 1


async def test_a_refused_login_is_not_repeated_for_a_minute(build: Build) -> None:
    clock = Clock()
    out = await build(monotonic=clock)
    out.accesses.credential = Password(JANE, "wrong")
    outcomes = [await out.send() for _ in range(5)]
    clock.now += 59
    outcomes.append(await out.send())

    assert [reason_of(each) for each in outcomes] == [Reason.INVALID_CREDENTIALS] * 6
    assert out.server.auths == 1
    clock.now += 2
    await out.send()
    assert out.server.auths == 2


async def test_a_login_without_an_answer_is_not_repeated_either(build: Build) -> None:
    out = await build(monotonic=Clock())
    out.behave(mischief={Stage.AUTH: Mischief.DROP})

    outcomes = [await out.send() for _ in range(3)]

    assert [reason_of(each) for each in outcomes] == [Reason.PROVIDER_UNAVAILABLE] * 3
    assert out.server.auths == 1


async def test_a_refused_login_is_tried_again_once_its_inputs_changed(build: Build) -> None:
    out = await build(monotonic=Clock())
    good, out.accesses.credential = out.accesses.credential, Password(JANE, "wrong")
    await out.send()
    out.accesses.credential = good

    outcome = await out.send(version="2")

    assert isinstance(outcome, Taken)


async def test_a_server_that_is_down_is_not_dialled_for_each_message(build: Build) -> None:
    clock = Clock()
    out = await build(monotonic=clock)
    await out.server.stop()

    outcomes = await asyncio.gather(*(out.send() for _ in range(5)))

    assert {reason_of(each) for each in outcomes} == {Reason.CONNECTION_REFUSED}
    await out.server.start()
    assert reason_of(await out.send()) is Reason.CONNECTION_REFUSED
    clock.now += 6
    assert isinstance(await out.send(), Taken)


async def test_a_server_that_hangs_up_after_each_login_is_not_asked_by_each_message(
    build: Build,
) -> None:
    out = await build(monotonic=Clock())
    out.behave(mischief={Stage.MAIL: Mischief.DROP})

    outcomes = [await out.send() for _ in range(5)]

    assert [reason_of(each) for each in outcomes] == [Reason.PROVIDER_UNAVAILABLE] * 5
    assert out.server.auths == 1


async def test_a_message_does_not_wait_for_others_for_ever(build: Build) -> None:
    out = await build(turn_seconds=0.05)
    out.behave(mischief={Stage.MESSAGE: Mischief.HANG})

    first = asyncio.create_task(out.send())
    await until(lambda: out.server.open_now == 1)
    second = await out.send()

    assert isinstance(second, NotSent)
    assert isinstance(second.trouble, Postponed)
    await first
    assert out.server.connections == 1


async def test_a_cancelled_message_gives_the_turn_to_the_next(build: Build) -> None:
    out = await build(seconds=300)  # a session that is left as it was would wait that long
    out.behave(mischief={Stage.DATA: Mischief.HANG})
    stuck = asyncio.create_task(out.send())
    await until(lambda: bool(out.server.attempts) and out.server.attempts[0].stage is Stage.DATA)

    stuck.cancel()
    await asyncio.wait([stuck])
    out.behave(mischief={})
    outcome = await out.send()

    assert isinstance(outcome, Taken)
    assert (stuck.cancelled(), len(out.server.messages)) == (True, 1)


async def test_the_session_that_was_idle_longest_makes_room(build: Build) -> None:
    out = await build(most_sessions=2)
    for uid in "abc":
        assert isinstance(await out.send(uid=uid), Taken)

    assert out.way_out.sessions == 2
    await out.send(uid="c")
    await out.send(uid="b")
    assert out.server.connections == 3


async def test_an_idle_session_makes_room_for_several_that_are_opened_at_once(
    build: Build,
) -> None:
    out = await build(most_sessions=3)
    await out.send(uid="idle")

    outcomes = await asyncio.gather(*(out.send(uid=uid) for uid in "abc"))

    assert [type(each) for each in outcomes] == [Taken] * 3
    assert out.server.most_open == 3


async def test_no_session_is_opened_where_too_many_are_busy(build: Build) -> None:
    out = await build(most_sessions=1)
    out.behave(mischief={Stage.MESSAGE: Mischief.HANG})
    busy = asyncio.create_task(out.send(uid="a"))
    await until(lambda: out.way_out.sessions == 1)

    outcome = await out.send(uid="b")

    assert isinstance(outcome, NotSent)
    assert isinstance(outcome.trouble, Postponed)
    await busy


async def test_a_trouble_is_explained_by_the_way_that_it_came(out: Out) -> None:
    def explain(fault: Fault) -> Fault:
        return Fault(Reason.RELAY_UNAVAILABLE, facts={"trouble": fault.reason.value})

    out.accesses.explain = explain
    out.behave(replies={Stage.MESSAGE: [b"550 5.4.5 Limit", None]}, mischief={})
    refused = await out.send()
    out.behave(mischief={Stage.MAIL: Mischief.DROP})
    lost = await out.send()

    assert isinstance(refused, Refused)
    assert isinstance(refused.trouble, Fault)
    assert refused.trouble.facts == {"trouble": "SendingLimitReached"}
    assert reason_of(lost) is Reason.RELAY_UNAVAILABLE


async def test_a_long_session_may_say_more_than_one_of_a_check(out: Out) -> None:
    wordy = b"250 2.0.0 Ok: " + b"x" * 480
    out.behave(replies={Stage.MESSAGE: wordy, Stage.MAIL: wordy, Stage.RCPT: wordy})

    outcomes = [type(await out.send()) for _ in range(200)]

    assert set(outcomes) == {Taken}
    assert out.server.auths == 1


async def test_nothing_is_left_when_the_way_out_is_closed(out: Out) -> None:
    await asyncio.gather(*(out.send(uid=uid) for uid in "abc"))

    await out.way_out.close()

    await until(lambda: out.server.open_now == 0)
    assert out.way_out.sessions == 0


async def test_a_slow_farewell_holds_up_no_other(out: Out) -> None:
    await asyncio.gather(*(out.send(uid=uid) for uid in "abc"))
    out.behave(mischief={Stage.QUIT: Mischief.HANG})

    closing = asyncio.create_task(out.way_out.close())

    def leaving() -> int:
        return sum(
            each.commands[-1:] == ["QUIT"] and not each.ended for each in out.server.attempts
        )

    await until(lambda: leaving() == 3)
    await closing


async def test_ten_megabytes_arrive_as_they_are(out: Out) -> None:
    content = CONTENT + b"".join(b".%d %s\r\n" % (n, b"\xe9" * (n % 990)) for n in range(20_000))

    outcome = await out.send(replace(message(), content=content))

    assert isinstance(outcome, Taken)
    assert out.server.messages == [content]
