"""Wrong passwords reach a server so often within an hour, whatever becomes of the attempts."""

import asyncio
from collections.abc import Awaitable
from dataclasses import replace
from typing import Final

import pytest

from lab.attempts import refusal, until
from lab.servers.smtp import Behaviour, Mischief, SmtpServer, Stage
from mailbox_operator.connect.network.records import Records
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.password import PasswordConnector
from mailbox_operator.connect.platform import PlatformConnector
from mailbox_operator.connect.ports import Gate
from mailbox_operator.connect.relays import Relays
from mailbox_operator.connect.restraint import ProcessLedger, Restraint
from mailbox_operator.decide.declared.infrastructure import Offer, Relay
from mailbox_operator.decide.declared.providers.smtp import SmtpAccess
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.refusals.accounts import PasswordLogin, reached, tried
from mailbox_operator.decide.refusals.ledger import (
    KEY_BYTES,
    OF_A_NAMESPACE,
    OF_AN_ACCOUNT,
    OF_ONE_TENANT,
    RefusalScope,
)
from mailbox_operator.decide.servers.preset import Preset
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from system.connect.cases import GOOD, JANE, PASSWORD, TENANT, case, endpoint, smtp
from system.connect.conftest import Serve
from system.connect.oauth import World
from unit import make
from unit.fakes import PLATFORM, FakeClock, FakeSecrets

GUESSES: Final = 30
SAID: Final = "535 no"


@pytest.fixture
def secrets() -> FakeSecrets:
    guesses = {(TENANT, f"guess-{n}"): credentials(f"guess {n}") for n in range(GUESSES)}
    return FakeSecrets({**guesses, (TENANT, "own"): credentials(PASSWORD)})


@pytest.fixture
def held() -> list[RefusalScope]:
    return []


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def connector(
    trust: Trust, secrets: FakeSecrets, held: list[RefusalScope], clock: FakeClock
) -> PasswordConnector:
    restraint = Restraint(ProcessLedger(clock), held.append)
    return PasswordConnector(smtp(), Records(), trust, secrets, restraint)


def credentials(password: str, username: str = JANE) -> dict[str, str]:
    return {"username": username, "password": password}


async def refused(gate: Gate) -> None:
    """Log in at a server that refuses the password."""
    async with gate("192.0.2.7") as trial:
        trial.sent = True
        raise Fault(Reason.INVALID_CREDENTIALS, SAID)


def stated(server: SmtpServer, host: str = "") -> SmtpAccess:
    return SmtpAccess(host or server.host, server.port, Security.STARTTLS)


def guess(server: SmtpServer, number: int, host: str = "") -> Case:
    return case(smtp=stated(server, host), secret=f"guess-{number}")


async def outcomes(*attempts: Awaitable[Proof]) -> list[object]:
    """Make attempts at once; name how each ended."""
    ends = await asyncio.gather(*attempts, return_exceptions=True)
    return [end.reason if isinstance(end, Fault) else type(end) for end in ends]


async def cancelled_at_login(
    connector: PasswordConnector, server: SmtpServer, wanted: Case
) -> None:
    """Begin an attempt, and cancel it once the password is at the server; or see it held back."""
    before = server.auths
    attempt = asyncio.create_task(outcomes(connector.connect(wanted)))
    await until(lambda: server.auths > before or attempt.done())
    attempt.cancel()
    await asyncio.wait([attempt])


async def burn(connector: PasswordConnector, server: SmtpServer) -> None:
    """Use up what one tenant may have refused."""
    for number in range(OF_ONE_TENANT):
        await refusal(connector.connect(guess(server, number)))


async def test_guesses_at_once_reach_the_server_no_more_often_than_guesses_in_turn(
    serve: Serve, connector: PasswordConnector, held: list[RefusalScope]
) -> None:
    server = await serve(replace(GOOD, latency_seconds=0.02))

    ended = await outcomes(*(connector.connect(guess(server, n)) for n in range(GUESSES)))

    assert server.auths == OF_ONE_TENANT
    assert ended.count(Reason.INVALID_CREDENTIALS) == OF_ONE_TENANT
    assert ended.count(Reason.RATE_LIMITED) == len(held) == GUESSES - OF_ONE_TENANT


async def test_no_server_is_dialled_for_a_login_that_is_held_back(
    serve: Serve, connector: PasswordConnector
) -> None:
    server = await serve()
    await burn(connector, server)

    fault = await refusal(connector.connect(guess(server, 20)))

    assert fault.reason is Reason.RATE_LIMITED
    assert fault.facts["host"] == "the operator itself"
    assert server.connections == OF_ONE_TENANT


