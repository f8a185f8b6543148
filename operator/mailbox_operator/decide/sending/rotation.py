"""Which of several mailboxes sends to a recipient: all gateways agree, and none of them remembers."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Final

from mailbox_operator.decide.texts.addresses import canonical_address

MASK: Final = 2**64 - 1
HALF: Final = 33
FIRST: Final = 0xFF51AFD7ED558CCD
SECOND: Final = 0xC4CEB9FE1A85EC53


@dataclass(frozen=True, slots=True)
class Candidate:
    """A mailbox that may be chosen.

    Attributes:
        name: Of the Mailbox.
        weight: Its share of all recipients, over that of the others; what it may send in a day.
    """

    name: str
    weight: float
    seed: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "seed", _hash(self.name))


def ranked(candidates: Sequence[Candidate], recipient: str) -> Iterator[str]:
    """Put mailboxes in order for a recipient: the first is that recipient's own.

    A recipient keeps their mailbox while it is there. One that comes or goes moves no more than its
    share, and a change of weights moves no more than it shifts. Only what is asked for is sorted: most
    messages go out by the first of hundreds.

    Source:
        Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", IEEE/ACM
        Transactions on Networking 6 (1998); with weights as in Schindelhauer and Schomaker,
        "Weighted Distributed Hash Tables", SPAA 2005 (the logarithmic method). The hashes are mixed by
        the finalizer of MurmurHash3.
    """
    there = [each for each in candidates if each.weight > 0]
    if not there:
        return
    places = _places(there, _hash(canonical_address(recipient) or recipient))
    own = places.index(min(places))
    yield there[own].name
    order = sorted(range(len(there)), key=places.__getitem__)
    yield from (there[place].name for place in order if place != own)


def _places(candidates: Sequence[Candidate], whom: int) -> list[float]:
    """Give each its place, the least first: drawn from an exponential distribution of rate `weight`.

    Among equal weights that is the order of the numbers themselves, without a logarithm.
    """
    drawn, weight = _drawn(candidates, whom), candidates[0].weight
    if all(each.weight == weight for each in candidates):
        return [-each for each in drawn]
    pairs = zip(candidates, drawn, strict=True)
    return [-math.log((number + 1) / (MASK + 1)) / each.weight for each, number in pairs]


def _drawn(candidates: Sequence[Candidate], whom: int) -> list[int]:
    """Draw a number for each, evenly, by who it is and whom it is for."""
    found = list[int]()
    for each in candidates:
        mixed = each.seed ^ whom
        mixed = (mixed ^ (mixed >> HALF)) * FIRST & MASK
        mixed = (mixed ^ (mixed >> HALF)) * SECOND & MASK
        found.append(mixed)
    return found


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=8).digest())
