"""Which hosts are reached without a proxy: what NO_PROXY means. Pure.

There is no standard for it; this is what curl, Go and Python's requests have in common.
"""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Final

from mailbox_operator.decide.texts.shapes import is_within

EVERYTHING: Final = "*"


def is_direct(host: str, port: int, exceptions: Iterable[str]) -> bool:
    """Say whether a host is reached without the proxy.

    Args:
        host: A name or an address, an IPv6 address without brackets.
        port: The port that is dialled.
        exceptions: Each is a domain with all names under it (`corp.example`, `.corp.example`,
            `*.corp.example`), an address, a network (`10.0.0.0/8`), or `*` for every host; a domain
            or an address may carry a port.
    """
    asked = host.lower().rstrip(".")
    return any(_covers(each.strip().lower(), asked, port) for each in exceptions)


def _covers(exception: str, host: str, port: int) -> bool:
    if exception == EVERYTHING:
        return True
    address = _address(host)
    if address is not None and "/" in exception:
        return _contains(exception, address)
    name, named_port = _split(exception)
    if not name or named_port not in ("", str(port)):
        return False
    if address is not None:
        return address == _address(name)
    domain = name.removeprefix("*").strip(".")
    return bool(domain) and is_within(host, domain)


def _split(exception: str) -> tuple[str, str]:
    """Take the port off; an IPv6 address has one only behind brackets."""
    if exception.startswith("["):
        name, _, rest = exception[1:].partition("]")
        return name, rest.removeprefix(":")
    if exception.count(":") == 1:
        name, _, named_port = exception.partition(":")
        return name, named_port
    return exception, ""


def _contains(network: str, address: IPv4Address | IPv6Address) -> bool:
    try:
        return address in ip_network(network, strict=False)
    except ValueError:
        return False


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None
