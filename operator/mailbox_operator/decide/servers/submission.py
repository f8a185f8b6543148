"""A domain's own word about where its users submit mail: its SRV records.

Source:
    RFC 6186 section 3.1 (`_submission`), RFC 8314 section 5.1 (`_submissions`, TLS from the first byte,
    to be preferred), RFC 2782 (priority, weight, and the target `.` for none).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.texts.shapes import HOST, is_ip, is_within
from mailbox_operator.decide.words import Security

SERVICES: Final = {"_submissions._tcp": Security.TLS, "_submission._tcp": Security.STARTTLS}
"""What to ask for, the preferred one first, and how it is secured."""


@dataclass(frozen=True, slots=True)
class Service:
    """One SRV record of a domain; the lower priority is tried first."""

    host: str
    port: int
    priority: int
    weight: int
    security: Security

    @property
    def endpoint(self) -> Endpoint:
        """The server it names, in lower case, without the root's dot."""
        return Endpoint(self.host.lower().rstrip("."), self.port, self.security)


def preferred(services: Iterable[Service]) -> Sequence[Service]:
    """Return the records to choose among: those of the preferred kind that have the lowest priority."""
    named = [each for each in services if _is_named(each)]
    for security in SERVICES.values():
        kind = [each for each in named if each.security is security]
        if kind:
            lowest = min(each.priority for each in kind)
            return [each for each in kind if each.priority == lowest]
    return []


def chosen(services: Iterable[Service], address: str) -> Endpoint | None:
    """Choose a server for an address; None where the domain names none.

    An address has the same server at every check, and a server its share of the addresses by weight.
    """
    among = sorted(preferred(services), key=lambda each: (each.weight, each.host, each.port))
    if not among:
        return None
    place = int.from_bytes(blake2b(address.casefold().encode(), digest_size=8).digest())
    place %= sum(each.weight + 1 for each in among)
    for each in among:
        place -= each.weight + 1
        if place < 0:
            return each.endpoint
    raise AssertionError("the place is within the sum")


def certificate_names(target: str, domain: str, *, known: bool) -> tuple[str, ...]:
    """Return the names of which the certificate must have one: SRV answers are unsigned.

    A target elsewhere counts only by the name of the domain itself, unless it is a known provider's.

    Args:
        target: The host that the record names.
        domain: The address's.
        known: A preset tells whose server it is.

    Source:
        RFC 6186 section 6, RFC 7817 section 3.
    """
    is_own = is_within(target, domain)
    names = (target, domain) if is_own or known else (domain,)
    return tuple(dict.fromkeys(names))


def _is_named(service: Service) -> bool:
    host = service.endpoint.host
    return bool(host) and HOST.fits(host) and not is_ip(host)
