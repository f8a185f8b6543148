"""Which addresses and ports the operator may dial on a tenant's word.

Hosts are tenant input. An operator stands inside the cluster: metadata services, the API server and
other tenants' pods are one hop away, so whatever is not a global unicast address is refused unless
the platform allowed its network.
"""

from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

IpAddress = IPv4Address | IPv6Address
IpNetwork = IPv4Network | IPv6Network

MAIL_PORTS: Final = frozenset({465, 587, 2465, 2525, 2587})
GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
SITE_PREFIX: Final = 64
MOST_PARSED: Final = 4_096
"""Addresses that are kept as they were parsed; whether one is permitted is asked each time."""
TRANSLATED: Final = IPv6Network("64:ff9b::/96")
"""NAT64 (RFC 6052): the last 32 bits are the IPv4 address that is meant."""

SPECIAL: Final = tuple(
    map(
        ip_network,
        (
            "168.63.129.16/32",  # Azure's own services, at a public address
            "192.0.0.0/24",  # RFC 6890; Oracle Cloud's metadata is there
            "192.88.99.0/24",  # 6to4 relays (RFC 7526)
            "2001::/23",  # RFC 2928, with Teredo (RFC 4380), which hides an IPv4 address
            "2002::/16",  # 6to4 (RFC 3056), which hides one as well
            "3fff::/20",  # documentation (RFC 9637)
        ),
    )
)
"""Not for mail servers, though a version of Python may call parts of it global."""


@dataclass(frozen=True, slots=True)
class Egress:
    """The platform's egress policy.

    Attributes:
        networks: Networks allowed although they are not global.
        ports: Ports that may be dialled.
        denied: Networks that are never dialled, allowed or not: pods and nodes may be global.
    """

    networks: tuple[IpNetwork, ...] = ()
    ports: Collection[int] = MAIL_PORTS
    denied: tuple[IpNetwork, ...] = ()

    def permits(self, addresses: Collection[str], port: int) -> bool:
        """Say whether a host with these addresses may be dialled at that port.

        All addresses must be permitted: a name with one good and one bad address is an attack.
        """
        permitted = all(self._permits(_plain(address)) for address in addresses)
        return port in self.ports and bool(addresses) and permitted

    def _permits(self, address: IpAddress) -> bool:
        if self._denies(address):
            return False
        if any(address in network for network in self.networks):
            return True
        if address in TRANSLATED:
            return self._permits(_translated(address))
        return _is_global(address)

    def _denies(self, address: IpAddress) -> bool:
        meant = _translated(address) if address in TRANSLATED else address
        return any(address in network or meant in network for network in self.denied)


@lru_cache(MOST_PARSED)
def server_of(address: str) -> str:
    """Name the server at an address, the same for all spellings of it.

    All addresses of an IPv6 subnet are one server: its owner has 2 to the power of 64 of them
    (RFC 4291 section 2.5.4).
    """
    parsed = _plain(address)
    if parsed in TRANSLATED:
        parsed = _translated(parsed)
    if isinstance(parsed, IPv4Address):
        return str(parsed)
    return str(IPv6Network((parsed, SITE_PREFIX), strict=False))


def _translated(address: IpAddress) -> IPv4Address:
    return IPv4Address(int(address) & 0xFFFFFFFF)


@lru_cache(MOST_PARSED)
def _plain(address: str) -> IpAddress:
    """Parse an address; a scope (`fe80::1%eth0`) does not change where it belongs."""
    parsed = ip_address(address.partition("%")[0])
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed


def _is_global(address: IpAddress) -> bool:
    if address.version == GLOBAL_UNICAST.version and address not in GLOBAL_UNICAST:
        return False
    if any(address in network for network in SPECIAL):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved
