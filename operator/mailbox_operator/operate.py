"""The operator's process: it watches on every replica and works on the one that leads."""

import asyncio
import logging
import socket
import uuid
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any, Final

import kopf

from mailbox_operator import heap
from mailbox_operator.assemble import wiring
from mailbox_operator.assemble.gauges import Gauges
from mailbox_operator.cluster.apiserver import ApiServer, connect, own_namespace
from mailbox_operator.cluster.authorizations import PendingRequests
from mailbox_operator.cluster.digestkey import DigestKey
from mailbox_operator.cluster.grants import ClusterGrants
from mailbox_operator.cluster.lease import Leadership, Lease
from mailbox_operator.cluster.refusal_record import RefusalRecord
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.cluster.secrets import ClusterSecrets
from mailbox_operator.connect.oauth.tokenexchange import TokenExchanges
from mailbox_operator.consent.orphans import Orphans
from mailbox_operator.consent.revoking import Revoking
from mailbox_operator.consent.settling import Settling
from mailbox_operator.consent.web import BOUNDS, Site
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.machine.backoff import phase
from mailbox_operator.decide.machine.machine import Conclusion, Probe, Rest, Step, decide, resume
from mailbox_operator.decide.machine.seen import Seen, Subject
from mailbox_operator.decide.status.conditions import Standing
from mailbox_operator.decide.words import Kind
from mailbox_operator.ports import Ports
from mailbox_operator.reconcile import reconcile
from mailbox_operator.report.events.consents import Consents
from mailbox_operator.report.events.events import EventRecorder
from mailbox_operator.report.events.orphans import OrphanNews
from mailbox_operator.report.health import Health, application
from mailbox_operator.report.metrics.lag import LoopLag
from mailbox_operator.report.metrics.metrics import Metrics
from mailbox_operator.report.status.publisher import StatusPublisher
from mailbox_operator.schedule.limits import Bucket, Slots
from mailbox_operator.schedule.queue import Lane
from mailbox_operator.schedule.runner import Runner
from mailbox_operator.serving import Bounds, serve
from mailbox_operator.settings.file import Settings
from mailbox_operator.watch.claims import Claims
from mailbox_operator.watch.connection import kopf_session
from mailbox_operator.watch.contents import ChangedContents
from mailbox_operator.watch.handlers import NoMemo, operator_settings, register
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.intake import Cluster
from mailbox_operator.watch.leasewatch import LeaseWatch
from mailbox_operator.watch.refs import Ref, Topic
from mailbox_operator.watch.rights import Rights
from mailbox_operator.watch.secretwatch import SecretWatch
from mailbox_operator.watch.store import Change, Store
from mailbox_operator.watch.sweep import Sweeper

THREADS: Final = 32
"""For the platform's own endpoints; what tenants name is looked up in `connect.network.names`."""

LAST_EXCHANGES_SECONDS: Final = 3.0
"""For what is under way at token endpoints when this replica stops; they answer within one."""

LATE_SECONDS: Final = 60.0
"""An attempt that is not over so long after its timeout will never be."""

OVERSIZE: Final = "MetadataTooLarge"
OVERSIZE_MESSAGE: Final = (
    "This object is left alone: its metadata is too large. Mailbox owner: remove labels and annotations"
    " until they have less than 320 KiB, and no more than 1,000 of each."
)

log = logging.getLogger(__name__)


async def operate(settings: Settings, kubeconfig: str | None) -> None:
    """Run until told to stop by SIGTERM or SIGINT.

    Raises:
        UnreachableClusterError: There is no cluster to work in.
        ExceptionGroup: A part failed; restarting is the remedy, and cheap.
    """
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS))
    namespace = settings.operator_namespace or own_namespace() or "mailbox-operator"
    metrics = Metrics(wiring.pace(settings), settings.metrics.per_mailbox)
    async with (
        await connect(kubeconfig, metrics.requests.told) as api,
        wiring.traced(settings) as tracing,
    ):
        claims = Claims(settings.claims.terms, wiring.now)
        store = Store(namespace, settings.managed, claims=claims)
        observers = wiring.Observers(metrics, tracing)
        await Operator(settings, store, api, metrics, observers).run()


