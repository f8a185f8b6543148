"""The choice among candidates, each with what keeps it from sending, if anything does."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pytest

from mailbox_operator.decide.declared.mailbox import Mailbox, ReadableMailbox
from mailbox_operator.decide.declared.sender import Sending
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.sending.answers import Answer
from mailbox_operator.decide.sending.choice import Obstacle, chosen, foreseen
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.decide.sending.rotation import Candidate, Candidates
from mailbox_operator.decide.status.conditions import Standing, Status, Verdict, conditions
from mailbox_operator.decide.words import Choose, FromHeader
from unit.make import EMPTY, NOON, key, mailbox, sender, spec, unreadable

CAMPAIGN: Final = sender(
    Sending((), (), choose=Choose.BY_RECIPIENT, from_header=FromHeader.REWRITE)
)
SELECTED: Final = sender(Sending((), ()))
FULL: Final = Answer(450, "4.4.5", "it has reached its limit, next at 14:03Z")
TOO_MANY: Final = Answer(550, "5.5.3", "the message has 60 recipients, and the limit is 50")
JOE: Final = "joe@other.example"


def stands(standing: Standing, reason: Reason) -> Status:
    written = conditions(Verdict(standing, reason, "text"), 1, EMPTY, NOON, connects=True)
    return Status(observed_generation=1, conditions=written)


CONNECTED: Final = stands(Standing.CONNECTED, Reason.CONNECTED)
DOWN: Final = stands(Standing.STALLED, Reason.GRANT_REVOKED)


@dataclass
class Team:
    """The Mailboxes of a Sender, by name."""

    known: Mapping[str, Mailbox]
    all: Candidates = field(init=False)

    def __post_init__(self) -> None:
        self.all = Candidates.of(Candidate(name, 1) for name in self.known)

    def find(self, name: str) -> Mailbox | None:
        return self.known.get(name)

    def at(self, address: str) -> Sequence[str]:
        return [name for name, each in self.known.items() if each.address == address]

    def candidates(self) -> Candidates:
        return self.all


def team(*names: str, down: frozenset[str] = frozenset()) -> Team:
    return Team({each: box(each, DOWN if each in down else CONNECTED) for each in names})


def box(name: str, status: Status = CONNECTED) -> ReadableMailbox:
    return mailbox(spec(address=f"{name}@acme.example"), key=key(name), status=status)


def to(recipient: str) -> Message:
    return Message("app@internal", (recipient,), b"")


def no_obstacle(_: ReadableMailbox) -> Answer | None:
    return None


def name_for(recipient: str, found: Team, obstacle: Obstacle = no_obstacle) -> str:
    permit = chosen(CAMPAIGN, to(recipient), found, obstacle, follows=False)
    assert isinstance(permit, ReadableMailbox), permit
    return permit.key.name


def kept_from(answer: Answer, *names: str) -> Obstacle:
    """Keep Mailboxes from sending."""
    return lambda each: answer if each.key.name in names else None


THREE: Final = team("amy", "bob", "jane")
OWN: Final = name_for(JOE, THREE)


def test_the_next_one_stands_in_for_a_first_message() -> None:
    second = name_for(JOE, THREE, kept_from(FULL, OWN))
    third = name_for(JOE, THREE, kept_from(FULL, OWN, second))

    assert {OWN, second, third} == set(THREE.known)


@pytest.mark.parametrize(
    ("obstacle", "told"),
    [
        (
            FULL,
            Answer(
                450,
                "4.3.2",
                f"a follow-up goes out by the recipient's own mailbox only: {FULL.text}",
            ),
        ),
        (TOO_MANY, TOO_MANY),
    ],
    ids=["for now", "for good"],
)
def test_a_follow_up_waits_unless_waiting_does_not_help(obstacle: Answer, told: Answer) -> None:
    found = chosen(CAMPAIGN, to(JOE), THREE, kept_from(obstacle, OWN), follows=True)

    assert found == told


def test_a_follow_up_goes_out_by_its_own_mailbox_whatever_keeps_the_others() -> None:
    others = kept_from(FULL, *(set(THREE.known) - {OWN}))

    found = chosen(CAMPAIGN, to(JOE), THREE, others, follows=True)

    assert found == THREE.find(OWN)


def test_where_all_are_kept_from_sending_the_own_mailbox_says_why() -> None:
    def obstacle(each: ReadableMailbox) -> Answer:
        return Answer(450, "4.4.5", f"{each.key} is full")

    told = chosen(CAMPAIGN, to(JOE), THREE, obstacle, follows=False)

    assert told == Answer(450, "4.4.5", f"mail/{OWN} is full")
    refused = foreseen(CAMPAIGN, "app@internal", THREE, obstacle)
    assert refused is not None
    assert refused.text.endswith("is full")


def test_a_message_is_begun_while_any_one_can_send() -> None:
    assert foreseen(CAMPAIGN, "x@y.example", THREE, kept_from(FULL, "amy", "bob")) is None


@pytest.mark.parametrize("obstacle", [FULL, None])
def test_the_mailbox_that_the_envelope_names_says_at_once_what_keeps_it(
    obstacle: Answer | None,
) -> None:
    told = foreseen(SELECTED, "amy@acme.example", THREE, lambda _: obstacle)

    assert told == obstacle


def test_a_mailbox_that_cannot_be_read_keeps_its_recipients_follow_ups() -> None:
    broken = Team({**THREE.known, OWN: unreadable(key=key(OWN))})

    first = chosen(CAMPAIGN, to(JOE), broken, no_obstacle, follows=False)
    follow_up = chosen(CAMPAIGN, to(JOE), broken, no_obstacle, follows=True)

    assert isinstance(first, ReadableMailbox)
    assert isinstance(follow_up, Answer)
    assert follow_up.code == 450
    assert "InvalidSpec" in follow_up.text


def test_of_hundreds_a_few_that_are_down_move_their_own_recipients_alone() -> None:
    names = [f"box-{number:03}" for number in range(500)]
    people = [f"person-{number}@other.example" for number in range(600)]
    lost = frozenset(names[::25])
    whole, less = team(*names), team(*names, down=lost)

    before = {each: name_for(each, whole) for each in people}
    after = {each: name_for(each, less) for each in people}

    assert {each for each in people if before[each] != after[each]} == {
        each for each in people if before[each] in lost
    }
    shares = Counter(after.values())
    assert not lost & shares.keys()
    assert max(shares.values()) <= 8
