"""Shares the objects out among equal replicas: which shard an object is in, and who is to hold it.

Each replica decides for itself by what it sees; the API server's versions settle it where two want the
same. Nobody has to know how many replicas there are to be: who holds shards, or wants one, is counted.
The Mailboxes of one address are in one shard, so that it is decided in one place whose it is.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from typing import Final

SHARDS: Final = 12
"""Divided evenly by 1, 2, 3, 4, 6 and 12 replicas; more than that wait in reserve."""

ASKED_FROM: Final = 2
"""So many shards more than one holds oneself, and one of them is asked for."""


def shard_of(text: str) -> int:
    """Return the number of a shard, each as likely as the others."""
    digest = sha256(text.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % SHARDS


def shard_lease(lease: str, number: int) -> str:
    """Name the Lease of a shard, such as `mailbox-operator-shard-03`."""
    return f"{lease}-shard-{number:02}"


def share_of(limit: int, held: int) -> int:
    """Return a replica's part of a limit that all replicas keep together; 1 at the least.

    Args:
        limit: Of all replicas.
        held: How many shards this one holds.
    """
    return max(1, limit * held // SHARDS)


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard as its Lease shows it.

    Attributes:
        holder: Who works on it; empty where nobody does, or the Lease has expired.
        wanted_by: Who asked for it; empty if nobody did.
        is_left: Whether it has had no holder for so long that who asked for it is not expected.
    """

    number: int
    holder: str = ""
    wanted_by: str = ""
    is_left: bool = False


@dataclass(frozen=True, slots=True)
class Moves:
    """What a replica does next, by numbers of shards.

    Attributes:
        take: To hold from now on.
        ask: To ask their holders for.
        give: To give to who asked for them.
        refuse: Asked for, but not given: there are not enough.
    """

    take: Sequence[int] = ()
    ask: Sequence[int] = ()
    give: Sequence[int] = ()
    refuse: Sequence[int] = ()


def moves(shards: Iterable[Shard], me: str) -> Moves:
    """Decide what a replica does by what it sees.

    It takes what has no holder, up to its even part; if all do so, nothing is left over. It asks those
    for shards that hold two more than itself, and gives as long as it has more than the least part.
    Each goes through them in another order, so that two rarely want the same one.
    """
    seen = sorted(shards, key=lambda each: sha256(f"{me}/{each.number}".encode()).digest())
    held = Counter(each.holder for each in seen if each.holder)
    members = {me, *held, *(x.wanted_by for x in seen if x.wanted_by and not x.is_left)}
    least, most = SHARDS // len(members), ceil(SHARDS / len(members))
    take = _taken(seen, me, most - held[me])
    give, refuse = _given(seen, me, held[me] - least)
    ask = () if take else _asked(seen, me, held, least)
    return Moves(take, ask, give, refuse)


def _taken(seen: Iterable[Shard], me: str, room: int) -> Sequence[int]:
    free = [each for each in seen if not each.holder]
    open_to_me = [each.number for each in free if each.wanted_by in {"", me} or each.is_left]
    return open_to_me[: max(0, room)]


def _given(seen: Iterable[Shard], me: str, spare: int) -> tuple[Sequence[int], Sequence[int]]:
    wanted = [x.number for x in seen if x.holder == me and x.wanted_by not in {"", me}]
    return wanted[: max(0, spare)], wanted[max(0, spare) :]


def _asked(seen: Iterable[Shard], me: str, held: Counter[str], least: int) -> Sequence[int]:
    """Choose from those that hold most, one after the other, until it would be no more even."""
    after = Counter(held)
    for each in seen:
        is_asked_for = each.holder and each.wanted_by not in {"", each.holder}
        if is_asked_for and after[each.holder] > least:  # what is more is refused
            after[each.wanted_by] += 1
            after[each.holder] -= 1
    asked: list[int] = []
    open_ = [each for each in seen if each.holder not in {"", me} and not each.wanted_by]
    while open_:
        fullest = max(open_, key=lambda each: after[each.holder])
        if after[fullest.holder] - after[me] < ASKED_FROM:
            break
        open_.remove(fullest)
        asked.append(fullest.number)
        after[fullest.holder] -= 1
        after[me] += 1
    return asked
