"""Translates what the cluster tells into the store, and wakes whoever it concerns. Decides nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from mailbox_operator.decide.infrastructure import parse_infrastructure
from mailbox_operator.decide.mailbox import parse_mailbox
from mailbox_operator.decide.seen import Subject
from mailbox_operator.decide.watched import Key
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.expiries import Expiries
from mailbox_operator.watch.refs import CONSENT, GRANT, Topic
from mailbox_operator.watch.secrets import secret_version
from mailbox_operator.watch.store import Change, Store

Body = Mapping[str, Any]


class Listener(Protocol):
    """Whoever acts upon changes."""

    def changed(self, key: Key, change: Change) -> None:
        """An object, or something it depends on, is not as it was."""

    def gone(self, key: Key) -> None:
        """An object is no more."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """The one way in for everything watched, listed or written."""

    store: Store
    listener: Listener
    expiries: Expiries = field(default_factory=Expiries)

    def object(self, kind: Kind, body: Body, *, deleted: bool = False) -> None:
        """Take in a Mailbox or a ManagedInfrastructure."""
        metadata, key = body["metadata"], key_of(kind, body)
        if deleted or metadata.get("deletionTimestamp"):
            self.vanished(key)
            return
        if self.store.has(key, metadata["uid"], metadata["resourceVersion"]):
            return
        change = self.store.upsert(parse(kind, body))
        if change not in (Change.NOTHING, Change.STATUS):
            self.listener.changed(key, change)
            self._wake_users(key)
            self._wake(self.store.rivals(key))

    def vanished(self, key: Key) -> None:
        """Take note that an object is gone; its address may be another's now."""
        rivals = self.store.rivals(key)
        self.store.remove(key)
        self.listener.gone(key)
        self._wake_users(key)
        self._wake(rivals)

    def secret(self, body: Body, *, deleted: bool = False) -> None:
        """Take in which version of a Secret there is; its content is not looked at."""
        metadata = body["metadata"]
        version = "" if deleted else secret_version(metadata)
        place = (metadata["namespace"], metadata["name"])
        self.expiries.note(metadata, deleted=deleted)
        self._wake(self.store.note((Topic.SECRET, *place), version))
        if GRANT in (metadata.get("labels") or {}):
            consent = (metadata.get("annotations") or {}).get(CONSENT, "")
            self._wake(self.store.note((Topic.GRANT, *place), "" if deleted else consent))

    def namespace(self, body: Body, *, deleted: bool = False) -> None:
        """Take in the labels of a namespace."""
        metadata = body["metadata"]
        labels = None if deleted else dict(metadata.get("labels") or {})
        self._wake(self.store.label(metadata["name"], labels))

    def _wake_users(self, key: Key) -> None:
        if key.kind is Kind.INFRASTRUCTURE:
            self._wake(self.store.dependents(key))

    def _wake(self, keys: Iterable[Key]) -> None:
        for key in keys:
            self.listener.changed(key, Change.SPEC)
            self._wake_users(key)


def key_of(kind: Kind, body: Body) -> Key:
    """Name an object of either kind, without reading all of it."""
    metadata = body["metadata"]
    return Key(kind, metadata.get("namespace", ""), metadata["name"])


def parse(kind: Kind, body: Body) -> Subject:
    """Read an object of either kind."""
    return parse_mailbox(body) if kind is Kind.MAILBOX else parse_infrastructure(body)
