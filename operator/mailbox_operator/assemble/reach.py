"""Builds what dials mail servers: for the operator's checks, and for a gateway's mail."""

from dataclasses import dataclass

import dns.asyncresolver

from mailbox_operator.connect.network.name_service import Names
from mailbox_operator.connect.network.network import Network
from mailbox_operator.connect.network.records import Records
from mailbox_operator.connect.network.servers import Servers
from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.ports import Phases
from mailbox_operator.connect.smtp.proof import Smtp
from mailbox_operator.decide.network.egress import Egress
from mailbox_operator.settings.file import Settings


@dataclass(frozen=True, slots=True)
class Reach:
    """How mail servers are reached.

    Attributes:
        records: Looks servers up by the domain of an address.
    """

    trust: Trust
    smtp: Smtp
    records: Records


def reach_of(settings: Settings, phases: Phases, servers: Servers) -> Reach:
    """Build it; the authorities are read now, while nobody waits.

    Args:
        settings: What may be dialled, and how long is waited.
        phases: Takes note of look-ups and handshakes.
        servers: Counts the sessions at each server.
    """
    trust = Trust(settings.egress.ca_bundle_file) if settings.egress.ca_bundle_file else Trust()
    trust.context()
    timeouts = settings.timeouts
    limits = (timeouts.command.total_seconds(), timeouts.other_port.total_seconds())
    smtp = Smtp(_network(settings, phases, servers), *limits, phases, settings.ehlo_name)
    return Reach(trust, smtp, _records(settings, phases))


def _network(settings: Settings, phases: Phases, servers: Servers) -> Network:
    egress = settings.egress
    policy = Egress(
        tuple(egress.allowed_networks), egress.allowed_ports, tuple(egress.denied_networks)
    )
    seconds = settings.timeouts.connect.total_seconds()
    return Network(policy, seconds, phases, Names(seconds), servers)


def _records(settings: Settings, phases: Phases) -> Records:
    egress = settings.egress
    resolver = dns.asyncresolver.Resolver(configure=not egress.nameservers)
    if egress.nameservers:
        resolver.nameservers = list(egress.nameservers)
        resolver.port = egress.nameserver_port
    resolver.lifetime = settings.timeouts.connect.total_seconds()
    return Records(resolver, phases)
