"""A Sender of hundreds of mailboxes: who sends to whom, and how much each of them."""

import asyncio
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import exp, sqrt
from typing import Final

import pytest

from mailbox_operator.decide.declared.limits import Limits
from mailbox_operator.decide.declared.mailbox import Mailbox, ReadableMailbox
from mailbox_operator.decide.declared.sender import ReadableSender, Sending
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.sending.answers import Answer
from mailbox_operator.decide.sending.choice import Pool
from mailbox_operator.decide.sending.login import password_of
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.decide.sending.rotation import Candidate, Candidates
from mailbox_operator.decide.status.conditions import Standing
from mailbox_operator.decide.words import Choose, FromHeader
from unit.gateway.worlds import CONNECTED, KEY, NOREPLY, SHOP, SOURCE, World, status
from unit.make import key, sender, spec

BY_RECIPIENT: Final = Sending((), (), choose=Choose.BY_RECIPIENT, from_header=FromHeader.REWRITE)
REVOKED: Final = status(Standing.WAITING, Reason.GRANT_REVOKED)
NAMES: Final = [f"box-{number}" for number in range(500)]
DOWN: Final = frozenset(NAMES[::25])
CANDIDATES: Final = Candidates.of(Candidate(name, 1.0) for name in NAMES)
PEOPLE: Final = [f"person-{number}@other.example" for number in range(10_000)]
SHARE: Final = len(PEOPLE) / len(NAMES)
DEVIATIONS: Final = 5
"""How many standard deviations a count may be from what is expected."""

LETTER: Final = b"From: app@internal\r\nSubject: hello\r\n\r\nbody\r\n"

LIMIT: Final = 20
"""Of each Mailbox: those that are up cannot send to everybody."""


@dataclass
class ByName:
    """Mailboxes by name: looking through hundreds for every message would take long."""

    mailboxes: Mapping[str, ReadableMailbox]

    def find(self, name: str) -> Mailbox | None:
        return self.mailboxes.get(name)

    def at(self, address: str) -> Sequence[str]:
        return [name for name, each in self.mailboxes.items() if each.spec.address == address]

    def candidates(self) -> Candidates:
        return CANDIDATES


@dataclass
class Campaign(World):
    """A world of one Sender with hundreds of Mailboxes."""

    boxes: Mapping[str, ReadableMailbox] = field(default_factory=dict)

    def pool(self, sender: ReadableSender) -> Pool:
        return ByName(self.boxes)


def campaign(down: frozenset[str] = frozenset(), limits: Limits | None = None) -> Campaign:
    boxes = {}
    for name in NAMES:
        asked = spec(address=f"{name}@acme.example", sending=limits or Limits())
        at = REVOKED if name in down else CONNECTED
        boxes[name] = replace(NOREPLY, key=key(name), uid=name, spec=asked, status=at)
    return Campaign(senders=[sender(BY_RECIPIENT)], boxes=boxes)


async def sent_by(world: Campaign) -> tuple[dict[str, str], dict[str, Answer]]:
    """Send to everybody; return by which Mailbox each was sent to, and what the others were told."""
    password = password_of(KEY, SHOP.uid, BY_RECIPIENT.revision)
    login = world.gate.authenticate("mail.app", password, SOURCE)
    assert not isinstance(login, Answer), login
    found, refusals = dict[str, str](), dict[str, Answer]()
    for each in PEOPLE:
        told = await login.accept(Message("app@internal", (each,), LETTER))
        if told.is_yes:
            found[each] = world.sent[-1][0].case.mailbox.key.name
        else:
            refusals[each] = told
    return found, refusals


@pytest.fixture(scope="module")
def before() -> Mapping[str, str]:
    """Who sends to whom while all Mailboxes are up."""
    found, refusals = asyncio.run(sent_by(campaign()))
    assert not refusals
    return found


def test_each_of_hundreds_sends_its_share(before: Mapping[str, str]) -> None:
    counts = Counter(before.values())
    assert all(abs(counts[name] - SHARE) <= DEVIATIONS * sqrt(SHARE) for name in NAMES), (
        counts.most_common()
    )
    unevenness = sum((counts[name] - SHARE) ** 2 / SHARE for name in NAMES)
    freedom = len(NAMES) - 1
    assert abs(unevenness - freedom) <= DEVIATIONS * sqrt(2 * freedom)


async def test_those_of_some_that_are_down_are_spread_and_nobody_else_moves(
    before: Mapping[str, str],
) -> None:
    after, refusals = await sent_by(campaign(DOWN))

    moved = {each for each in PEOPLE if before[each] != after[each]}
    assert not refusals
    assert moved == {each for each in PEOPLE if before[each] in DOWN}
    heirs, up = Counter(after[each] for each in moved), len(NAMES) - len(DOWN)
    share = len(moved) / up
    assert max(heirs.values()) <= share + 2 * DEVIATIONS * sqrt(share)
    assert abs(len(heirs) - up * (1 - exp(-share))) <= DEVIATIONS * sqrt(up) / 2


async def test_no_limit_of_hundreds_is_exceeded_and_none_is_left_unused(
    before: Mapping[str, str],
) -> None:
    world = campaign(DOWN, Limits(per_day=LIMIT))

    after, refusals = await sent_by(world)

    counts = Counter(after.values())
    assert counts == {name: LIMIT for name in NAMES if name not in DOWN}
    assert len(refusals) == len(PEOPLE) - sum(counts.values())
    for each, told in refusals.items():  # the recipient's own Mailbox is named
        assert told.code == (451 if before[each] in DOWN else 450), (each, told)
    used = Counter[str]()
    for each in after:
        own = before[each]
        assert after[each] == own or own in DOWN or used[own] == LIMIT, each
        used[after[each]] += 1
