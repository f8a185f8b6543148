"""Translates what the cluster tells into the store, and wakes whoever it concerns. Decides nothing."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from sys import intern
from typing import Any, Final, Protocol

from mailbox_operator.cluster.secrets import secret_version
from mailbox_operator.cluster.versions import newer
from mailbox_operator.decide.declared.kinds import KINDS, Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.names import CONSENT, GRANT, annotations_of
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.expiries import Expiries
from mailbox_operator.watch.reading import parse
from mailbox_operator.watch.refs import Name, Topic, ref_of
from mailbox_operator.watch.store import Store

Body = Mapping[str, Any]

MOST_METADATA_BYTES: Final = 320 * 1024
"""Of labels and annotations; the API server takes 256 KiB of annotations, and labels without end."""
MOST_METADATA_ENTRIES: Final = 1_000
"""Of any list or map of the metadata."""


class Listener(Protocol):
    """Whoever acts upon changes."""

    def changed(self, key: Key, change: Change) -> None:
        """An object, or something it depends on, is not as it was; its status may be our own."""

    def gone(self, key: Key) -> None:
        """An object is no more."""

    def oversize(self, subject: Subject) -> None:
        """An object is left alone, for its metadata is too large."""


class Contents(Protocol):
    """What was read of Secrets."""

    def check(self, namespace: str, name: str) -> None:
        """A Secret was written: have its users woken, if anything changed that is used."""

    def forget(self, namespace: str, name: str) -> None:
        """A Secret is gone, or nobody names it any more."""


def ignore_move() -> None:
    """Do nothing about a Mailbox that came or went."""


def ignore_name(name: Name) -> None:
    """Do nothing about what a watch tells of."""


def ignore_grant(metadata: Mapping[str, Any]) -> None:
    """Do nothing about a grant that was written."""


@dataclass(slots=True)
class Intake:
    """The one way in for everything watched, listed or written.

    Attributes:
        contents: Hears of Secrets; without it every write to a Secret wakes its users.
        on_moved: Called when a Mailbox came or went, and with it maybe a namespace that matters.
        on_granted: Hears of each Secret with a grant that was written, by its metadata.
        on_heard: Hears the name of whatever a watch tells of, known already or not.
        parse: Reads an object of any kind.
    """

    store: Store
    listener: Listener
    expiries: Expiries = field(default_factory=Expiries)
    contents: Contents | None = None
    on_moved: Callable[[], None] = ignore_move
    on_granted: Callable[[Mapping[str, Any]], None] = ignore_grant
    on_heard: Callable[[Name], None] = ignore_name
    parse: Callable[[Kind, Body], Subject] = parse

    def take_object(self, kind: Kind, body: Body, *, deleted: bool = False) -> None:
        """Take in a Mailbox or a ManagedInfrastructure, unless something newer of it is known."""
        metadata, key = body["metadata"], key_of(kind, body)
        version = metadata["resourceVersion"]
        if deleted or metadata.get("deletionTimestamp"):
            self._deleted(key, metadata["uid"], version)
        elif self.store.has(key, version):
            return
        elif is_oversize(metadata):
            if self.store.subject(key) is not None:
                self.vanished(key)
            self.listener.oversize(self.parse(kind, body))
        else:
            self._present(self.parse(kind, body))

    def _deleted(self, key: Key, uid: str, version: str) -> None:
        """Take note of a deletion, unless a namesake took the object's place already."""
        known = self.store.subject(key)
        if known is None or known.uid == uid or newer(version, known.version):
            self.vanished(key, version)

    def _present(self, subject: Subject) -> None:
        key, before = subject.key, self.store.subject(subject.key)
        if before is not None:
            key = before.key  # the same object, lest each of thousands that change keeps two
            subject = replace(subject, key=key)
        change = self.store.upsert(subject)
        if change is Change.NEW:
            self.on_moved()
            if before is not None:  # its namesake went, and the watch did not tell yet
                self.listener.gone(key)
        if change is not Change.NOTHING:
            self.listener.changed(key, change)
        connects = KINDS[key.kind].connects  # how it stands concerns those who send through it
        if change is not Change.NOTHING and (change is not Change.STATUS or connects):
            self._wake_users(key)
        self._wake_others()

    def vanished(self, key: Key, version: str = "") -> None:
        """Take note that an object is gone; its address may be another's now.

        Args:
            key: Of the object.
            version: The resourceVersion as of which it is gone; empty if not known.
        """
        self.store.remove(key, version)
        self.on_moved()
        self.listener.gone(key)
        self._wake_users(key)
        self._wake_others()

    def take_secret(self, body: Body, *, deleted: bool = False, listed: bool = False) -> None:
        """Take in which version of a Secret there is; its content is not looked at.

        Args:
            body: Its metadata are enough.
            deleted: Whether it is gone.
            listed: Whether this is how it stands; an event may be older than what was read since.
        """
        metadata = body["metadata"]
        place = (intern(metadata["namespace"]), metadata["name"])
        if not listed and self.store.is_past((Topic.SECRET, *place), metadata["resourceVersion"]):
            return
        if deleted:
            self.secret_gone(*place, metadata["resourceVersion"])
            return
        version = secret_version(metadata)
        self.expiries.note(metadata, deleted=False)
        self.secret_written(*place, version)
        if GRANT in (metadata.get("labels") or {}):
            consent = annotations_of(metadata).get(CONSENT, "")
            self._wake(self.store.note((Topic.GRANT, *place), consent))
            self.on_granted(metadata)

    def secret_written(self, namespace: str, name: str, version: str) -> None:
        """Take in a version of a Secret, and have it looked at whom that concerns."""
        ref = (Topic.SECRET, namespace, name)
        is_news = self.store.versions.of(ref) != version
        users = self.store.note(ref, version)
        if is_news:
            self._wake(self.store.dependents((Topic.BINDING, namespace, name)))
        if not users:
            return
        if self.contents is None:
            self._wake(users)
        else:
            self.contents.check(namespace, name)

    def secrets_gone(self, namespace: str) -> None:
        """Take note that no Secret of a namespace, or none at all where it is empty, is in sight."""
        for place in set(self.store.versions.secrets(namespace)):
            self.secret_gone(*place)

    def secret_gone(self, namespace: str, name: str, version: str = "") -> None:
        """Take note that a Secret is gone, and what was read of it with it.

        Args:
            namespace: Of the Secret.
            name: Of the Secret.
            version: The resourceVersion as of which it is gone; empty if not known.
        """
        self.store.departures.note((Topic.SECRET, namespace, name), version)
        self.expiries.note({"namespace": namespace, "name": name}, deleted=True)
        if self.contents is not None:
            self.contents.forget(namespace, name)
        for topic in (Topic.SECRET, Topic.GRANT):
            self._wake(self.store.note((topic, namespace, name), ""))
        self._wake(self.store.dependents((Topic.BINDING, namespace, name)))

    def secret_read(self, namespace: str, name: str, version: str, digest: bytes) -> None:
        """Take in what an attempt read, which may be newer than what the watch has told.

        Args:
            namespace: Of the Secret.
            name: Of the Secret.
            version: The one that was read.
            digest: Of what is used of it.
        """
        if self.secret_known(namespace, name, version):
            self.store.versions.digest((Topic.SECRET, namespace, name), version, digest)

    def secret_known(self, namespace: str, name: str, version: str) -> bool:
        """Take in a version that was read or written; say whether it is not an older one than known."""
        ref = (Topic.SECRET, namespace, name)
        if self.store.is_past(ref, version.partition("/")[2]):
            return False
        if version != self.store.versions.of(ref):
            self.secret_written(namespace, name, version)
        return True

    def wake(self, key: Key) -> None:
        """Have an object looked at: one of its inputs is not what it was."""
        self.listener.changed(key, Change.SPEC)

    def take_namespace(self, body: Body, *, deleted: bool = False) -> None:
        """Take in the labels of a namespace."""
        metadata = body["metadata"]
        labels = None if deleted else dict(metadata.get("labels") or {})
        version = metadata.get("resourceVersion", "")
        self._wake(self.store.label(metadata["name"], labels, version))

    def _wake_others(self) -> None:
        """Wake those that do not name what changed: by its address, or by its labels."""
        for key in self.store.claims.freed():
            self.listener.changed(key, Change.FREED)
        for key in self.store.pools.touched():
            self.listener.changed(key, Change.SPEC)

    def _wake_users(self, key: Key) -> None:
        self._wake(self.store.dependents(ref_of(key)))

    def _wake(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self.listener.changed(key, Change.SPEC)
            self._wake_users(key)


def is_oversize(metadata: Mapping[str, Any]) -> bool:
    """Say whether an object is left alone: to write its status once costs as much as all others'."""
    parts = [each for each in metadata.values() if isinstance(each, dict | list)]
    if any(len(part) > MOST_METADATA_ENTRIES for part in parts):
        return True
    texts = (metadata.get(name) or {} for name in ("labels", "annotations"))
    size = sum(len(key) + len(str(value)) for text in texts for key, value in text.items())
    return size > MOST_METADATA_BYTES


def key_of(kind: Kind, body: Body) -> Key:
    """Name an object of either kind, without reading all of it."""
    metadata = body["metadata"]
    return Key(kind, metadata.get("namespace", ""), metadata["name"])
