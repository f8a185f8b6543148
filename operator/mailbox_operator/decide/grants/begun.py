"""Decides which consents of one Mailbox are dropped when more were begun than there may be. Pure."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Begun:
    """A consent that was begun lately.

    Attributes:
        name: What it is called where it is kept.
        address: Opaque; the same for all that came from one address.
        browser: Opaque; the same for all of one browser there, empty for those that brought no cookie.
    """

    name: str
    address: str
    browser: str


def surplus(begun: Sequence[Begun], most: int) -> list[Begun]:
    """Choose what is dropped: of the address that has most, of its browser that has most, the newest.

    Where nobody has more than one, it is the oldest. So one who begins many loses their own, and a
    newcomer displaces a part of a flood, or what has been waiting for the longest time.

    Args:
        begun: All of one Mailbox, the oldest first.
        most: How many are left.
    """
    left, dropped = list(begun), list[Begun]()
    while len(left) > most:
        going = _going(left)
        left.remove(going)
        dropped.append(going)
    return dropped


def _going(begun: Sequence[Begun]) -> Begun:
    addresses = Counter(each.address for each in begun)
    address = max(addresses, key=lambda each: addresses[each])  # the first of several: the oldest
    there = [each for each in begun if each.address == address]
    browsers = Counter(each.browser for each in there)
    browser = max(browsers, key=lambda each: browsers[each])
    of_browser = [each for each in there if each.browser == browser]
    return of_browser[-1]
