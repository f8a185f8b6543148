"""Replicas that work at once over one record in a real API server."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from lab.controlplane.plane import ControlPlane
from mailbox_operator.cluster.apiserver import ApiServer, connect
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.refusal_record import RECORD_NAME
from mailbox_operator.connect.restraint import Restraint
from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.decide.refusals.accounts import PasswordLogin
from mailbox_operator.decide.refusals.ledger import OF_AN_ACCOUNT, OF_ONE_TENANT
from mailbox_operator.decide.refusals.refused import End
from system.cluster.ledgers import Replica, guess, guess_everywhere, working

pytestmark = pytest.mark.cluster


@pytest.fixture
async def replicas(plane: ControlPlane, namespace: str) -> AsyncIterator[list[Replica]]:
    async with AsyncExitStack() as stack:
        opened = [await opened_at(stack, plane.kubeconfig) for _ in range(3)]
        yield [Replica(each, namespace) for each in opened]


async def opened_at(stack: AsyncExitStack, kubeconfig: Path) -> ApiServer:
    return await stack.enter_async_context(await connect(str(kubeconfig)))


async def test_a_tenants_guesses_at_three_replicas_at_once_are_refused_no_more_often_than_at_one(
    replicas: list[Replica],
) -> None:
    async with working(*replicas):
        refused = await guess_everywhere(replicas, "evil")

    assert refused == {"evil": OF_ONE_TENANT}


async def test_tenants_guesses_at_three_replicas_at_once_share_the_limit_of_an_account(
    replicas: list[Replica],
) -> None:
    async with working(*replicas):
        refused = await guess_everywhere(replicas, "evil", "second", "third", "fourth")

    assert refused.total() == OF_AN_ACCOUNT
    assert max(refused.values()) <= OF_ONE_TENANT


async def test_a_replica_that_is_killed_during_logins_leaves_them_counted(
    replicas: list[Replica],
) -> None:
    killed, *others = replicas
    async with working(killed):
        for number in range(5):
            await killed.begin(guess(number))

    async with working(*others):
        for number in range(OF_ONE_TENANT - 5):
            await others[number % 2].begin(guess(10 + number))
        others[0].end(End.OTHER)
        began = await others[1].begin(guess(20))

    assert began
    assert [each.ledger.refusals.waits_for_others for each in others] == [True, True]


async def test_replicas_over_a_record_that_is_deleted_meanwhile_keep_one_limit(
    replicas: list[Replica],
) -> None:
    async with working(*replicas):
        refused = await guess_everywhere(replicas[:2], "evil")
        await replicas[0].api.delete(secret_path(replicas[0].namespace, RECORD_NAME), {})
        refused += await guess_everywhere(replicas[:2], "evil", "second")

    assert refused == {"evil": OF_ONE_TENANT, "second": OF_AN_ACCOUNT - OF_ONE_TENANT}


async def test_an_untrusted_login_is_made_later_while_the_api_server_is_not_reached(
    replicas: list[Replica],
) -> None:
    restraint = Restraint(replicas[0].ledger, patience_seconds=0.5)
    untrusted = PasswordLogin("mail.acme.example", "jane", "guess", "evil")
    proved = PasswordLogin("mail.acme.example", "jane", "right", "team", proved=True)
    host = replicas[0].api.client.configuration.host

    async with working(replicas[0]):
        replicas[0].api.client.configuration.host = "https://127.0.0.1:1"
        with pytest.raises(Postponed):
            await restraint.gate(untrusted)("192.0.2.7").__aenter__()
        async with restraint.gate(proved)("192.0.2.7") as trial:
            trial.accepted = True
        replicas[0].api.client.configuration.host = host

        assert await replicas[0].begin(guess())


async def test_a_replica_without_rights_counts_alone(
    plane: ControlPlane, namespace: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with AsyncExitStack() as stack:
        kubeconfig = plane.kubeconfig_for(namespace, "default")
        replica = Replica(await opened_at(stack, kubeconfig), namespace)
        async with working(replica):
            refused = await guess_everywhere([replica], "evil")

    assert refused == {"evil": OF_ONE_TENANT}
    assert {"refused logins not read", "refused logins not written yet"} <= set(caplog.messages)
