"""A listing corrects what the watch failed to tell, and only that counts against the watch."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from lab.servers.scripted import answering
from mailbox_operator.cluster.history import RewoundError
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.refs import Topic
from mailbox_operator.watch.secretwatch import SecretWatch
from mailbox_operator.watch.store import Store
from mailbox_operator.watch.sweep import Sweeper

JANE = Key(Kind.MAILBOX, "acme", "jane")
PASSWORD = (Topic.SECRET, "acme", "jane")
ACME = (Topic.NAMESPACE, "", "acme")


class Nobody:
    def changed(self, key: Key, change: Change) -> None: ...

    def gone(self, key: Key) -> None: ...

    def oversize(self, subject: Subject) -> None: ...


def jane(version: str = "1", **metadata: Any) -> dict[str, Any]:
    known = {"name": "jane", "namespace": "acme", "uid": "u1", "resourceVersion": version}
    spec = {"address": "jane@acme.example", "provider": "Google", "infrastructure": "Managed"}
    return {"metadata": {**known, **metadata}, "spec": spec}


def secret(version: str = "1", **metadata: Any) -> dict[str, Any]:
    known = {"name": "jane", "namespace": "acme", "uid": "s1", "resourceVersion": version}
    return {"metadata": {**known, **metadata}}


def acme(labels: dict[str, str], version: str = "1") -> dict[str, Any]:
    return {"metadata": {"name": "acme", "labels": labels, "resourceVersion": version}}


@dataclass
class There:
    """What is listed, by the last part of the path, and what happens right before it is.

    Attributes:
        meanwhile: Runs once, when Mailboxes are listed.
    """

    mailboxes: list[dict[str, Any]] = field(default_factory=list)
    secrets: list[dict[str, Any]] = field(default_factory=list)
    namespaces: list[dict[str, Any]] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    refused: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        kind = request.path.rpartition("/")[2]
        if kind == self.refused:
            return web.Response(status=403)
        items = list(getattr(self, kind, []))
        if kind == "mailboxes":
            self.meanwhile()
        return web.json_response({"metadata": {"resourceVersion": "9"}, "items": items})


@pytest.fixture
def there() -> There:
    return There()


@pytest.fixture
async def sweeper(there: There) -> AsyncIterator[Sweeper]:
    async with answering(there.answer) as api:
        intake = Intake(Store("operators"), Nobody())
        secrets = SecretWatch(api, intake, Scope())
        await secrets.first()
        yield Sweeper(api, intake, Scope(), secrets, every_seconds=60, grace_seconds=0)


async def test_the_first_one_takes_everything_in(sweeper: Sweeper, there: There) -> None:
    there.mailboxes.append(jane())

    await sweeper.first()

    assert sweeper.intake.store.seen(JANE) is not None


async def test_what_the_watch_did_not_tell_is_taken_in_and_counts_against_it(
    sweeper: Sweeper, there: There
) -> None:
    sweeper.intake.take_object(Kind.MAILBOX, jane("1"))
    there.mailboxes.append(jane("2"))

    await sweeper.sweep()

    seen = sweeper.intake.store.seen(JANE)
    assert seen is not None
    assert (seen.subject.version, sweeper.lagging) == ("2", frozenset({JANE}))


async def test_the_labels_of_what_the_watch_did_not_tell_are_taken_in(
    sweeper: Sweeper, there: There
) -> None:
    there.mailboxes.append(jane("2", labels={"team": "sales"}))

    await sweeper.sweep()

    found = sweeper.intake.store.subject(JANE)
    assert isinstance(found, ReadableMailbox)
    assert found.labels == {"team": "sales"}


async def test_labels_that_are_too_large_are_not_held_until_the_watch_tells(
    sweeper: Sweeper, there: There
) -> None:
    there.mailboxes.append(jane("2", labels={f"label-{n}": "x" * 63 for n in range(900)}))

    await sweeper.sweep()

    found = sweeper.intake.store.subject(JANE)
    assert isinstance(found, ReadableMailbox)
    assert found.labels is None


async def test_what_is_not_listed_any_more_is_forgotten(sweeper: Sweeper) -> None:
    sweeper.intake.take_object(Kind.MAILBOX, jane())

    await sweeper.sweep()

    assert sweeper.intake.store.seen(JANE) is None


async def test_an_object_that_a_finalizer_holds_counts_against_nobody(
    sweeper: Sweeper, there: There
) -> None:
    there.mailboxes.append(jane(deletionTimestamp="2026-11-23T00:00:00Z"))

    await sweeper.sweep()

    assert sweeper.lagging == frozenset()


async def test_an_object_that_goes_while_it_is_listed_does_not_come_back(
    sweeper: Sweeper, there: There
) -> None:
    there.mailboxes.append(jane("1"))
    there.meanwhile = lambda: sweeper.intake.take_object(Kind.MAILBOX, jane("2"), deleted=True)

    await sweeper.sweep()

    assert (sweeper.intake.store.seen(JANE), sweeper.lagging) == (None, frozenset())


async def test_an_object_that_is_created_again_while_the_first_one_is_listed_stays(
    sweeper: Sweeper, there: There
) -> None:
    sweeper.intake.take_object(Kind.MAILBOX, jane("1"))
    there.mailboxes.append(jane("2"))

    def again() -> None:
        sweeper.intake.take_object(Kind.MAILBOX, jane("4", uid="u2"))
        sweeper.intake.take_object(Kind.MAILBOX, jane("3"), deleted=True)

    there.meanwhile = again

    await sweeper.sweep()

    subject = sweeper.intake.store.subject(JANE)
    assert subject is not None
    assert (subject.uid, sweeper.lagging) == ("u2", frozenset())


async def test_an_object_that_is_created_again_after_the_listing_is_not_missed(
    sweeper: Sweeper, there: There
) -> None:
    sweeper.intake.take_object(Kind.MAILBOX, jane("1"))
    there.meanwhile = lambda: sweeper.intake.take_object(Kind.MAILBOX, jane("12", uid="u2"))

    await sweeper.sweep()

    assert sweeper.intake.store.subject(JANE) is not None
    assert sweeper.lagging == frozenset()


async def test_what_the_watch_of_secrets_did_not_tell_is_taken_in_and_counts_against_it(
    sweeper: Sweeper, there: There
) -> None:
    sweeper.intake.take_secret(secret("1"))
    there.secrets.append(secret("2"))

    await sweeper.sweep()

    assert sweeper.intake.store.versions.of(PASSWORD) == "s1/2"
    assert sweeper.lagging == frozenset({PASSWORD})


async def test_a_secret_that_is_not_listed_any_more_is_gone(sweeper: Sweeper) -> None:
    sweeper.intake.take_secret(secret("1"))

    await sweeper.sweep()

    assert sweeper.intake.store.versions.of(PASSWORD) == ""
    assert sweeper.lagging == frozenset({PASSWORD})


async def test_a_secret_that_may_not_be_listed_counts_against_nobody(
    sweeper: Sweeper, there: There
) -> None:
    sweeper.intake.take_secret(secret("1"))
    for informer in sweeper.secrets.informers:
        informer.optional = True
    there.refused = "secrets"

    await sweeper.sweep()

    assert (sweeper.intake.store.versions.of(PASSWORD), sweeper.lagging) == ("s1/1", frozenset())


async def test_what_the_watch_of_namespaces_did_not_tell_is_taken_in_and_counts_against_it(
    sweeper: Sweeper, there: There
) -> None:
    sweeper.intake.take_namespace(acme({}, "1"))
    there.namespaces.append(acme({"mail": "yes"}, "2"))

    await sweeper.sweep()

    assert sweeper.intake.store.known(ACME) == "2"
    assert sweeper.lagging == frozenset({ACME})


async def test_a_namespace_that_is_not_listed_any_more_is_gone(sweeper: Sweeper) -> None:
    sweeper.intake.take_namespace(acme({"mail": "yes"}))

    await sweeper.sweep()

    assert sweeper.intake.store.known(ACME) == ""
    assert sweeper.lagging == frozenset({ACME})


async def test_an_object_that_is_older_than_before_ends_the_process(
    sweeper: Sweeper, there: There
) -> None:
    sweeper.intake.take_object(Kind.MAILBOX, jane("8"))
    there.mailboxes.append(jane("5"))

    with pytest.raises(RewoundError):
        await sweeper.sweep()


async def test_a_process_that_stood_still_has_the_watches_tell_before_it_counts_against_them(
    sweeper: Sweeper, there: There
) -> None:
    sweeper.grace_seconds, sweeper.stood_still_seconds = 0.05, 0.3
    there.mailboxes.append(jane("1"))
    loop = asyncio.get_running_loop()

    def told() -> None:
        loop.call_soon(sweeper.intake.take_object, Kind.MAILBOX, jane("1"))

    def pause() -> None:
        loop.call_later(0.01, threading.Event().wait, 0.5)
        loop.call_later(0.06, told)

    there.meanwhile = pause

    await sweeper.sweep()

    assert sweeper.lagging == frozenset()


async def test_a_watch_that_tells_after_all_is_not_stuck(sweeper: Sweeper, there: There) -> None:
    there.mailboxes.append(jane("1"))
    there.secrets.append(secret("1"))
    await sweeper.sweep()

    sweeper.heard(JANE)
    sweeper.heard(ACME)

    assert sweeper.lagging == frozenset({PASSWORD})
