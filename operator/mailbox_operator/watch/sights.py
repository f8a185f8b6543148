"""What a sweep compares: listings, and what is known of what each of them shows."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Protocol

from mailbox_operator.cluster.listing import Item, Listing
from mailbox_operator.cluster.paths import namespace_path, object_path
from mailbox_operator.cluster.reader import JSON, METADATA_ONLY, ApiReader
from mailbox_operator.cluster.scope import ALL_NAMESPACES, Scope
from mailbox_operator.decide.declared.labels import cut
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.words import Kind
from mailbox_operator.watch.informer import Informer
from mailbox_operator.watch.intake import Intake, is_oversize, key_of
from mailbox_operator.watch.refs import Name, Topic

MANAGED_FIELDS: Final = "managedFields"


class Sight(Protocol):
    """One listing, and what is known of what it shows."""

    @property
    def optional(self) -> bool:
        """Whether there may be no right to list it."""

    def lighten(self, item: Item) -> None:
        """Take away what can be missed, and may have megabytes: it may be kept for a while."""

    def listing(self) -> Listing:
        """Return the listing, which is yet to be read."""

    def names(self) -> Iterable[Name]:
        """Return what is known there."""

    def name(self, item: Item) -> Name:
        """Name what is listed."""

    def counts(self, item: Item) -> bool:
        """Say whether what is listed is to be known at all."""

    def take(self, item: Item) -> None:
        """Take in what is listed."""

    def drop(self, name: Name, version: str) -> None:
        """Take note that something is gone, as of a resourceVersion."""


@dataclass(frozen=True, slots=True)
class Objects:
    """The objects of a kind, in a namespace or everywhere."""

    api: ApiReader
    intake: Intake
    kind: Kind
    namespace: str
    optional: bool = False

    def lighten(self, item: Item) -> None:
        """Take away what is not read of an object, or is too large to be kept."""
        metadata = item["metadata"]
        metadata.pop(MANAGED_FIELDS, None)
        if labels := metadata.get("labels"):
            metadata["labels"] = cut(labels)

    def listing(self) -> Listing:
        """Return the listing."""
        return Listing(self.api, object_path(self.kind, self.namespace), JSON)

    def names(self) -> Iterable[Name]:
        """Return what is known there."""
        for subject in self.intake.store.subjects():
            key = subject.key
            if key.kind is self.kind and self.namespace in (ALL_NAMESPACES, key.namespace):
                yield key

    def name(self, item: Item) -> Key:
        """Name what is listed."""
        return key_of(self.kind, item)

    def counts(self, item: Item) -> bool:
        """Say whether it is to be known: what is being deleted is gone, however long it is there."""
        metadata = item["metadata"]
        return not metadata.get("deletionTimestamp") and not is_oversize(metadata)

    def take(self, item: Item) -> None:
        """Take in what is listed."""
        self.intake.take_object(self.kind, item)

    def drop(self, name: Name, version: str) -> None:
        """Take note that an object is gone."""
        assert isinstance(name, Key)
        self.intake.vanished(name, version)


@dataclass(frozen=True, slots=True)
class SecretSight:
    """The Secrets that an informer follows."""

    intake: Intake
    informer: Informer

    def lighten(self, item: Item) -> None:
        """Take away who manages which field."""
        item["metadata"].pop(MANAGED_FIELDS, None)

    @property
    def optional(self) -> bool:
        """Whether there may be no right to list them."""
        return self.informer.optional

    def listing(self) -> Listing:
        """Return the listing of their metadata."""
        return self.informer.listing()

    def names(self) -> Iterable[Name]:
        """Return those that are known."""
        for namespace, name in self.intake.store.versions.secrets(self.informer.namespace):
            yield Topic.SECRET, namespace, name

    def name(self, item: Item) -> Name:
        """Name a Secret."""
        return Topic.SECRET, item["metadata"]["namespace"], item["metadata"]["name"]

    def counts(self, _: Item) -> bool:
        """Take every one as one that is to be known."""
        return True

    def take(self, item: Item) -> None:
        """Take in the version of a Secret."""
        self.intake.take_secret(item)

    def drop(self, name: Name, version: str) -> None:
        """Take note that a Secret is gone."""
        assert not isinstance(name, Key)
        self.intake.secret_gone(name[1], name[2], version)


@dataclass(frozen=True, slots=True)
class Namespaces:
    """The namespaces, whose labels open a ManagedInfrastructure."""

    api: ApiReader
    intake: Intake
    optional: bool = False

    def lighten(self, item: Item) -> None:
        """Take away who manages which field."""
        item["metadata"].pop(MANAGED_FIELDS, None)

    def listing(self) -> Listing:
        """Return the listing of their metadata."""
        return Listing(self.api, namespace_path(), METADATA_ONLY)

    def names(self) -> Iterable[Name]:
        """Return those that are known."""
        for name in self.intake.store.namespaces():
            yield Topic.NAMESPACE, "", name

    def name(self, item: Item) -> Name:
        """Name a namespace."""
        return Topic.NAMESPACE, "", item["metadata"]["name"]

    def counts(self, _: Item) -> bool:
        """Take every one as one that is to be known."""
        return True

    def take(self, item: Item) -> None:
        """Take in the labels of a namespace."""
        self.intake.take_namespace(item)

    def drop(self, name: Name, version: str) -> None:
        """Take note that a namespace is gone."""
        assert not isinstance(name, Key)
        gone = {"metadata": {"name": name[2], "resourceVersion": version}}
        self.intake.take_namespace(gone, deleted=True)


def sights(
    api: ApiReader, intake: Intake, scope: Scope, informers: Iterable[Informer]
) -> Iterator[Sight]:
    """Return all that a sweep compares, what others depend on first."""
    if scope.managed:
        yield Namespaces(api, intake)
    for informer in informers:
        yield SecretSight(intake, informer)
    for kind in scope.kinds:
        for namespace in scope.places(kind):
            yield Objects(api, intake, kind, namespace)