async def test_other_names_of_a_server_are_the_same_account(
    serve: Serve, connector: PasswordConnector
) -> None:
    server = await serve()
    await burn(connector, server)

    named = await refusal(connector.connect(guess(server, 20, host="localhost")))
    shouted = await refusal(connector.connect(guess(server, 21, host="LocalHost")))

    assert (named.reason, shouted.reason) == (Reason.RATE_LIMITED, Reason.RATE_LIMITED)
    assert server.auths == OF_ONE_TENANT


async def test_the_limit_is_lifted_after_an_hour(
    serve: Serve, connector: PasswordConnector, clock: FakeClock
) -> None:
    server = await serve()
    await burn(connector, server)

    clock.seconds = 3600
    await refusal(connector.connect(guess(server, 20)))

    assert server.auths == OF_ONE_TENANT + 1


async def test_an_attempt_that_is_cancelled_before_the_answer_counts(
    serve: Serve, connector: PasswordConnector
) -> None:
    server = await serve(replace(GOOD, mischief={Stage.AUTH: Mischief.HANG}))

    for number in range(GUESSES):
        await cancelled_at_login(connector, server, guess(server, number))

    assert server.auths == OF_ONE_TENANT


async def test_a_connection_that_is_cut_at_the_login_counts(
    serve: Serve, connector: PasswordConnector
) -> None:
    server = await serve(replace(GOOD, mischief={Stage.AUTH: Mischief.DROP}))

    for number in range(GUESSES):
        await refusal(connector.connect(guess(server, number)))

    assert server.auths == OF_ONE_TENANT


async def test_a_server_that_is_busy_refuses_nobody(
    serve: Serve, connector: PasswordConnector
) -> None:
    server = await serve(replace(GOOD, replies={Stage.AUTH: b"454 4.7.0 Temporary failure"}))

    for number in range(GUESSES):
        await refusal(connector.connect(guess(server, number)))

    assert server.auths == GUESSES


async def test_the_owners_password_that_was_accepted_is_never_held_back(
    serve: Serve, connector: PasswordConnector
) -> None:
    server = await serve()
    mine = case(smtp=stated(server))
    await connector.connect(mine)
    await burn(connector, server)

    proof = await connector.connect(mine)

    assert proof.endpoint is not None


async def test_many_mailboxes_with_one_wrong_secret_all_hear_what_the_server_said(
    serve: Serve, connector: PasswordConnector
) -> None:
    server = await serve(replace(GOOD, latency_seconds=0.02))

    ended = await outcomes(*(connector.connect(guess(server, 0)) for _ in range(GUESSES)))

    assert set(ended) == {Reason.INVALID_CREDENTIALS}
    assert server.auths == OF_ONE_TENANT


async def test_a_reply_in_no_table_stays_the_verdict_once_the_login_is_held_back(
    serve: Serve, connector: PasswordConnector
) -> None:
    server = await serve(replace(GOOD, replies={Stage.AUTH: b"599 What?"}))

    faults = [await refusal(connector.connect(guess(server, 0))) for _ in range(GUESSES)]

    assert {(fault.reason, fault.facts["code"]) for fault in faults} == {(Reason.UNKNOWN, "599")}
    assert server.auths == OF_ONE_TENANT


async def test_many_mailboxes_with_one_right_secret_connect_together(
    serve: Serve, connector: PasswordConnector
) -> None:
    server = await serve(replace(GOOD, latency_seconds=0.02))

    ended = await outcomes(*(connector.connect(case(smtp=stated(server))) for _ in range(GUESSES)))

    assert ended == [Proof] * GUESSES


async def test_a_guess_each_for_many_accounts_is_bounded_by_the_namespace(
    serve: Serve, connector: PasswordConnector, secrets: FakeSecrets, held: list[RefusalScope]
) -> None:
    server = await serve()
    people = [f"person-{number}@acme.example" for number in range(OF_A_NAMESPACE + 20)]
    secrets.content |= {(TENANT, each): credentials("guess", each) for each in people}

    for each in people:
        await refusal(connector.connect(case(smtp=stated(server), secret=each)))

    assert server.auths == OF_A_NAMESPACE
    assert held == [RefusalScope.NAMESPACE] * 20


async def test_a_login_waits_no_longer_than_it_has_patience_for_those_before(
    serve: Serve, connector: PasswordConnector
) -> None:
    server = await serve(replace(GOOD, mischief={Stage.AUTH: Mischief.HANG}))
    connector.restraint.patience_seconds = 0.2
    others = [
        asyncio.create_task(outcomes(connector.connect(guess(server, number))))
        for number in range(OF_ONE_TENANT)
    ]
    await until(lambda: server.auths == OF_ONE_TENANT)

    with pytest.raises(Postponed):
        await connector.connect(guess(server, 20))

    for other in others:
        other.cancel()
    await asyncio.wait(others)


