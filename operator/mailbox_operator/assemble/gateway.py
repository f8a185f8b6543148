"""Fits the parts of the gateway's process together."""

import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from time import monotonic, time

from mailbox_operator import clock
from mailbox_operator.assemble.certificate import certificate
from mailbox_operator.assemble.logins import login_key_name
from mailbox_operator.assemble.reach import Reach, reach_of
from mailbox_operator.assemble.watching import Watching
from mailbox_operator.cluster.accesses import Accesses
from mailbox_operator.cluster.deliverynotes import DeliveryNotes
from mailbox_operator.cluster.followedkeys import FollowedKeys
from mailbox_operator.cluster.ledgers import ClusterLedgers
from mailbox_operator.cluster.secrets import ClusterSecrets
from mailbox_operator.connect.network.servers import Servers
from mailbox_operator.connect.password import PasswordConnector
from mailbox_operator.connect.platform import PlatformConnector
from mailbox_operator.connect.relays import Relays
from mailbox_operator.connect.restraint import Restraint
from mailbox_operator.connect.sending.opening import Opener
from mailbox_operator.connect.sending.wayout import MOST_SESSIONS, SmtpWayOut
from mailbox_operator.connect.sending.ways import MailWays
from mailbox_operator.connect.smtp.transaction import DeliveryTimeouts
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.gateway.bounds import Bounds
from mailbox_operator.gateway.buffers import Buffers
from mailbox_operator.gateway.certificates import Certificates
from mailbox_operator.gateway.gate import Gate
from mailbox_operator.gateway.guessing import Guesses
from mailbox_operator.gateway.house import House
from mailbox_operator.gateway.listener import Listener
from mailbox_operator.gateway.quota import Quota
from mailbox_operator.gateway.session import Terms
from mailbox_operator.report.health import Health
from mailbox_operator.report.metrics.gateway_metrics import GatewayMetrics
from mailbox_operator.report.sendings import SendingsReport
from mailbox_operator.report.tracing.tracing import Tracing
from mailbox_operator.watch.change import Change
from mailbox_operator.watch.directory import Directory
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.store import Store
from mailbox_operator.watch.sweep import NoSecrets, Sweeper


class Unmoved:
    """Acts upon no change: each message looks at what is known when it comes."""

    def changed(self, key: Key, change: Change) -> None:
        """Do nothing."""

    def gone(self, key: Key) -> None:
        """Do nothing."""

    def oversize(self, subject: Subject) -> None:
        """Do nothing."""


