"""Tells which addresses are one mailbox, as far as that is certain.

Case makes no difference anywhere that matters. Gmail says of its own two domains that they are one, and
that dots in the local part make no difference; of other domains at Google it says neither. What follows
a plus sign is a label of mail, and nobody signs in as it.
"""

from typing import Final

GMAIL: Final = frozenset({"gmail.com", "googlemail.com"})


def canonical_address(address: str) -> str:
    """Write an address as all addresses of its mailbox are written."""
    local, at, domain = address.casefold().rpartition("@")
    if domain in GMAIL:
        return f"{local.replace('.', '')}@gmail.com"
    return f"{local}{at}{domain}"


def domain_of(address: str) -> str:
    """Return the part of an address after the at sign, in lower case."""
    return address.rpartition("@")[2].lower()


def is_same_mailbox(one: str, other: str) -> bool:
    """Say whether two addresses are one mailbox for certain."""
    return one == other or canonical_address(one) == canonical_address(other)