async def test_a_user_name_that_all_customers_share_is_not_one_account(
    serve: Serve, connector: PasswordConnector, secrets: FakeSecrets
) -> None:
    server = await serve(Behaviour(accounts={"apikey": PASSWORD}, senders=None))
    at = Endpoint(server.host, server.port, Security.STARTTLS)
    offer = Offer(presets=(Preset("Keyed", at, ("acme.example",), login="apikey"),))
    wrong = {number: credentials(f"guess {number}", "apikey") for number in range(20)}
    for namespace in ("second", "third"):
        secrets.content |= {(namespace, f"guess-{n}"): each for n, each in wrong.items()}
    secrets.content[TENANT, "own"] = credentials(PASSWORD, "apikey")

    for namespace in ("second", "third"):
        for number in range(10):
            tried = elsewhere(case(offer=offer, secret=f"guess-{number}"), namespace)
            await refusal(connector.connect(tried))

    assert isinstance(await connector.connect(case(offer=offer)), Proof)


async def test_the_platforms_own_login_at_its_relay_is_held_back_once_it_is_refused(
    serve: Serve, world: World
) -> None:
    server = await serve(replace(GOOD, accounts={}))
    world.secrets.content[PLATFORM, "relay"] = credentials("wrong")
    parts = (world.trust, world.secrets, world.apps, Relays(lambda: 0.0))
    platform = PlatformConnector(smtp(), *parts)
    relaying = make.infrastructure(Offer(relay=Relay(endpoint(server), "relay", None)))

    faults = [await refusal(platform.check(relaying)) for _ in range(GUESSES)]

    assert {fault.reason for fault in faults} == {Reason.INVALID_CREDENTIALS}
    assert server.auths == OF_AN_ACCOUNT


async def test_guesses_at_the_relay_do_not_hold_the_platform_back(
    serve: Serve, world: World, secrets: FakeSecrets
) -> None:
    server, restraint = await serve(), Restraint()
    world.secrets.content[PLATFORM, "relay"] = credentials(PASSWORD)
    parts = (world.trust, world.secrets, world.apps, Relays(lambda: 0.0))
    platform = PlatformConnector(smtp(), *parts, restraint=restraint)
    guesser = PasswordConnector(smtp(), Records(), world.trust, secrets, restraint)
    secrets.content |= {("second", f"guess-{n}"): credentials(f"more {n}") for n in range(2)}
    for number in range(OF_ONE_TENANT):
        await refusal(guesser.connect(guess(server, number)))
    for number in range(2):
        await refusal(guesser.connect(elsewhere(guess(server, number), "second")))

    proof = await platform.check(
        make.infrastructure(Offer(relay=Relay(endpoint(server), "relay", None)))
    )

    assert proof == Proof(endpoint(server))


def elsewhere(here: Case, namespace: str) -> Case:
    """Move a case to another namespace."""
    key = replace(here.mailbox.key, namespace=namespace)
    return replace(here, mailbox=replace(here.mailbox, key=key))


async def test_a_login_counts_by_the_key_of_a_record_that_was_taken_over_meanwhile(
    clock: FakeClock,
) -> None:
    restraint = Restraint(ProcessLedger(clock))
    login = PasswordLogin("mail.acme.example", JANE, PASSWORD, TENANT)
    gate = restraint.gate(login)
    key = b"n" * KEY_BYTES

    restraint.ledger.refusals.restore(key, (), clock())
    await refusal(refused(gate))

    expected = reached(tried(login, key), login, "192.0.2.7", key)
    assert [each.accounts for each in restraint.ledger.refusals.recent(clock())] == [
        expected.accounts
    ]


async def test_a_login_that_is_held_back_meanwhile_is_refused_at_the_gate(
    clock: FakeClock,
) -> None:
    restraint = Restraint(ProcessLedger(clock))
    login = PasswordLogin("mail.acme.example", JANE, PASSWORD, TENANT)
    gates = [restraint.gate(login) for _ in range(OF_AN_ACCOUNT)]

    faults = [await refusal(refused(gate)) for gate in gates]

    details = [fault.detail for fault in faults]
    assert details.count(SAID) == OF_ONE_TENANT


async def test_a_login_that_is_held_back_is_refused_before_anybody_is_dialled(
    clock: FakeClock,
) -> None:
    restraint = Restraint(ProcessLedger(clock))
    login = PasswordLogin("mail.acme.example", JANE, PASSWORD, TENANT)
    for _ in range(OF_ONE_TENANT):
        await refusal(refused(restraint.gate(login)))

    with pytest.raises(Fault) as caught:
        restraint.gate(login)

    assert caught.value.detail == "refused within the hour, so it was not sent"


async def test_no_login_is_made_where_another_replica_may_lead(
    serve: Serve, connector: PasswordConnector, secrets: FakeSecrets
) -> None:
    server = await serve(Behaviour())

    def not_ours() -> None:
        raise Postponed("the Lease may be another replica's by now")

    connector.restraint.tenure = not_ours

    with pytest.raises(Postponed):
        await connector.connect(case(smtp=stated(server), secret="own"))

    assert server.auths == 0
