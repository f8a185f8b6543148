"""A listing corrects what the watch failed to tell, and only that counts against the watch."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from kubernetes.aio import client

from mailbox_operator.apiserver import ApiServer
from mailbox_operator.decide.seen import Subject
from mailbox_operator.decide.watched import Key
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.cluster import Cluster
from mailbox_operator.watch.scope import Scope
from mailbox_operator.watch.secretwatch import SecretWatch
from mailbox_operator.watch.store import Change, Store
from mailbox_operator.watch.sweep import Sweeper

JANE = Key(Kind.MAILBOX, "acme", "jane")


class Nobody:
    def changed(self, key: Key, change: Change) -> None: ...

    def gone(self, key: Key) -> None: ...

    def oversize(self, subject: Subject) -> None: ...


def jane(version: str = "1", **metadata: Any) -> dict[str, Any]:
    known = {"name": "jane", "namespace": "acme", "uid": "u1", "resourceVersion": version}
    spec = {"address": "jane@acme.example", "provider": "Google", "infrastructure": "Managed"}
    return {"metadata": {**known, **metadata}, "spec": spec}


@pytest.fixture
def mailboxes() -> list[dict[str, Any]]:
    return []


@pytest.fixture
async def sweeper(mailboxes: list[dict[str, Any]]) -> AsyncIterator[Sweeper]:
    async def listing(request: web.Request) -> web.Response:
        items = mailboxes if request.path.endswith("/mailboxes") else []
        return web.json_response({"metadata": {}, "items": items})

    app = web.Application()
    app.router.add_get("/{path:.*}", listing)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    configuration = client.Configuration(host=f"http://{host}:{port}")
    async with ApiServer(client.ApiClient(configuration)) as api:
        cluster = Cluster(Store("operators"), Nobody())
        secrets = SecretWatch(api, cluster, Scope())
        yield Sweeper(api, cluster, Scope(), secrets, every_seconds=60, grace_seconds=0)
    await runner.cleanup()


async def test_the_first_one_takes_everything_in(
    sweeper: Sweeper, mailboxes: list[dict[str, Any]]
) -> None:
    mailboxes.append(jane())

    await sweeper.first()

    assert sweeper.cluster.store.seen(JANE) is not None


async def test_what_the_watch_did_not_tell_is_taken_in_and_counts_against_it(
    sweeper: Sweeper, mailboxes: list[dict[str, Any]]
) -> None:
    sweeper.cluster.object(Kind.MAILBOX, jane("1"))
    mailboxes.append(jane("2"))

    await sweeper.sweep()

    seen = sweeper.cluster.store.seen(JANE)
    assert seen is not None
    assert (seen.subject.version, sweeper.lagging) == ("2", frozenset({JANE}))


async def test_what_is_not_listed_any_more_is_forgotten(sweeper: Sweeper) -> None:
    sweeper.cluster.object(Kind.MAILBOX, jane())

    await sweeper.sweep()

    assert sweeper.cluster.store.seen(JANE) is None


async def test_an_object_that_a_finalizer_holds_counts_against_nobody(
    sweeper: Sweeper, mailboxes: list[dict[str, Any]]
) -> None:
    mailboxes.append(jane(deletionTimestamp="2026-11-23T00:00:00Z"))

    await sweeper.sweep()

    assert sweeper.lagging == frozenset()
