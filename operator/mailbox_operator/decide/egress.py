"""Which addresses and ports the operator may dial on a tenant's word.

Hosts are tenant input. An operator stands inside the cluster: metadata services, the API server and
other tenants' pods are one hop away, so whatever is not a global unicast address is refused unless
the platform allowed its network.
"""

from collections.abc import Collection
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

PORTS: Final = frozenset({465, 587, 2465, 2525, 2587})
# NAT64 (RFC 6052, RFC 8215), 6to4 (RFC 3056) and Teredo (RFC 4380) carry an IPv4 address inside.
TRANSLATED: Final = (ip_network("64:ff9b::/96"), ip_network("64:ff9b:1::/48"))


@dataclass(frozen=True, slots=True)
class Egress:
    """The platform's egress policy.

    Attributes:
        networks: Networks allowed although they are not global.
        ports: Ports that may be dialled.
    """

    networks: tuple[Network, ...] = ()
    ports: Collection[int] = PORTS

    def permits(self, addresses: Collection[str], port: int) -> bool:
        """Say whether a host with these addresses may be dialled at that port.

        All addresses must be permitted: a name with one good and one bad address is an attack.
        """
        permitted = all(self._permits(_plain(address)) for address in addresses)
        return port in self.ports and bool(addresses) and permitted

    def _permits(self, address: Address) -> bool:
        if any(address in network for network in self.networks):
            return True
        return all(_is_global(form) for form in (address, *_inner(address)))


def _plain(address: str) -> Address:
    """Parse an address; a scope (`fe80::1%eth0`) does not change where it belongs."""
    parsed = ip_address(address.partition("%")[0])
    mapped = parsed.ipv4_mapped if isinstance(parsed, IPv6Address) else None
    return mapped or parsed


def _is_global(address: Address) -> bool:
    return address.is_global and not address.is_multicast and not address.is_reserved


def _inner(address: Address) -> tuple[Address, ...]:
    if isinstance(address, IPv4Address):
        return ()
    found: list[Address] = []
    if any(address in network for network in TRANSLATED):
        found.append(IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour is not None:
        found.append(address.sixtofour)
    if address.teredo is not None:
        found.extend(address.teredo)
    return tuple(found)
