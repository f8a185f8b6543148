"""Tells visitors of the consent page apart, as far as that is possible before anybody signs in."""

from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from aiohttp import web

from mailbox_operator.serving import peer_of

FORWARDED: Final = "X-Forwarded-For"
SHORT: Final = 16


@dataclass(frozen=True, slots=True)
class Visitor:
    """A browser at an address.

    Attributes:
        address: Of the client, IPv6 by its /64.
        browser: Its cookie.
        is_known: Whether it brought that cookie; one that was drawn just now tells nobody apart.
    """

    address: str
    browser: str
    is_known: bool = True

    @property
    def steps(self) -> tuple[str, str]:
        """How limits tell it apart: first by address, there by browser."""
        return self.address, self.browser if self.is_known else ""

    @property
    def origin(self) -> str:
        """The same where others may read it: neither address nor cookie is in it."""
        return "/".join(_opaque(step) for step in self.steps)


def client_address(request: web.Request, trusted_proxies: int) -> str:
    """Return the address of the client that sent a request.

    Each proxy on the way appends whom it has it from to `X-Forwarded-For`, and anybody may begin that
    list with whatever he likes. So the entry counts that the outermost trusted proxy has written.

    Args:
        request: The request.
        trusted_proxies: How many proxies stand between the clients and this process; where a request
            has passed fewer, its peer counts.
    """
    peer = peer_of(request.remote or "")
    hops = ",".join(request.headers.getall(FORWARDED, [])).split(",")
    if trusted_proxies == 0 or len(hops) < trusted_proxies:
        return peer
    return peer_of(_without_port(hops[-trusted_proxies].strip())) or peer


def _without_port(hop: str) -> str:
    if hop.startswith("["):
        return hop[1:].partition("]")[0]
    return hop.partition(":")[0] if hop.count(":") == 1 else hop


def _opaque(step: str) -> str:
    return sha256(step.encode()).hexdigest()[:SHORT] if step else ""
