"""Fits the parts of the operator's process together; `outside` and `page` are fitted beside it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cached_property, partial
from time import monotonic

from mailbox_operator import clock
from mailbox_operator.assemble.accesses import access_keeper
from mailbox_operator.assemble.authorities import authorities, wake_logins
from mailbox_operator.assemble.counts import capacities
from mailbox_operator.assemble.logins import bindings, logins
from mailbox_operator.assemble.outside import Outside, outside, ports
from mailbox_operator.assemble.sharing import ShardWork, leadership, runner, shards
from mailbox_operator.assemble.watching import Watching
from mailbox_operator.capacities import Capacities
from mailbox_operator.cluster.accesses import HandedOver
from mailbox_operator.cluster.bindings import ClusterBindings
from mailbox_operator.cluster.grants import ClusterGrants
from mailbox_operator.cluster.known_authorities import KnownAuthorities
from mailbox_operator.cluster.leadership import Leadership
from mailbox_operator.cluster.refusal_record import RefusalRecord
from mailbox_operator.cluster.secrets import ClusterSecrets
from mailbox_operator.cluster.settling import Settling
from mailbox_operator.cluster.shards import Shards
from mailbox_operator.cluster.shared_refusals import SharedRefusals
from mailbox_operator.connect.oauth.accesses import AccessKeeper
from mailbox_operator.connect.restraint import Restraint, nothing_refused, patience_within
from mailbox_operator.consent.orphans import Orphans
from mailbox_operator.consent.revoking import Revoking
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.dispatch import Dispatch
from mailbox_operator.ports import Ports
from mailbox_operator.report.events.events import EventRecorder
from mailbox_operator.report.events.orphan_news import OrphanNews
from mailbox_operator.report.metrics.metrics import Metrics
from mailbox_operator.report.observers import Observers
from mailbox_operator.report.status.publisher import StatusPublisher
from mailbox_operator.schedule.runner import Runner
from mailbox_operator.watch.claims import Claims
from mailbox_operator.watch.contents import ChangedContents
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.reading import selecting
from mailbox_operator.watch.refs import Topic
from mailbox_operator.watch.secretwatch import SecretWatch
from mailbox_operator.watch.store import Store
from mailbox_operator.watch.sweep import Sweeper


@dataclass(frozen=True)
class Parts(Watching):
    """The parts of the process: each is built when it is first asked for, and kept.

    Of two parts that need each other, one is given a function that asks for the other later.

    Attributes:
        lead: What only the replica does that leads.
    """

    metrics: Metrics
    observers: Observers
    lead: Callable[["Parts"], Awaitable[None]]

    @cached_property
    def store(self) -> Store:
        """What is known of the cluster."""
        managed, claims = self.settings.managed, Claims(self.settings.claims.terms, clock.now)
        known = (self.namespace, managed, lambda place: self.secrets.forget(*place))
        written = logins(self.settings, lambda: self.authorities.pem)
        return Store(*known, claims=claims, logins=written)

    @cached_property
    def intake(self) -> Intake:
        """The way in for all that is watched, listed or written."""
        return Intake(
            self.store,
            self.dispatch,
            contents=self.contents,
            on_moved=lambda: self.secret_watch.moved(),
            on_granted=self.orphans.granted,
            on_heard=lambda name: self.sweeper.heard(name),
            parse=selecting(self.settings.watch.requirements),
        )

    @cached_property
    def secret_watch(self) -> SecretWatch:
        """What follows Secrets."""
        return SecretWatch(self.api, self.intake, self.scope, self.hearing)

    @cached_property
    def sweeper(self) -> Sweeper:
        """What lists everything at the start, and now and then."""
        every = self.settings.intervals.sweep.total_seconds()
        return Sweeper(self.api, self.intake, self.scope, self.secret_watch, every)

    @cached_property
    def contents(self) -> ChangedContents:
        """What finds out whom a write to a Secret concerns."""
        wake, secrets = (lambda key: self.intake.wake(key)), self.secrets
        read = self.store, secrets.read, secrets.forget, wake
        return ChangedContents(*read, lambda key: self.dispatch.destination(key) is not None)

    @cached_property
    def authorities(self) -> KnownAuthorities:
        """What keeps the gateway's certificate, and tells applications of another authority."""
        told = partial(wake_logins, lambda: (self.store, self.intake))
        return authorities(self.settings, self.api, self.namespace, told)

    @cached_property
    def secrets(self) -> ClusterSecrets:
        """What reads Secrets."""
        return ClusterSecrets(
            self.api,
            self.namespace,
            lambda namespace, name: self.store.versions.of((Topic.SECRET, namespace, name)),
            self._learned,
            self.scope.namespaced,
        )

    @cached_property
    def grants(self) -> ClusterGrants:
        """What keeps grants."""
        api, store = self.api, self.store
        return ClusterGrants(
            api, self.secrets, lambda uid: store.find(uid) is not None, now=api.clock.earlier
        )

    @cached_property
    def refusals(self) -> SharedRefusals:
        """What counts refused logins."""
        known = (self.api, self.namespace, nothing_refused())
        return SharedRefusals(RefusalRecord(*known, self.api.clock.served, monotonic))

    @cached_property
    def leadership(self) -> Leadership:
        """Whether this replica does what concerns all shards."""
        known, lead = self.lease_watch.known, partial(self.lead, self)
        return leadership(self.settings, self.namespace, self.api, known, lead)

    @cached_property
    def shards(self) -> Shards:
        """What this replica works on."""
        lock = self.leadership.lock
        return shards(self.settings, self.namespace, self.api, lock, lambda: self.work)

    @cached_property
    def work(self) -> ShardWork:
        """What is begun and ended with shards."""
        known = (self.settings.limits, self.shards, self.dispatch, self.runner)
        return ShardWork(*known, self.outside, self.grants, self.accesses)

    @cached_property
    def outside(self) -> Outside:
        """What reaches out to the mail world."""
        kept, told = (self.secrets, self.grants), self.observers
        patience = patience_within(self.settings.timeouts.attempt.total_seconds())
        restraint = Restraint(self.refusals, told.held_back, patience, self.shards.assure)
        fetched = (restraint, lambda case: self.accesses.refreshed(case))
        return outside(self.settings, *kept, told, *fetched)

    @cached_property
    def accesses(self) -> AccessKeeper:
        """What keeps access tokens at hand for the gateways."""
        known = (HandedOver(self.api, self.namespace), self.store, self.outside)
        has_gateway = self.settings.gateway.host is not None
        told = (lambda key: self.runner.hasten(key), lambda box: self.dispatch.works_on(box))
        return access_keeper(*known, *told, has_gateway=has_gateway)

    @cached_property
    def ports(self) -> Ports:
        """What an attempt asks for."""
        fitted = (self.store, self.publisher, self.outside, self.observers)
        return ports(self.settings, *fitted, self.bindings)

    @cached_property
    def bindings(self) -> ClusterBindings | None:
        """What writes the logins of Senders; None without a gateway."""
        told = (self.namespace, self.store, lambda *found: self.intake.secret_known(*found))
        return bindings(self.settings, self.api, *told, lambda: self.authorities.pem)

    @cached_property
    def runner(self) -> Runner:
        """The schedule."""
        timekeeper = self.metrics.workqueue
        return runner(self.settings, lambda: self.dispatch, self.publisher.shown, timekeeper)

    @cached_property
    def dispatch(self) -> Dispatch:
        """What gives changes their turns."""
        made = (self.contents, self.ports, self.runner, self.publisher, self.events)
        return Dispatch(
            self.store,
            *made,
            self.leadership,
            self.shards,
            on_changed=self.orphans.changed,
            on_gone=self.orphans.noticed,
            on_proved=self.outside.relays.proved,
        )

    @cached_property
    def events(self) -> EventRecorder:
        """What writes Events."""
        return EventRecorder(self.api, clock.now)

    @cached_property
    def publisher(self) -> StatusPublisher:
        """What writes statuses."""
        return StatusPublisher(
            self.api,
            self.store.subject,
            lambda kind, body: self.intake.take_object(kind, body),
            self.events,
            self.metrics.status_refused,
            on_contradicted=lambda key: self.dispatch.contradicted(key),
            is_certain=lambda: self.shards.is_certain,
        )

    @cached_property
    def capacities(self) -> Capacities:
        """What shows how much may be sent still."""
        return capacities(self.settings, self.api, self.namespace, self.dispatch)

    @cached_property
    def settling(self) -> Settling:
        """What carries out the end of a grant."""
        revoke = Revoking(self.outside.authorizers, lambda: self.leadership.is_certain)
        return Settling(self.api, self.namespace, revoke)

    @cached_property
    def orphans(self) -> Orphans:
        """What finds the grants that no Mailbox has any more."""
        return Orphans(
            self.settling,
            self.store,
            OrphanNews(self.metrics, self.events),
            self.api.clock.read,
            self.settings.intervals.sweep.total_seconds(),
            self.settings.grants.terms,
            self.scope,
            lambda: self.work.unsettled(),
            lambda: self.leadership.lock.resumed,
        )

    def _learned(self, namespace: str, version: str, secret: Secret) -> None:
        if digest := self.digest_key.digest(namespace, secret):
            self.intake.secret_read(namespace, secret.name, version, digest)
        else:  # before the key is there: what is kept has to have a digest
            self.secrets.forget(namespace, secret.name)
