"""The same attempt without any cluster: Mailboxes, Secrets and infrastructures from files.

What a tenant runs in CI before the rollout, and a platform team before it offers its apps and relay.
"""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from mailbox_operator.assemble.outside import outside, ports
from mailbox_operator.decide.declared.documents import Declared, Document
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.secret import Secret, missing
from mailbox_operator.decide.declared.sender import ReadableSender
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.status.conditions import Status, render_status
from mailbox_operator.decide.words import Kind
from mailbox_operator.ports import Ports
from mailbox_operator.reconcile import reconcile
from mailbox_operator.report.metrics.metrics import Metrics
from mailbox_operator.report.observers import Observers
from mailbox_operator.settings.file import Settings
from mailbox_operator.watch.store import Store

MOST_TRIES: Final = 100
"""How often an attempt may be postponed while others are served."""

GENTLE: Final = 4
"""Sessions at one server at once: a pipeline has time, and some servers admit only five of a client."""

SUSPENDED: Final = "Suspended"
NOT_TRIED: Final = "NotTried"


@dataclass(frozen=True, slots=True)
class Verification:
    """What came of one Mailbox, ManagedInfrastructure or Sender."""

    document: Document
    subject: Subject

    @property
    def reason(self) -> str:
        """Why it is as it is; `Suspended` where it was not asked."""
        if self.subject.suspended:
            return SUSPENDED
        ready = self.subject.status.condition("Ready")
        return ready.reason if ready else NOT_TRIED

    @property
    def message(self) -> str:
        """What is wrong, who must act, and what to do."""
        if self.subject.suspended:
            return "spec.suspend is true: not tried"
        ready = self.subject.status.condition("Ready")
        return (
            ready.message if ready else "It was not tried: others were being served all the time."
        )

    def status_of(self, condition: str) -> str:
        """Return the status of a condition; `-` where it has none."""
        found = self.subject.status.condition(condition)
        return found.status if found else "-"

    def passes(self, allowed: Collection[str]) -> bool:
        """Say whether a pipeline may go on: it connects, is suspended, or its reason is allowed.

        Mailboxes that do not connect speak for themselves, so their Senders pass.
        """
        passing = {SUSPENDED, Reason.MAILBOX_NOT_CONNECTED, *allowed}
        return self.status_of("Ready") == "True" or self.reason in passing

    def rendered(self) -> Mapping[str, object]:
        """Return the manifest with the status the operator would write."""
        return {**self.document.content, "status": render_status(self.subject.status)}


@dataclass(frozen=True, slots=True)
class FileSecrets:
    """Secrets from manifests.

    Attributes:
        declared: By namespace and name; a text says why the API server refuses that Secret.
        operator_namespace: Of the platform's Secrets; empty where the configuration names none.
    """

    declared: Mapping[tuple[str, str], Secret | str] = field(repr=False)
    operator_namespace: str

    async def read(self, namespace: str, name: str) -> Secret:
        """Return a Secret.

        Raises:
            Fault: `CredentialsMissing`: none of the files holds it, or the API server refuses it.
        """
        found = self.declared.get((namespace, name))
        if found is None:
            raise missing(name, f"none of the files holds it for namespace {namespace}")
        if isinstance(found, str):
            raise missing(name, f"the API server refuses this Secret: {found}")
        return found

    async def read_platform(self, name: str) -> Secret:
        """Return a Secret of the operator's own namespace; raises as `read` does."""
        if self.operator_namespace:
            return await self.read(self.operator_namespace, name)
        match [place for place, held in self.declared if held == name]:
            case [only]:
                return await self.read(only, name)
            case []:
                raise missing(name, "none of the files holds it")
            case places:
                named = ", ".join(places)
                problem = (
                    f"the files hold it for {named}: set operatorNamespace in the configuration"
                )
                raise missing(name, problem)


@dataclass(frozen=True, slots=True)
class MemoryGrants:
    """Grants for the length of one run."""

    grants: dict[str, StoredGrant] = field(default_factory=dict, repr=False)

    async def read(self, uid: str) -> StoredGrant | None:
        """Return the grant of a Mailbox; None if there is none."""
        return self.grants.get(uid)

    async def rotate(self, mailbox: ReadableMailbox, grant: StoredGrant) -> None:
        """Keep a newer token."""
        self.grants[mailbox.uid] = grant


@dataclass(frozen=True, slots=True)
class NoBindings:
    """Writes no login, and takes it that there is a gateway: the files do not say."""

    async def keep(self, sender: ReadableSender, address: str) -> None:
        """Do nothing."""


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
    declared: Declared, settings: Settings, tell: Callable[[Verification], None]
) -> list[Verification]:
    """Make one attempt for each Mailbox; without any, one for each ManagedInfrastructure.

    Senders are looked at last: whether they can send depends on their Mailboxes.

    Args:
        declared: Mailboxes, Senders, and the Secrets, ManagedInfrastructures and Namespaces they need.
        settings: The operator's configuration.
        tell: Is told each verdict as soon as it is there.
    """
    store = _store(declared, settings)
    ports = _ports(declared, _gently(settings), store)
    slots = asyncio.Semaphore(settings.limits.concurrent_attempts)
    places = defaultdict[str, asyncio.Semaphore](lambda: asyncio.Semaphore(_each(settings)))

    async def tried(key: Key) -> Verification:
        async with places[declared.objects[key].destination], slots:
            await _attempt(key, ports, store)
        verdict = Verification(declared.documents[key], _subject(store, key))
        tell(verdict)
        return verdict

    connecting, senders = rounds(declared)
    found = await asyncio.gather(*map(tried, connecting))
    return found + await asyncio.gather(*map(tried, senders))


def subjects(declared: Declared) -> list[Key]:
    """Say what is tried."""
    connecting, senders = rounds(declared)
    return connecting + senders


def rounds(declared: Declared) -> tuple[list[Key], list[Key]]:
    """Say what is tried first, the Mailboxes, or else the ManagedInfrastructures; and the Senders."""
    mailboxes, others, senders = (
        [key for key in declared.objects if key.kind is kind]
        for kind in (Kind.MAILBOX, Kind.INFRASTRUCTURE, Kind.SENDER)
    )
    return mailboxes or others, senders


async def _attempt(key: Key, ports: Ports, store: Store) -> None:
    for _ in range(MOST_TRIES):
        await reconcile(key, ports, due=True)
        subject = _subject(store, key)
        if subject.suspended or subject.status.standing is not None:
            return


def _each(settings: Settings) -> int:
    return min(GENTLE, settings.limits.concurrent_per_host)


def _gently(settings: Settings) -> Settings:
    """Let the operator's own count by server, whatever its names are, be as low."""
    limits = settings.limits.model_copy(update={"concurrent_per_host": _each(settings)})
    return settings.model_copy(update={"limits": limits})


def _store(declared: Declared, settings: Settings) -> Store:
    store = Store(settings.operator_namespace or "mailbox-operator")
    for subject in declared.objects.values():
        store.upsert(subject)
    for namespace, labels in declared.labels.items():
        store.label(namespace, labels)
    return store


def _ports(declared: Declared, settings: Settings, store: Store) -> Ports:
    observers = Observers(Metrics())
    found = FileSecrets(declared.secrets, settings.operator_namespace or "")
    out = outside(settings, found, MemoryGrants(), observers)
    needed = ports(settings, store, StorePublisher(store), out, observers)
    # No page knows of a Mailbox in a file.
    return replace(needed, public_url="", bindings=NoBindings())


def _subject(store: Store, key: Key) -> Subject:
    subject = store.subject(key)
    assert subject is not None
    return subject
