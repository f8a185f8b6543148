"""Replicas that share one record have no more logins refused than one replica alone."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from http import HTTPStatus
from typing import Final

import pytest

from lab.attempts import until
from lab.servers.scripted import answering
from lab.servers.shelf import Shelf
from mailbox_operator.cluster.shared_refusals import MOST_TRIES
from mailbox_operator.connect.restraint import Restraint
from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.decide.refusals.accounts import PasswordLogin, TriedLogin
from mailbox_operator.decide.refusals.ledger import HOUR_SECONDS, OF_AN_ACCOUNT, OF_ONE_TENANT
from mailbox_operator.decide.refusals.refused import OPEN, End
from mailbox_operator.decide.refusals.under_way import LONGEST_LOGIN_SECONDS
from system.cluster.ledgers import Replica, guess, guess_everywhere, working

LOGIN: Final = PasswordLogin("mail.acme.example", "jane", "guess", "evil")


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
async def replicas(shelf: Shelf) -> AsyncIterator[list[Replica]]:
    async with AsyncExitStack() as stack:
        yield [Replica(await stack.enter_async_context(answering(shelf.answer))) for _ in "ab"]


async def test_guesses_at_two_replicas_at_once_are_refused_no_more_often_than_at_one(
    replicas: list[Replica],
) -> None:
    async with working(*replicas):
        refused = await guess_everywhere(replicas, "evil")

    assert refused == {"evil": OF_ONE_TENANT}


async def test_guesses_of_several_tenants_at_two_replicas_share_the_limit_of_an_account(
    replicas: list[Replica],
) -> None:
    async with working(*replicas):
        refused = await guess_everywhere(replicas, "evil", "second", "third")

    assert refused.total() == OF_AN_ACCOUNT
    assert max(refused.values()) <= OF_ONE_TENANT


async def test_replicas_that_start_on_an_empty_cluster_agree_on_a_key(
    replicas: list[Replica],
) -> None:
    async with working(*replicas):
        began = await asyncio.gather(*(each.begin(guess()) for each in replicas))

    assert began == [True, True]
    assert replicas[0].ledger.refusals.key == replicas[1].ledger.refusals.key


async def test_logins_that_wait_together_are_put_down_by_one_write(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    people = [guess(account=f"person-{number}") for number in range(50)]

    async with working(replicas[0]):
        began = await asyncio.gather(*map(replicas[0].begin, people))

    assert all(began)
    assert (shelf.writes, len(shelf.rows)) == (1, len(people))


async def test_logins_that_come_during_a_write_are_put_down_by_the_next_one(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    shelf.open.clear()

    async with working(replicas[0]):
        first = asyncio.create_task(replicas[0].begin(guess(account="first")))
        await until(lambda: bool(shelf.sizes))
        others = [asyncio.create_task(replicas[0].begin(guess(number))) for number in range(5)]
        shelf.open.set()
        began = await asyncio.gather(first, *others)

    assert all(began)
    assert shelf.writes == 2


async def test_a_login_that_was_accepted_is_taken_out_of_the_record(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    async with working(replicas[0]):
        await replicas[0].begin(guess())
        put_down = [mark for mark, *_ in shelf.rows]
        replicas[0].end(End.ACCEPTED)
        await until(lambda: not shelf.rows)

    assert [mark.endswith(OPEN) for mark in put_down] == [True]


async def test_a_login_that_was_refused_stays_in_the_record(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    async with working(replicas[0]):
        await replicas[0].begin(guess())
        mark = shelf.rows[0][0]
        replicas[0].end(End.REFUSED)
        await until(lambda: shelf.writes == 2)

    assert [each[0] for each in shelf.rows] == [mark.removesuffix(OPEN)]


async def test_a_login_waits_for_those_of_another_replica_to_end(replicas: list[Replica]) -> None:
    first, second = replicas

    async with working(*replicas):
        for number in range(OF_ONE_TENANT):
            await first.begin(guess(number))
        await second.ledger.load()
        waiting = asyncio.create_task(second.begin(guess(20)))
        first.end(End.OTHER)

        assert await waiting


async def test_a_login_is_held_back_once_those_of_another_replica_were_refused(
    replicas: list[Replica],
) -> None:
    first, second = replicas

    async with working(*replicas):
        for number in range(OF_ONE_TENANT):
            await first.begin(guess(number))
        await second.ledger.load()
        waiting = asyncio.create_task(second.begin(guess(20)))
        first.end(End.REFUSED, OF_ONE_TENANT)

        assert not await waiting


async def test_logins_of_a_replica_that_was_killed_count_as_refused(
    replicas: list[Replica],
) -> None:
    first, second = replicas
    async with working(first):
        for number in range(OF_ONE_TENANT - 1):
            await first.begin(guess(number))

    async with working(second):
        began = await second.begin(guess(20))
        waiting = asyncio.create_task(second.begin(guess(21)))
        second.end(End.REFUSED)
        second.clock.seconds += LONGEST_LOGIN_SECONDS
        is_held = not await waiting
        second.clock.seconds += HOUR_SECONDS

        assert (began, is_held) == (True, True)
        assert await second.begin(guess(22))


async def test_a_login_that_was_given_up_while_it_was_put_down_is_taken_out_again(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    shelf.open.clear()

    async with working(replicas[0]):
        given_up = asyncio.create_task(replicas[0].begin(guess()))
        await until(lambda: bool(shelf.sizes))
        given_up.cancel()
        await asyncio.wait([given_up])
        shelf.open.set()
        await until(lambda: shelf.writes == 2)

    assert shelf.rows == []


async def test_a_login_that_was_given_up_before_it_is_put_down_is_not_written(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    shelf.open.clear()

    async with working(replicas[0]):
        first = asyncio.create_task(replicas[0].begin(guess()))
        await until(lambda: bool(shelf.sizes))
        given_up = asyncio.create_task(replicas[0].begin(guess(1)))
        await asyncio.sleep(0)
        given_up.cancel()
        await asyncio.wait([given_up])
        shelf.open.set()
        await first
        await replicas[0].begin(guess(2))

    assert len(shelf.rows) == 2


async def test_a_login_whose_row_was_written_without_an_answer_counts_once(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    shelf.loses = True

    async with working(replicas[0]):
        began = asyncio.create_task(replicas[0].begin(guess()))
        await until(lambda: shelf.writes == 1)
        shelf.loses = False

        assert await began
    assert len(shelf.rows) == 1


async def test_a_row_that_was_written_without_an_answer_is_taken_out_if_its_login_is_given_up(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    shelf.loses = True

    async with working(replicas[0]):
        given_up = asyncio.create_task(replicas[0].begin(guess()))
        await until(lambda: shelf.writes == 1)
        given_up.cancel()
        await asyncio.wait([given_up])
        shelf.loses = False
        await until(lambda: not shelf.rows)

    assert shelf.writes > 1


async def test_a_login_whose_row_was_never_written_waits_no_longer_than_it_has_patience(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    shelf.refuses = dict.fromkeys(("POST", "PATCH", "GET"), HTTPStatus.INTERNAL_SERVER_ERROR)
    restraint = Restraint(replicas[0].ledger, patience_seconds=0.2)
    running = asyncio.create_task(replicas[0].ledger.run())

    with pytest.raises(Postponed):
        async with restraint.gate(LOGIN)("192.0.2.7"):
            pytest.fail("it was sent")

    running.cancel()
    assert shelf.data is None


async def test_a_password_that_was_accepted_needs_no_record(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    proved = TriedLogin(("jane",), "team", "right", proved=True)

    began = await replicas[0].begin(proved)

    assert began
    assert shelf.writes == 0


async def test_an_accepted_password_that_is_refused_by_now_is_written_down(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    async with working(replicas[0]):
        await replicas[0].begin(TriedLogin(("jane",), "team", "right", proved=True))
        replicas[0].end(End.REFUSED)
        await until(lambda: bool(shelf.rows))

    assert not shelf.rows[0][0].endswith(OPEN)


async def test_logins_go_on_once_the_api_server_is_back(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    async with working(replicas[0]):
        shelf.refuses = dict.fromkeys(("POST", "GET"), HTTPStatus.INTERNAL_SERVER_ERROR)
        began = asyncio.create_task(replicas[0].begin(guess()))
        await until(lambda: shelf.refused > 0)
        shelf.refuses = {}

        assert await began


@pytest.mark.parametrize("denied", [("POST", "PATCH"), ("GET", "POST", "PATCH")])
async def test_without_the_right_to_write_a_replica_counts_alone_and_says_so(
    shelf: Shelf,
    replicas: list[Replica],
    denied: tuple[str, ...],
    caplog: pytest.LogCaptureFixture,
) -> None:
    shelf.refuses = dict.fromkeys(denied, HTTPStatus.FORBIDDEN)

    async with working(replicas[0]):
        refused = await guess_everywhere(replicas[:1], "evil")

    assert refused == {"evil": OF_ONE_TENANT}
    assert "refused logins not written yet" in caplog.messages


async def test_a_replica_that_has_the_right_again_writes_what_it_counted_alone(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    shelf.refuses = {"POST": HTTPStatus.FORBIDDEN}

    async with working(replicas[0]):
        await replicas[0].attempt(guess())
        shelf.refuses = {}
        replicas[0].clock.seconds += 60
        await replicas[0].begin(guess(1))

    assert len(shelf.rows) == 2


async def test_a_replica_that_is_overtaken_again_and_again_writes_in_the_end(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    shelf.refuses = {"POST": HTTPStatus.CONFLICT}

    async with working(replicas[0]):
        began = asyncio.create_task(replicas[0].begin(guess()))
        await until(lambda: shelf.refused > MOST_TRIES)
        shelf.refuses = {}

        assert await began
    assert len(shelf.rows) == 1


async def test_what_ended_is_written_before_a_replica_ends(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    async with working(replicas[0]):
        await replicas[0].begin(guess())
        await replicas[0].begin(guess(1))
    replicas[0].end(End.REFUSED)
    replicas[0].end(End.ACCEPTED)

    await replicas[0].ledger.flush()

    assert [each[0].endswith(OPEN) for each in shelf.rows] == [False]


async def test_nothing_is_written_at_the_end_if_all_is_written(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    await replicas[0].ledger.flush()

    assert shelf.sizes == []


async def test_a_record_that_cannot_be_read_yet_is_waited_for(
    shelf: Shelf, replicas: list[Replica]
) -> None:
    shelf.refuses = {"GET": HTTPStatus.INTERNAL_SERVER_ERROR}

    loading = asyncio.create_task(replicas[0].ledger.load())
    await until(lambda: shelf.refused > 0)
    was_waiting = not loading.done()
    shelf.refuses = {}
    await loading

    assert was_waiting
