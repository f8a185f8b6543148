"""The same attempt without any cluster: Mailboxes, Secrets and infrastructures from files.

What a tenant runs in CI before the rollout.
"""

import asyncio
import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from mailbox_operator import wiring
from mailbox_operator.decide.infrastructure import parse_infrastructure
from mailbox_operator.decide.mailbox import Mailbox, parse_mailbox
from mailbox_operator.decide.secret import Secret, missing
from mailbox_operator.decide.seen import Seen
from mailbox_operator.decide.status import Status, render_status
from mailbox_operator.decide.watched import Key
from mailbox_operator.manifests import Manifest, ManifestError
from mailbox_operator.ports import StoredGrant
from mailbox_operator.reconcile import reconcile
from mailbox_operator.report.metrics import Metrics
from mailbox_operator.settings import Settings
from mailbox_operator.watch.store import Store

DEFAULT_NAMESPACE: Final = "default"
MOST_TRIES: Final = 10


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of one Mailbox."""

    manifest: Manifest
    mailbox: Mailbox

    @property
    def is_connected(self) -> bool:
        """Whether it connects; a suspended one is not asked."""
        ready = self.mailbox.status.condition("Ready")
        return self.is_suspended or (ready is not None and ready.status == "True")

    @property
    def is_suspended(self) -> bool:
        """Whether it is to be left alone."""
        return self.mailbox.spec is not None and self.mailbox.spec.suspend

    def rendered(self) -> Manifest:
        """Return the manifest with the status the operator would write."""
        return {**self.manifest, "status": render_status(self.mailbox.status)}


@dataclass(frozen=True, slots=True)
class FileSecrets:
    """Secrets from manifests."""

    manifests: Mapping[tuple[str, str], Manifest] = field(repr=False)
    operator_namespace: str

    async def read(self, namespace: str, name: str) -> Secret:
        """Return a Secret.

        Raises:
            Fault: `CredentialsMissing`: none of the files holds it.
        """
        found = self.manifests.get((namespace, name))
        if found is None:
            raise missing(name, f"none of the files holds it for namespace {namespace}")
        try:
            content = {
                key: base64.b64decode(value) for key, value in (found.get("data") or {}).items()
            }
        except (ValueError, TypeError) as error:
            raise missing(name, "its data is not base64") from error
        plain = found.get("stringData") or {}
        return Secret(name, content | {key: str(value).encode() for key, value in plain.items()})

    async def read_platform(self, name: str) -> Secret:
        """Return a Secret of the operator's own namespace; raises as `read` does."""
        return await self.read(self.operator_namespace, name)


@dataclass(frozen=True, slots=True)
class MemoryGrants:
    """Grants for the length of one run."""

    grants: dict[str, StoredGrant] = field(default_factory=dict, repr=False)

    async def read(self, uid: str) -> StoredGrant | None:
        """Return the grant of a Mailbox; None if there is none."""
        return self.grants.get(uid)

    async def rotate(self, mailbox: Mailbox, grant: StoredGrant) -> None:
        """Keep a newer token."""
        self.grants[mailbox.uid] = grant

    async def accept(self, mailbox: Mailbox, grant: StoredGrant) -> None:
        """Keep a grant that somebody just gave; nobody does, without a cluster."""
        self.grants[mailbox.uid] = grant


@dataclass(frozen=True, slots=True)
class StorePublisher:
    """Writes statuses into the store."""

    store: Store

    def announce(self, seen: Seen, status: Status) -> None:
        """Nobody looks meanwhile."""

    def withdraw(self, key: Key) -> None:
        """Nothing was announced."""

    def publish(self, seen: Seen, status: Status) -> None:
        """Put the status into the store."""
        version = str(int(seen.subject.version) + 1)
        self.store.upsert(replace(seen.subject, status=status, version=version))


async def verify(
    manifests: Iterable[Manifest], settings: Settings, say: Callable[[str], None]
) -> list[Verdict]:
    """Make one attempt for each Mailbox.

    Args:
        manifests: Mailboxes, and the Secrets, ManagedInfrastructures and Namespaces they need.
        settings: The operator's configuration.
        say: Takes notes for the person.
    """
    store = Store(settings.operator_namespace or "mailbox-operator")
    mailboxes, secrets = _load(manifests, store, say)
    observers = wiring.Observers(Metrics())
    found = FileSecrets(secrets, store.operator_namespace)
    out = wiring.outside(settings, found, MemoryGrants(), observers)
    ports = wiring.ports(settings, store, StorePublisher(store), out, observers)
    ports = replace(ports, public_url="")  # no page knows of a Mailbox in a file
    limits = settings.limits
    slots = asyncio.Semaphore(min(limits.concurrent_attempts, limits.concurrent_per_host))

    async def tried(key: Key) -> None:
        async with slots:
            for _ in range(MOST_TRIES):  # an attempt is postponed while others are served
                await reconcile(key, ports, due=True)
                if _mailbox(store, key).status.standing is not None:
                    return

    await asyncio.gather(*(tried(key) for key in mailboxes))
    return [Verdict(manifest, _mailbox(store, key)) for key, manifest in mailboxes.items()]


def _load(
    manifests: Iterable[Manifest], store: Store, say: Callable[[str], None]
) -> tuple[dict[Key, Manifest], dict[tuple[str, str], Manifest]]:
    mailboxes: dict[Key, Manifest] = {}
    secrets: dict[tuple[str, str], Manifest] = {}
    for manifest in manifests:
        name, namespace = _name(manifest)
        fresh = {**manifest, "metadata": _metadata(manifest, name, namespace), "status": {}}
        match manifest.get("kind"):
            case "Mailbox":
                mailbox = parse_mailbox(fresh)
                store.upsert(mailbox)
                store.label(namespace, {"kubernetes.io/metadata.name": namespace})
                mailboxes[mailbox.key] = manifest
            case "ManagedInfrastructure":
                store.upsert(parse_infrastructure(fresh))
            case "Secret":
                secrets[namespace, name] = manifest
            case "Namespace":
                labels = manifest["metadata"].get("labels") or {}
                store.label(name, {"kubernetes.io/metadata.name": name, **labels})
            case other:
                say(f"skipped {other} {name}: not needed to verify a mailbox")
    return mailboxes, secrets


def _name(manifest: Manifest) -> tuple[str, str]:
    metadata = manifest.get("metadata")
    if not isinstance(metadata, dict) or not isinstance(metadata.get("name"), str):
        raise ManifestError(f"a {manifest.get('kind', 'document')} has no metadata.name")
    return metadata["name"], metadata.get("namespace") or DEFAULT_NAMESPACE


def _metadata(manifest: Manifest, name: str, namespace: str) -> Manifest:
    own = {"namespace": namespace, "uid": f"{namespace}/{name}", "generation": 1}
    return {**manifest["metadata"], **own, "resourceVersion": "1"}


def _mailbox(store: Store, key: Key) -> Mailbox:
    seen = store.seen(key)
    assert seen is not None
    assert isinstance(seen.subject, Mailbox)
    return seen.subject
