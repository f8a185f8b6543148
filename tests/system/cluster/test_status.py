"""Two writers of one status, at a real API server."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from mailbox_operator.cluster.apiserver import MERGE_PATCH, ApiServer
from mailbox_operator.cluster.paths import object_path
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import Mailbox, parse_mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.status.conditions import Standing, Status, Verdict, conditions
from mailbox_operator.decide.status.recorded import parse_status
from mailbox_operator.decide.words import Kind
from mailbox_operator.report.events.correlator import EventType
from mailbox_operator.report.status.publisher import StatusPublisher
from unit.make import NOON

pytestmark = pytest.mark.cluster

SPEC = {
    "address": "jane@acme.example",
    "provider": "SMTP",
    "infrastructure": "Private",
    "credentialsSecretRef": {"name": "jane"},
    "smtp": {"host": "smtp.acme.example"},
}
VERDICT = Verdict(Standing.CONNECTED, Reason.CONNECTED, "The server accepted the login.")
FINE = Status(1, conditions(VERDICT, 1, Status(), NOON, connects=True))


@dataclass
class Replica:
    """One that writes statuses, and knows of a mailbox what it has read or written."""

    publisher: StatusPublisher = field(init=False)
    known: Mailbox
    refusals: list[int] = field(default_factory=list)
    contradicted: list[Key] = field(default_factory=list)

    def present(self, key: Key) -> Mailbox:
        return self.known

    def written(self, kind: Kind, body: Mapping[str, Any]) -> None:
        self.known = parse_mailbox(body)

    def transition(self, seen: Seen, status: Status) -> None: ...

    def tell(self, subject: Subject, reason: str, message: str, event_type: EventType) -> None: ...

    async def publish(self, status: Status) -> None:
        self.publisher.publish(Seen(self.known, self.known.status, ""), status)
        await self.publisher.shown(self.known.key)


@pytest.fixture
async def replica(api: ApiServer, namespace: str) -> AsyncIterator[Replica]:
    declared = {
        "apiVersion": "mailbox-operator.io/v1alpha1",
        "kind": "Mailbox",
        "metadata": {"name": "jane"},
        "spec": SPEC,
    }
    made = Replica(parse_mailbox(await api.create(object_path(Kind.MAILBOX, namespace), declared)))
    made.publisher = StatusPublisher(
        api,
        made.present,
        made.written,
        made,
        made.refusals.append,
        waits=(0.01,),
        on_contradicted=made.contradicted.append,
    )
    running = asyncio.create_task(made.publisher.run())
    yield made
    running.cancel()
    await asyncio.wait([running])


async def changed(api: ApiServer, of: Mailbox, change: Mapping[str, Any], part: str = "") -> None:
    """Change a mailbox behind the back of the replica."""
    path = object_path(Kind.MAILBOX, of.key.namespace, of.key.name)
    await api.patch(f"{path}{part}", change, MERGE_PATCH)


async def stands(api: ApiServer, of: Mailbox) -> Status:
    """Read the status that stands."""
    found = await api.get(object_path(Kind.MAILBOX, of.key.namespace, of.key.name))
    return parse_status(found["status"])


async def test_a_status_is_written_over_the_one_that_was_seen(
    api: ApiServer, replica: Replica
) -> None:
    await replica.publish(FINE)

    assert await stands(api, replica.known) == FINE
    assert replica.refusals == []


async def test_a_status_is_refused_once_where_the_object_changed_unseen(
    api: ApiServer, replica: Replica
) -> None:
    await changed(api, replica.known, {"metadata": {"annotations": {"another/tool": "here"}}})

    await replica.publish(FINE)

    assert await stands(api, replica.known) == FINE
    assert replica.refusals == [409]


async def test_a_status_that_another_writer_gave_unseen_stands(
    api: ApiServer, replica: Replica
) -> None:
    foreign = {"status": {"consentURL": "https://mail.example/consent"}}
    await changed(api, replica.known, foreign, "/status")

    await replica.publish(FINE)

    told = await stands(api, replica.known)
    assert told.consent_url == "https://mail.example/consent"
    assert replica.contradicted == [replica.known.key]


async def test_a_status_of_a_mailbox_is_not_written_to_its_namesake(
    api: ApiServer, replica: Replica
) -> None:
    first = replica.known
    path = object_path(Kind.MAILBOX, first.key.namespace, first.key.name)
    manifest = await api.get(path)
    await api.delete(path, {})
    again = {**manifest, "metadata": {"name": "jane"}}
    await api.create(path.rpartition("/")[0], again)

    replica.known = replace(first, version="")
    replica.publisher.publish(Seen(first, first.status, ""), FINE)
    await replica.publisher.shown(first.key)

    assert (await stands(api, first)).conditions == ()
    assert set(replica.refusals) == {422}