@dataclass(slots=True)
class Operator:
    """All parts of the process."""

    settings: Settings
    store: Store
    api: ApiServer
    metrics: Metrics
    observers: wiring.Observers
    cluster: Cluster = field(init=False)
    publisher: StatusPublisher = field(init=False)
    events: EventRecorder = field(init=False)
    ports: Ports = field(init=False)
    runner: Runner = field(init=False)
    scope: Scope = field(init=False)
    rights: Rights = field(init=False)
    hearing: Hearing = field(default_factory=Hearing, init=False)
    lease_watch: LeaseWatch = field(init=False)
    sweeper: Sweeper = field(init=False)
    secret_watch: SecretWatch = field(init=False)
    contents: ChangedContents = field(init=False)
    digest_key: DigestKey = field(init=False)
    grants: ClusterGrants = field(init=False)
    exchanges: TokenExchanges = field(init=False)
    orphans: Orphans = field(init=False)
    refusals: RefusalRecord = field(init=False)
    site: Site | None = field(init=False)
    leadership: Leadership = field(init=False)

    def __post_init__(self) -> None:
        self.cluster = Cluster(self.store, self)
        self.events = EventRecorder(self.api, wiring.now)
        self.publisher = StatusPublisher(
            self.api,
            self.store.subject,
            self._written,
            self.events,
            self.metrics.status_refused,
            contradicted=self._contradicted,
            is_certain=lambda: self.leadership.is_certain,
        )
        self.runner = self._runner()
        every = self.settings.intervals.sweep.total_seconds()
        self.scope = Scope.of(self.settings, self.store.operator_namespace)
        namespace, name = self.scope.home, self.settings.leader_election.lease_name
        self.rights = Rights(self.api, self.scope, name)
        self.lease_watch = LeaseWatch(self.api, namespace, name, self.hearing)
        for path in self.scope.followed:
            self.hearing.want(path)
        self.secret_watch = SecretWatch(self.api, self.cluster, self.scope, self.hearing)
        self.cluster.moved = self.secret_watch.moved
        self.sweeper = Sweeper(self.api, self.cluster, self.scope, self.secret_watch, every)
        self.cluster.heard = self.sweeper.heard
        self._reach_out(every)
        self.leadership = self._leadership()

    def _reach_out(self, every_seconds: float) -> None:
        """Build what reaches out to the mail world: attempts, consents, and what tidies up."""

        def version(namespace: str, name: str) -> str:
            return self.store.version((Topic.SECRET, namespace, name))

        def tenure() -> None:
            self.leadership.assure()

        async def unsettled() -> set[str]:
            return {*await grants.write_all(), *out.exchanges.under_way}

        namespace = self.store.operator_namespace
        secrets = self._secrets(namespace, version)
        clock = self.api.clock
        grants = self.grants = ClusterGrants(
            secrets, lambda uid: self.store.find(uid) is not None, now=clock.earlier
        )
        observers = self.observers
        out = wiring.outside(self.settings, secrets, grants, observers, tenure)
        self.ports = wiring.ports(self.settings, self.store, self.publisher, out, observers)
        revoke = Revoking(out.authorizers, lambda: self.leadership.is_certain)
        hand = Settling(self.api, namespace, revoke)
        self.orphans = Orphans(
            hand,
            self.store,
            OrphanNews(self.metrics, self.events),
            clock.read,
            every_seconds,
            self.settings.grants.terms,
            self.scope,
            unsettled,
        )
        self.cluster.granted = self.orphans.granted
        self.exchanges = out.exchanges
        restraint = out.restraint
        self.refusals = RefusalRecord(
            self.api, namespace, restraint.refusals, restraint.news, wiring.now, monotonic
        )
        self.site = wiring.consent_site(
            self.settings,
            self.store,
            PendingRequests(self.api, namespace),
            out,
            grants,
            Consents(self.metrics, self.events),
            self.sweeper.ready.is_set,
            hand.keeps,
        )

    def _secrets(self, namespace: str, version: Callable[[str, str], str]) -> ClusterSecrets:
        """Build what reads Secrets, and what finds out whom a write to one concerns."""

        def learned(namespace: str, version: str, secret: Secret) -> None:
            digest = self.digest_key.digest(namespace, secret)
            if digest:
                self.cluster.secret_read(namespace, secret.name, version, digest)
            else:  # before the key is there: what is kept has to have a digest
                secrets.forget(namespace, secret.name)

        def unused(ref: Ref) -> None:
            if ref[0] in (Topic.SECRET, Topic.GRANT):
                secrets.forget(*ref[1:])

        name = f"{self.settings.leader_election.lease_name}-digest-key"
        self.digest_key = DigestKey(self.api, namespace, name)
        secrets = ClusterSecrets(self.api, namespace, version, learned, self.scope.namespaced)
        self.store.unused = unused
        cluster = self.cluster
        self.contents = ChangedContents(self.store, secrets.read, secrets.forget, cluster.wake)
        cluster.contents = self.contents
        return secrets

    def _runner(self) -> Runner:
        limits = self.settings.limits
        slots = Slots(limits.concurrent_attempts, limits.concurrent_per_host)
        bucket = Bucket(limits.attempts_per_second, limits.burst)
        return Runner(
            work=self._work,
            destination=self._destination,
            monotonic=monotonic,
            slots=slots,
            bucket=bucket,
            is_needed=self._is_needed,
            shown=self.publisher.shown,
            timekeeper=self.metrics.workqueue,
        )

    def _leadership(self) -> Leadership:
        terms, identity = self.settings.leader_election, f"{socket.gethostname()}_{uuid.uuid4()}"
        namespace, known = self.store.operator_namespace, self.lease_watch.known
        lease = Lease(terms, namespace, identity, self.api, known=known)
        return Leadership(lease, terms, self._lead)

    async def run(self) -> None:
        """Run all parts; the end of kopf, which listens for signals, is the end of all."""
        Gauges(
            self.runner,
            self.leadership,
            self.sweeper,
            self.cluster,
            self.events,
            self.publisher,
            self.orphans,
            self.hearing,
            self.rights,
            self.api.clock,
        ).add_to(self.metrics)
        registry = kopf.OperatorRegistry()
        async with asyncio.TaskGroup() as group:
            parts = [
                group.create_task(part(), name=part.__qualname__)
                for part in (
                    self._serve,
                    self._serve_consent,
                    self._know,
                    self.rights.run,
                    self.hearing.run,
                    self.lease_watch.run,
                    self._follow_secrets,
                    self.events.run,
                    self.leadership.guard,
                    self._stand,
                    LoopLag(self.metrics.loop_lag.observe).run,
                )
            ]

            async def stop() -> None:
                for part in parts:
                    part.cancel()
                await asyncio.wait(parts)

            server = self.api.client.configuration.host
            open_session = partial(kopf_session, self.api, self.hearing)
            register(registry, self.cluster, self.scope, server, open_session, stop)
            await kopf.operator(
                registry=registry,
                settings=operator_settings(),
                # Left to itself kopf asks for a user name, and the image's user has none.
                identity=self.leadership.lock.identity,
                memo=NoMemo(),
                clusterwide=not self.scope.namespaces,
                namespaces=self.scope.namespaces,
                standalone=True,
            )
            await stop()

    def changed(self, key: Key, change: Change) -> None:
        """Have a mailbox looked at, if this replica works; what was edited shows that at once."""
        seen = self.store.seen(key) if self.leadership.is_leading else None
        if seen is None:
            return
        if isinstance(seen.subject, Mailbox) and change is not Change.STATUS:
            self.orphans.changed(seen.subject)
        match change:
            case Change.NEW:
                self._plan(key)
            case Change.STATUS:
                if not self.publisher.is_own(key, seen.status):
                    self._contradicted(key)
            case Change.FREED if rest := self.store.rest(key):
                self.runner.plan(key, rest, Lane.RETRY)
            case _:
                self._edited(seen)

    def _edited(self, seen: Seen) -> None:
        key, step = seen.subject.key, self._step(seen)
        if isinstance(step, Rest):
            return
        if isinstance(step, Probe) and seen.status.standing is not None:
            self.publisher.announce(seen, step.announcement)
        self.runner.wake(key, Lane.CHANGED)

    def _contradicted(self, key: Key) -> None:
        """Look again at an object whose status another writer changed: it may not be the truth."""
        log.info("another writer changed a status", extra={"object": str(key)})
        self.runner.hasten(key)

    def gone(self, key: Key) -> None:
        """Stop whatever is done for an object that is gone, and tidy up after it."""
        self.runner.forget(key)
        self.publisher.forget(key)
        self.orphans.noticed()

    def oversize(self, subject: Subject) -> None:
        """Tell people of an object that is left alone."""
        if self.leadership.is_leading:
            self.events.tell(subject, OVERSIZE, OVERSIZE_MESSAGE, fine=False)

    async def _know(self) -> None:
        """Take everything in: who cannot list and watch it all must not become ready."""
        await self.rights.granted()
        await self.sweeper.run()

    def _unready(self) -> Iterator[str]:
        """Say why this replica is not ready: what stands first explains what would follow."""
        if self.rights.troubles():
            yield from self.rights.troubles()
            return
        if self.sweeper.trouble and not self.sweeper.ready.is_set():
            yield f"listing: {self.sweeper.trouble}"
        yield from self.hearing.troubles()
        yield from self.rights.lacks()

    def _dead(self) -> Iterator[str]:
        """Say which watches a new process has to open; at the start it would wait as this one does."""
        if self.sweeper.ready.is_set():
            yield from self.hearing.dead()

    async def _follow_secrets(self) -> None:
        """Follow Secrets from where their first listing ended."""
        await self.sweeper.ready.wait()
        await self.secret_watch.run()

    async def _stand(self) -> None:
        """Stand for election once everything is known: who cannot list must not lead."""
        await self.sweeper.ready.wait()
        await self.digest_key.load()
        heap.settle()
        await self.leadership.run()

    async def _lead(self) -> None:
        """Take up the schedule: what is known already is not dialled again."""
        log.info("leading")
        await self.refusals.load()
        for subject in self.store.subjects():
            self._plan(subject.key)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self.orphans.run(), name="orphans")
                group.create_task(self.refusals.run(), name="refusals")
                group.create_task(self.contents.run(), name="contents")
                group.create_task(self.grants.run(), name="grants")
                group.create_task(self.publisher.run(), name="publisher")
                group.create_task(self.runner.run(), name="runner")
        finally:
            await self.exchanges.settle(LAST_EXCHANGES_SECONDS)
            await self.grants.flush()
            await self.refusals.flush()

    def _plan(self, key: Key) -> None:
        seen = self.store.seen(key)
        if seen is None:
            return
        presumed = self.contents.presumed(seen)
        rest = resume(presumed, self.ports.pace, phase(seen.subject.uid), self.ports.public_url)
        if rest is None:
            self.runner.wake(key, Lane.NEW)
            return
        healthy = seen.status.standing is Standing.CONNECTED
        self.runner.plan(key, rest, Lane.PERIODIC if healthy else Lane.RETRY)

    async def _work(self, key: Key, due: bool) -> Conclusion | None:  # noqa: FBT001 - Runner's word
        return await reconcile(key, self.ports, due=due)

    def _destination(self, key: Key) -> str | None:
        subject = self.store.subject(key)
        return subject.destination if subject else None

    def _is_needed(self, key: Key) -> bool:
        seen = self.store.seen(key)
        return seen is not None and not isinstance(self._step(seen), Rest)

    def _step(self, seen: Seen) -> Step:
        """Say what to do with an object before its regular turn."""
        return decide(self.contents.presumed(seen), wiring.now(), due=False)

    def _written(self, kind: Kind, body: Mapping[str, Any]) -> None:
        self.cluster.object(kind, body)

    async def _serve(self) -> None:
        health = Health(
            is_ready=self.sweeper.ready.is_set,
            idle_seconds=self._idle_seconds,
            oldest_seconds=lambda: max(self.runner.ages, default=0.0),
            longest_seconds=self.settings.timeouts.attempt.total_seconds() + LATE_SECONDS,
            lagging=lambda: len(self.sweeper.lagging),
            unready=self._unready,
            dead=self._dead,
        )
        listen = self.settings.listen
        app = application(health, self.metrics)
        await serve(app, listen.address, listen.port, Bounds())

    async def _serve_consent(self) -> None:
        if self.site is None:
            return
        wanted = self.settings.consent
        app = self.site.application()
        await serve(app, wanted.address, wanted.port, BOUNDS, "consent page listening")

    def _idle_seconds(self) -> float | None:
        working = self.leadership.is_leading and self.runner.beat
        return monotonic() - self.runner.beat if working else None
