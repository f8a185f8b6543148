"""Whether a login proves who owns an address, by somebody else's word than the tenant's.

A tenant names its own server and its own login. Its word says nothing about an address: the server
counts only if the address's domain names it, in a preset or in the domain's MX or SRV records, and the
login only if it is the address.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum, auto
from typing import Final

from mailbox_operator.decide.declared.spec import Spec
from mailbox_operator.decide.servers.lookup import by_domain, by_mx
from mailbox_operator.decide.servers.preset import Preset
from mailbox_operator.decide.servers.submission import Service, preferred
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.texts.addresses import is_same_mailbox
from mailbox_operator.decide.texts.shapes import is_ip

SUBMISSION: Final = frozenset({465, 587})
"""The registered submission ports (RFC 8314 section 3), where only the host's administrator listens."""


class Ownership(Enum):
    """What a successful login says about who owns the address.

    Attributes:
        UNKNOWN: The domain's name servers did not answer, so nothing was learned.
    """

    PROVED = auto()
    UNPROVED = auto()
    UNKNOWN = auto()


@dataclass(frozen=True, slots=True)
class Exchanger:
    """One MX record of a domain; the lower preference is tried first (RFC 5321 section 5.1)."""

    host: str
    preference: int


@dataclass(frozen=True, slots=True)
class Login:
    """A login that a server accepted."""

    endpoint: Endpoint
    username: str


def is_own_login(spec: Spec, login: Login) -> bool:
    """Say whether somebody logged in by the address itself, not by an account that may send as it."""
    return is_same_mailbox(login.username, spec.address)


def served_by_preset(spec: Spec, login: Login, more: Iterable[Preset] = ()) -> bool:
    """Say whether a login proves the address because a preset names the address's domain as its own.

    The local part alone is a login name only here: where many domains share a server, it is ambiguous.

    Args:
        spec: The Mailbox's.
        login: What the server accepted.
        more: The platform's own presets.
    """
    preset = by_domain(spec.domain, more)
    if preset is None or preset.login or not _is_served_at(login.endpoint, preset.endpoint):
        return False
    derived = preset.username_for(spec.address).casefold()
    return is_own_login(spec, login) or login.username.casefold() == derived


def served_by_exchangers(
    spec: Spec, login: Login, exchangers: Iterable[Exchanger], more: Iterable[Preset] = ()
) -> bool:
    """Say whether a login proves the address because the domain's MX records name the server.

    Only the most preferred exchangers count: a backup may be run by somebody else.

    Args:
        spec: The Mailbox's.
        login: What the server accepted.
        exchangers: The MX records of the address's domain.
        more: The platform's own presets.
    """
    if not is_own_login(spec, login):
        return False
    first = first_hosts(exchangers)
    preset = by_mx(first, more)
    if preset is not None and not preset.login and _is_served_at(login.endpoint, preset.endpoint):
        return True
    host, port = login.endpoint.host.lower(), login.endpoint.port
    return not is_ip(host) and host in first and port in SUBMISSION


def served_by_services(spec: Spec, login: Login, services: Iterable[Service]) -> bool:
    """Say whether a login proves the address because the domain's SRV records name the server.

    They are the domain's own word, as its MX records are, and speak of submission itself. As there,
    only the most preferred ones count, and only at the registered ports.

    Args:
        spec: The Mailbox's.
        login: What the server accepted.
        services: The SRV records of the address's domain.
    """
    host, port = login.endpoint.host.lower(), login.endpoint.port
    named = {(each.endpoint.host, each.port) for each in preferred(services)}
    return is_own_login(spec, login) and (host, port) in named and port in SUBMISSION


def first_hosts(exchangers: Iterable[Exchanger]) -> tuple[str, ...]:
    """Return the hosts of the lowest preference, in lower case, without the root's dot."""
    found = tuple(exchangers)
    lowest = min((each.preference for each in found), default=0)
    return tuple(each.host.lower().rstrip(".") for each in found if each.preference == lowest)


def _is_served_at(endpoint: Endpoint, known: Endpoint) -> bool:
    """Compare servers; of the other ports of the same host only the registered ones count."""
    same_host = endpoint.host.lower() == known.host.lower()
    return same_host and (endpoint.port == known.port or endpoint.port in SUBMISSION)