@dataclass(frozen=True)
class GatewayParts(Watching):
    """The parts of the process: each is built when it is first asked for, and kept.

    Attributes:
        host: The name that applications know the gateway by.
    """

    host: str
    metrics: GatewayMetrics
    tracing: Tracing

    @cached_property
    def store(self) -> Store:
        """What is known of the cluster."""
        return Store(self.namespace, self.settings.managed)

    @cached_property
    def intake(self) -> Intake:
        """The way in for all that is watched or listed."""
        return Intake(self.store, Unmoved(), on_heard=lambda name: self.sweeper.heard(name))

    @cached_property
    def sweeper(self) -> Sweeper:
        """What lists everything at the start, and now and then."""
        every = self.settings.intervals.sweep.total_seconds()
        return Sweeper(self.api, self.intake, self.scope, NoSecrets(), every)

    @cached_property
    def keys(self) -> FollowedKeys:
        """The keys of all logins."""
        return FollowedKeys(self.api, self.namespace, login_key_name(self.settings))

    @cached_property
    def certificates(self) -> Certificates:
        """What follows the certificate."""
        read = certificate(self.settings, self.api, self.namespace)
        return Certificates(read, self.listener.use)

    @cached_property
    def reach(self) -> Reach:
        """How mail servers are reached."""
        return reach_of(self.settings, self.sendings, Servers(MOST_SESSIONS))

    @cached_property
    def sendings(self) -> SendingsReport:
        """What counts, logs and traces messages."""
        return SendingsReport(self.metrics, self.tracing)

    @cached_property
    def way_out(self) -> SmtpWayOut:
        """How messages go out."""
        reach, home = self.reach, self.namespace
        secrets = ClusterSecrets(self.api, home, lambda *_: "", namespaced=self.scope.namespaced)
        restraint, known = Restraint(), (reach.trust, secrets)
        passwords = PasswordConnector(reach.smtp, reach.records, *known, restraint)
        platform = PlatformConnector(reach.smtp, *known, {}, Relays(monotonic), restraint=restraint)
        wanted, records = self.settings, Accesses(self.api, home)
        at_a_relay = wanted.gateway.relay_sessions
        ways = MailWays(passwords, platform, records, reach.trust, time, at_a_relay)
        timeouts = DeliveryTimeouts(final_seconds=wanted.timeouts.final_reply.total_seconds())
        return SmtpWayOut(Opener(reach.smtp, monotonic, self.sendings), ways, monotonic, timeouts)

    @cached_property
    def notes(self) -> DeliveryNotes:
        """What tells the operator of messages."""
        return DeliveryNotes(self.api, clock.now, monotonic)

    @cached_property
    def quota(self) -> Quota:
        """What keeps messages within limits; by the API server's time, which is the same to all."""
        return Quota(ClusterLedgers(self.api, self.namespace), self.api.clock.served, monotonic)

    @cached_property
    def gate(self) -> Gate:
        """What lets applications in, and messages out."""
        return Gate(
            Directory(self.store, self.sweeper.ready.is_set, monotonic),
            self.keys,
            self.way_out,
            self.notes,
            self.sendings,
            monotonic,
            self.api.clock.served,
            self.quota,
        )

    @cached_property
    def listener(self) -> Listener:
        """What owns the sockets."""
        wanted = self.settings.gateway
        return Listener(
            House(
                Terms(self.host, wanted.max_message_bytes),
                Bounds(wanted.max_connections, wanted.max_connections_per_source),
                self.gate,
                self.metrics,
                Buffers(wanted.max_memory_bytes),
                Guesses(monotonic),
                ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
            )
        )

    def add_gauges(self) -> None:
        """Have the running parts read at each scrape."""
        metrics, way_out = self.metrics, self.way_out
        metrics.is_there = lambda sender: self.store.subject(sender) is not None
        metrics.gauge("ready", "1 while it takes mail.", lambda: not self.health.waits_for())
        metrics.gauge("sessions", "Open at providers and relays.", lambda: way_out.sessions)
        metrics.gauge("sessions_idle", "Those no message uses.", lambda: way_out.idle_sessions)
        metrics.gauge("connections", "Of applications.", lambda: len(self.listener))
        metrics.follow_certificate(lambda: self.certificates.validity)

    @property
    def health(self) -> Health:
        """What the probes ask."""
        return Health(
            is_ready=lambda: not self.listener.house.is_closing and self.sweeper.ready.is_set(),
            idle_seconds=lambda: None,
            oldest_seconds=lambda: 0.0,
            longest_seconds=0.0,
            lagging=lambda: len(self.sweeper.lagging),
            unready=self._unready,
            dead=self._dead,
        )

    def _unready(self) -> Iterator[str]:
        """Say why this replica takes no mail yet, or any more."""
        if self.listener.house.is_closing:
            yield "shutting down"
        if self.sweeper.trouble and not self.sweeper.ready.is_set():
            yield f"listing: {self.sweeper.trouble}"
        if not self.keys.is_there.is_set():
            yield f"the login key is not read: Secret {self.keys.name}"
        if not self.certificates.is_there.is_set():
            yield "the certificate is not read"

    def _dead(self) -> Iterator[str]:
        if self.sweeper.ready.is_set():
            yield from self.hearing.dead()
