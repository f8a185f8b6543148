"""Finds well-known mail servers: by name, by host, by the address's domain, or by the domain's MX.

The platform's presets come first, then those kept by hand, then the public directory.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from mailbox_operator.decide.servers.directory import directory, directory_hosts
from mailbox_operator.decide.servers.known import PRESETS
from mailbox_operator.decide.servers.preset import Preset
from mailbox_operator.decide.texts.shapes import is_within


def by_name(name: str, more: Iterable[Preset] = ()) -> Preset | None:
    """Find a preset by its name; one of the directory goes by any of its domains."""
    wanted = name.casefold()
    named = (found for found in (*more, *PRESETS) if found.name.casefold() == wanted)
    return next(named, None) or _listed(wanted)


def by_domain(domain: str, more: Iterable[Preset] = ()) -> Preset | None:
    """Find the preset of an address's own domain; the directory has no say in whose it is."""
    return next((found for found in (*more, *PRESETS) if domain.lower() in found.domains), None)


def for_domain(domain: str, more: Iterable[Preset] = ()) -> Preset | None:
    """Find the server for an address's domain; the directory is asked as well."""
    return by_domain(domain, more) or _listed(domain.lower())


def by_host(host: str, more: Iterable[Preset] = ()) -> Preset | None:
    """Find what is known of a server that was named outright."""
    wanted = host.lower()
    known = next((found for found in more if wanted in found.hosts), None)
    return known or _kept_hosts().get(wanted) or directory_hosts().get(wanted)


def by_mx(exchanges: Iterable[str], more: Iterable[Preset] = ()) -> Preset | None:
    """Find the preset of a domain by its mail exchangers; the longest matching suffix wins."""
    hosts = [exchange.lower().rstrip(".") for exchange in exchanges]
    matches = [
        (len(suffix), preset)
        for host in hosts
        for preset in (*more, *PRESETS)
        for suffix in preset.mx_suffixes
        if is_within(host, suffix)
    ]
    if matches:
        return max(matches, key=lambda match: match[0])[1]
    listed = (_listed(parent) for host in hosts for parent in _parents(host))
    return next(filter(None, listed), None)


@cache
def _kept_hosts() -> Mapping[str, Preset]:
    """Return the presets that are kept by hand, by host; of several the first counts."""
    return {host: preset for preset in reversed(PRESETS) for host in preset.hosts}


def _listed(domain: str) -> Preset | None:
    """Ask the directory; a server that is kept by hand as well is the one kept by hand."""
    found = directory().get(domain)
    if found is None:
        return None
    host = found.endpoint.host
    return _kept_hosts().get(host, found)


def _parents(host: str) -> Iterator[str]:
    """Return the domains that a host is in, the longest first; the host itself is not one."""
    while "." in host:
        host = host.partition(".")[2]
        yield host
