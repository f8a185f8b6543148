"""A write to a Secret concerns those for whom anything changed that is used, and nobody else."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from lab.stand.eventually import eventually
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.secret import Secret, missing
from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.status.conditions import Condition, Status
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.contents import ChangedContents
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.refs import Topic
from mailbox_operator.watch.store import Store

READY = Condition("Ready", "True", Reason.CONNECTED, "", 1, "2026-11-23T12:00:00Z")


@dataclass
class Stage:
    """A store, Secrets with what is used of them, and who was woken.

    Attributes:
        contents: What a read of a Secret finds; an exception is raised.
        reads: Which Secrets were read, in order.
        held: Whether reads wait.
    """

    contents: dict[tuple[str, str], bytes | Exception] = field(default_factory=dict)
    reads: list[tuple[str, str]] = field(default_factory=list)
    forgotten: list[tuple[str, str]] = field(default_factory=list)
    woken: list[str] = field(default_factory=list)
    held: asyncio.Event = field(default_factory=asyncio.Event)
    store: Store = field(default_factory=lambda: Store("operators"))
    changes: ChangedContents = field(init=False)
    intake: Intake = field(init=False)

    def __post_init__(self) -> None:
        self.held.set()
        self.intake = Intake(self.store, self)
        self.changes = ChangedContents(self.store, self.read, self.forget, self.intake.wake)
        self.intake.contents = self.changes

    async def read(self, namespace: str, name: str) -> Secret:
        """Read a Secret, as `ClusterSecrets` does."""
        self.reads.append((namespace, name))
        version = self.store.versions.of(secret_ref(namespace, name))
        await self.held.wait()
        found = self.contents[namespace, name]
        if isinstance(found, Exception):
            raise found
        self.intake.secret_read(namespace, name, version, found)
        return Secret(name, {})

    def forget(self, namespace: str, name: str) -> None:
        """Take note of what is not kept."""
        self.forgotten.append((namespace, name))

    def changed(self, key: Key, _: Change) -> None:
        """Take note of who is woken."""
        self.woken.append(f"{key.namespace}/{key.name}")

    def gone(self, key: Key) -> None:
        """Leave it."""

    def oversize(self, subject: Subject) -> None: ...

    def write(self, namespace: str, name: str, version: int, content: bytes | Exception) -> None:
        """Write a Secret, and have the watch tell of it."""
        self.contents[namespace, name] = content
        known = {"namespace": namespace, "name": name, "uid": "s"}
        self.intake.take_secret({"metadata": {**known, "resourceVersion": str(version)}})

    def add(self, namespace: str = "acme", name: str = "jane", **spec: Any) -> Key:
        """Add a Mailbox that nobody looked at."""
        self.intake.take_object(Kind.MAILBOX, body(namespace, name, 1, spec))
        self.woken.clear()
        return Key(Kind.MAILBOX, namespace, name)

    async def judge(self, key: Key, *, sealed: bool = True) -> None:
        """Give a Mailbox a status that was concluded from its present inputs."""
        for place in self.store.unread(key):
            await self.read(*place)
        seen = self.seen(key)
        written = seen.stamp if sealed else seen.version
        status = Status(1, (READY,), secret_version=written)
        self.store.upsert(replace(seen.subject, status=status, version="9"))
        self.reads.clear()
        self.woken.clear()

    def seen(self, key: Key) -> Seen:
        """Look at a Mailbox."""
        seen = self.store.seen(key)
        assert seen is not None
        return seen


def secret_ref(namespace: str, name: str) -> Any:
    return (Topic.SECRET, namespace, name)


def body(namespace: str, name: str, version: int, spec: Mapping[str, Any]) -> dict[str, Any]:
    known = {"name": name, "namespace": namespace, "uid": f"u-{namespace}-{name}", "generation": 1}
    smtp: dict[str, Any] = {"host": "smtp.acme.example"}
    ordinary = {
        "address": f"{name}@acme.example",
        "provider": "SMTP",
        "infrastructure": "Private",
        "credentialsSecretRef": {"name": "s"},
        "smtp": smtp,
    }
    return {"metadata": {**known, "resourceVersion": str(version)}, "spec": {**ordinary, **spec}}


@asynccontextmanager
async def working(stage: Stage) -> AsyncIterator[None]:
    task = asyncio.create_task(stage.changes.run())
    await asyncio.sleep(0)
    yield
    task.cancel()
    await asyncio.wait([task])


async def until(condition: Any) -> None:
    async def look() -> bool:
        return bool(condition())

    await eventually(look)


@pytest.fixture
async def stage() -> Stage:
    return Stage()


async def test_a_write_that_leaves_the_used_keys_alone_wakes_nobody(stage: Stage) -> None:
    stage.write("acme", "s", 1, b"one")
    jane = stage.add()
    await stage.judge(jane)

    async with working(stage):
        stage.write("acme", "s", 2, b"one")
        await until(lambda: stage.reads == [("acme", "s")] and not stage.store.unread(jane))

    assert stage.woken == []
    assert stage.seen(jane).is_judged


async def test_a_write_that_changes_a_used_key_wakes_the_users(stage: Stage) -> None:
    stage.write("acme", "s", 1, b"one")
    await stage.judge(stage.add())

    async with working(stage):
        stage.write("acme", "s", 2, b"two")
        await until(lambda: stage.woken == ["acme/jane"])


async def test_many_writes_are_one_read(stage: Stage) -> None:
    stage.write("acme", "s", 1, b"one")
    jane = stage.add()
    await stage.judge(jane)
    stage.held.clear()

    async with working(stage):
        stage.write("acme", "s", 2, b"two")
        await until(lambda: stage.reads)
        for version in range(3, 50):
            stage.write("acme", "s", version, b"one")
        stage.held.set()
        await until(lambda: not stage.store.unread(jane))

    assert len(stage.reads) == 2
    assert stage.woken == []


async def test_while_the_api_server_does_not_answer_nobody_is_woken_and_it_is_asked_again(
    stage: Stage,
) -> None:
    stage.write("acme", "s", 1, b"one")
    jane = stage.add()
    await stage.judge(jane)

    async with working(stage):
        stage.write("acme", "s", 2, Postponed("away"))
        await until(lambda: stage.reads)
        stage.contents["acme", "s"] = b"one"
        await until(lambda: not stage.store.unread(jane))

    assert (len(stage.reads), stage.woken) == (2, [])


async def test_a_secret_that_may_not_be_read_any_more_is_worth_an_attempt(stage: Stage) -> None:
    stage.write("acme", "s", 1, b"one")
    jane = stage.add()
    await stage.judge(jane)

    async with working(stage):
        stage.write("acme", "s", 2, missing("s", "it may not be read"))
        await until(lambda: stage.woken == ["acme/jane"])

    assert not stage.changes.presumed(stage.seen(jane)).is_judged


async def test_a_secret_that_is_gone_meanwhile_wakes_the_users(stage: Stage) -> None:
    stage.write("acme", "s", 1, b"one")
    await stage.judge(stage.add())

    async with working(stage):
        stage.write("acme", "s", 2, missing("s", "it does not exist"))
        await until(lambda: stage.woken == ["acme/jane"])


async def test_a_created_secret_wakes_those_who_waited_for_it(stage: Stage) -> None:
    await stage.judge(stage.add())

    async with working(stage):
        stage.write("acme", "s", 1, b"one")
        await until(lambda: stage.woken == ["acme/jane"])


async def test_a_deleted_secret_wakes_its_users_at_once_and_is_forgotten(stage: Stage) -> None:
    stage.write("acme", "s", 1, b"one")
    await stage.judge(stage.add())

    stage.intake.secret_gone("acme", "s")

    assert (stage.woken, stage.forgotten) == (["acme/jane"], [("acme", "s")])


async def test_a_status_of_an_older_release_wakes_its_mailbox_once(stage: Stage) -> None:
    stage.write("acme", "s", 1, b"one")
    await stage.judge(stage.add(), sealed=False)

    async with working(stage):
        stage.write("acme", "s", 2, b"one")
        await until(lambda: stage.woken == ["acme/jane"])


async def test_a_mailbox_with_two_secrets_is_judged_by_both(stage: Stage) -> None:
    stage.write("acme", "s", 1, b"one")
    stage.write("acme", "ca", 2, b"ca")
    jane = stage.add(smtp={"host": "smtp.acme.example", "caSecretRef": {"name": "ca"}})
    await stage.judge(jane)
    stage.store.note(secret_ref("acme", "ca"), "s/3")  # as after a restart: nobody has read it

    async with working(stage):
        stage.write("acme", "s", 4, b"one")
        await until(lambda: not stage.store.unread(jane))

    assert sorted(stage.reads) == [("acme", "ca"), ("acme", "s")]
    assert stage.woken == []


async def test_namespaces_take_turns(stage: Stage) -> None:
    for number in range(40):
        stage.write("evil", f"s{number}", number + 1, b"one")
        stage.add("evil", f"m{number}", credentialsSecretRef={"name": f"s{number}"})
    stage.write("good", "s", 100, b"one")
    stage.add("good")
    stage.held.clear()

    async with working(stage):
        for number in range(40):
            stage.write("evil", f"s{number}", number + 200, b"two")
        stage.write("good", "s", 300, b"two")
        stage.held.set()
        await until(lambda: ("good", "s") in stage.reads)

    assert stage.reads.index(("good", "s")) <= 5


async def test_nothing_is_read_by_a_replica_that_does_not_work(stage: Stage) -> None:
    stage.write("acme", "s", 1, b"one")
    await stage.judge(stage.add())

    stage.write("acme", "s", 2, b"two")
    await asyncio.sleep(0)

    assert (stage.reads, stage.woken) == ([], [])


async def test_an_unchanged_fleet_is_not_read_at_a_start(stage: Stage) -> None:
    stage.write("acme", "s", 1, b"one")
    jane = stage.add()
    await stage.judge(jane)

    async with working(stage):
        presumed = stage.changes.presumed(stage.seen(jane))

    assert (presumed.is_judged, stage.reads) == (True, [])


async def test_after_a_start_a_write_made_meanwhile_is_read_before_anybody_is_woken(
    stage: Stage,
) -> None:
    stage.write("acme", "s", 1, b"one")
    jane = stage.add()
    await stage.judge(jane)
    stage.write("acme", "s", 2, b"one")

    presumed = stage.changes.presumed(stage.seen(jane))
    async with working(stage):
        await until(lambda: not stage.store.unread(jane))

    assert (presumed.is_judged, stage.reads, stage.woken) == (True, [("acme", "s")], [])


async def test_an_attempt_that_reads_a_newer_version_tells_of_it(stage: Stage) -> None:
    stage.write("acme", "s", 1, b"one")
    jane = stage.add()
    await stage.judge(jane)

    stage.intake.secret_read("acme", "s", "s/5", b"five")
    stage.write("acme", "s", 4, b"four")

    assert stage.store.versions.of(secret_ref("acme", "s")) == "s/5"
    assert stage.seen(jane).contents
    assert not stage.seen(jane).is_judged


async def test_a_secret_that_nobody_names_any_more_is_forgotten(stage: Stage) -> None:
    unused: list[Any] = []
    stage.store.on_unused = unused.append
    stage.write("acme", "s", 1, b"one")
    jane = stage.add()
    await stage.judge(jane)
    assert unused == []

    stage.intake.vanished(jane)

    assert unused == [("acme", "s")]


async def test_a_secret_that_only_another_operators_mailbox_names_is_not_read(
    stage: Stage,
) -> None:
    stage.add("acme", "theirs")
    ours = stage.add("acme", "ours", credentialsSecretRef={"name": "ours"})
    stage.changes.is_wanted = lambda key: key == ours

    async with working(stage):
        stage.write("acme", "s", 2, b"one")
        stage.write("acme", "ours", 2, b"one")
        await until(lambda: stage.woken)

    assert stage.reads == [("acme", "ours")]
