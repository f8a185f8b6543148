"""Domain names of other letters than ASCII's, and what to write in their place.

A U-label is what people read, an A-label (`xn--...`) what servers know (RFC 5890 section 2.3.2.1). They
are not converted silently: the standard library follows IDNA2003, where a few letters are others.
"""

import re
from ipaddress import IPv6Address, ip_address
from typing import Final

from mailbox_operator.decide.texts.spelling import mistake_in

LONGEST_DOMAIN: Final = 253
"""Characters of a domain name; the codec takes its time over longer texts."""

WRITTEN: Final = re.compile(r"[a-z0-9*.-]+")
DEVIATIONS: Final = frozenset("ßςẞ\u200c\u200d")
"""IDNA2008 reads these otherwise than IDNA2003 (UTS 46 section 7.3), so their A-label is in doubt."""


def ascii_form(domain: str) -> str:
    """Return a domain in A-labels; empty where that is not certain, or the domain is none."""
    if len(domain) > LONGEST_DOMAIN or DEVIATIONS & set(domain):
        return ""
    try:
        written = domain.encode("idna").decode().lower()
    except UnicodeError:
        return ""
    return written if WRITTEN.fullmatch(written) else ""


def advice_on_host(text: str) -> str:
    """Say what is wrong with a host that is refused, as the end of a sentence; empty if unknown."""
    if mistake := mistake_in(text[:LONGEST_DOMAIN]):
        return f"; it {mistake}"
    if text.isascii():
        bare = text.rstrip(".")
        return f"; write {bare}, without the dot at its end" if bare and bare != text else ""
    written = ascii_form(text.rstrip(".。"))
    return f"; write {written or 'its xn-- form (punycode)'}"


def advice_on_server(text: str) -> str:
    """Say how to write an IP address that is refused as a host, or else what is wrong with a host."""
    bare = text.strip("[]").partition("%")[0]
    try:
        address = ip_address(bare)
    except ValueError:
        return advice_on_host(text)
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return f"; write {mapped or bare}"


def advice_on_address(text: str) -> str:
    """Say what is wrong with a refused address, as the end of a sentence; empty if unknown."""
    if mistake := mistake_in(text[:LONGEST_DOMAIN]):
        return f"; it {mistake}"
    local, at, domain = text.rpartition("@")
    if not at:
        return ""
    if not local.isascii():
        return "; letters beyond ASCII before the @ cannot be used"
    bare = domain.rstrip(".。")
    if bare == domain and domain.isascii():
        return ""
    written = ascii_form(bare)
    return (
        f"; write {local}@{written}"
        if written
        else "; write its domain in the xn-- form (punycode)"
    )
