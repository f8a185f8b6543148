"""Which of several mailboxes sends to a recipient: all gateways agree, and none of them remembers."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import groupby
from operator import attrgetter
from struct import unpack
from typing import Final, Self

from mailbox_operator.decide.texts.addresses import canonical_address

NUMBER_BYTES: Final = 8
LANE_BYTES: Final = 2 * NUMBER_BYTES
"""Of each candidate's number within the large one: a product has room in it."""

FEW: Final = 50
"""Weights; where there are more, the place of each is worked out."""

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


@dataclass(frozen=True, slots=True)
class Candidates:
    """All that may be chosen, ready to be put in order.

    The numbers of all candidates lie side by side in one large number, so that Python mixes hundreds of
    them by a few operations; one by one they would take a quarter of a message's time.

    Attributes:
        names: Of all.
        ranked_names: Of those that have a share.
        weights: Their shares; who has the same stands together.
        groups: Where those of each weight begin and end.
        seeds: A number for each, drawn by its name.
        ones: A one for each.
        within: What there is of a number, for each.
    """

    names: Sequence[str]
    ranked_names: Sequence[str]
    weights: Sequence[float]
    groups: Sequence[tuple[int, int]]
    seeds: int
    ones: int
    within: int

    @classmethod
    def of(cls, candidates: Iterable[Candidate]) -> Self:
        """Make them ready."""
        found = tuple(candidates)
        there = sorted((each for each in found if each.weight > 0), key=attrgetter("weight"))
        weights = [each.weight for each in there]
        ones = _side_by_side(1 for _ in there)
        return cls(
            tuple(each.name for each in found),
            tuple(each.name for each in there),
            weights,
            tuple(_alike(weights)),
            _side_by_side(_hash(each.name) for each in there),
            ones,
            MASK * ones,
        )

    def ranked(self, recipient: str) -> Iterator[str]:
        """Put them in order for a recipient: the first is that recipient's own.

        A recipient keeps their mailbox while it is there. One that comes or goes moves no more than its
        share, and a change of weights moves no more than it shifts. Only what is asked for is sorted:
        most messages go out by the first of hundreds.

        Source:
            Thaler and Ravishankar, "Using Name-Based Mappings to Increase Hit Rates", IEEE/ACM
            Transactions on Networking 6 (1998); with weights as in Schindelhauer and Schomaker,
            "Weighted Distributed Hash Tables", SPAA 2005 (the logarithmic method). The hashes are
            mixed by the finalizer of MurmurHash3.
        """
        if not self.ranked_names:
            return
        drawn = self._drawn(_hash(canonical_address(recipient) or recipient))
        own = self._first(drawn)
        yield self.ranked_names[own]
        places = self._places(drawn)
        order = sorted(range(len(places)), key=places.__getitem__, reverse=True)
        yield from (self.ranked_names[place] for place in order if place != own)

    def _places(self, drawn: Sequence[int]) -> Sequence[float]:
        """Give each its place; among equal weights the numbers are in the same order."""
        if len(self.groups) == 1:
            return drawn
        return [*map(_place, drawn, self.weights)]

    def _first(self, drawn: Sequence[int]) -> int:
        """Say whose place is the first; of each weight it can only be the highest number's."""
        if len(self.groups) > FEW:
            places = self._places(drawn)
            return places.index(max(places))
        highest = [(max(drawn[begin:end]), begin) for begin, end in self.groups]
        number, begin = max(highest, key=lambda each: _place(each[0], self.weights[each[1]]))
        return drawn.index(number, begin)

    def _drawn(self, whom: int) -> Sequence[int]:
        """Draw a number for each, evenly, by who it is and whom it is for."""
        mixed, within = self.seeds ^ (whom * self.ones), self.within
        mixed = (mixed ^ (mixed >> HALF & within)) * FIRST & within
        mixed = (mixed ^ (mixed >> HALF & within)) * SECOND & within
        size = len(self.ranked_names)
        return unpack(f"<{2 * size}Q", mixed.to_bytes(LANE_BYTES * size, "little"))[::2]


def _place(number: int, weight: float) -> float:
    """Give a place, the highest first: minus a draw from an exponential distribution.

    Its rate is the weight.
    """
    return math.log((number + 1) / (MASK + 1)) / weight


def _alike(weights: Sequence[float]) -> Iterator[tuple[int, int]]:
    """Say where those of each weight begin and end."""
    end = 0
    for _, alike in groupby(weights):
        begin, end = end, end + len(list(alike))
        yield begin, end


def _side_by_side(numbers: Iterable[int]) -> int:
    return int.from_bytes(
        b"".join(each.to_bytes(LANE_BYTES, "little") for each in numbers), "little"
    )


def _hash(text: str) -> int:
    return int.from_bytes(blake2b(text.encode(), digest_size=NUMBER_BYTES).digest())
