"""Asks name servers for MX and SRV records, which the system's resolver does not read.

The door of dnspython.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import dns.asyncresolver
import dns.exception
import dns.name
import dns.resolver

from mailbox_operator.connect.network.name_service import PLATFORM, SECONDS_ABOVE, top_level
from mailbox_operator.connect.ports import NO_PHASES, Phases
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.ownership import Exchanger
from mailbox_operator.decide.servers.submission import SERVICES, Service
from mailbox_operator.decide.words import Phase
from mailbox_operator.places import Places

MOST_QUESTIONS: Final = 64
RECORDS_PATIENCE_SECONDS: Final = 5.0
NO_DOMAIN: Final = (
    dns.resolver.NXDOMAIN, dns.resolver.NoAnswer, dns.name.EmptyLabel, dns.name.LabelTooLong,
    dns.name.NameTooLong,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Records:
    """Asks for the records of domains.

    Attributes:
        resolver: Sends the questions; by the system's configuration unless told otherwise.
        phases: Hears of each question.
        places: Counts the questions under way.
    """

    resolver: dns.asyncresolver.Resolver = field(default_factory=dns.asyncresolver.Resolver)
    phases: Phases = NO_PHASES
    places: Places = field(default_factory=lambda: Places(MOST_QUESTIONS, RECORDS_PATIENCE_SECONDS))

    async def exchanges(self, domain: str, tenant: str = PLATFORM) -> Sequence[Exchanger]:
        """Return a domain's mail exchangers (RFC 5321 section 5.1); none where it has none.

        Args:
            domain: Whose.
            tenant: Who has it looked up.

        Raises:
            Fault: `ProviderUnavailable`: the name servers of the domain do not answer;
                `NetworkUnavailable`: those of the cluster do not.
            Postponed: Others are being served; nothing was learned.
        """
        answer = await self._ask("MX", domain, "", tenant)
        return tuple(Exchanger(str(each.exchange), int(each.preference)) for each in answer)

    async def services(self, domain: str, tenant: str = PLATFORM) -> Sequence[Service]:
        """Return a domain's SRV records for submission; raises as `exchanges` does."""
        return [
            Service(
                str(each.target), int(each.port), int(each.priority), int(each.weight), security
            )
            for service, security in SERVICES.items()
            for each in await self._ask("SRV", domain, service, tenant)
        ]

    async def _ask(self, kind: str, domain: str, service: str, tenant: str) -> Iterable[Any]:
        name = f"{service}.{domain}" if service else domain
        try:
            async with self.places.one(tenant):
                with self.phases.phase(Phase.RESOLVE):
                    return await self.resolver.resolve(name, kind, search=False)
        except NO_DOMAIN:
            return ()
        except (dns.exception.DNSException, OSError) as error:
            is_theirs = await self._ask_above(domain, tenant)
            reason = Reason.PROVIDER_UNAVAILABLE if is_theirs else Reason.NETWORK_UNAVAILABLE
            code = f"no answer to {kind} {service}".rstrip()
            facts = {"host": f"the name servers for {domain}", "code": code}
            raise Fault(reason, type(error).__name__, facts=facts) from error

    async def _ask_above(self, domain: str, tenant: str) -> bool:
        """Say whether the name servers answer about the top-level domain; see `Names`."""
        if not (top := top_level(domain)):
            return False
        seconds = min(SECONDS_ABOVE, self.resolver.lifetime)
        try:
            async with self.places.one(tenant):
                await self.resolver.resolve(f"{top}.", "SOA", search=False, lifetime=seconds)
        except (dns.exception.DNSException, OSError):
            return False
        return True
