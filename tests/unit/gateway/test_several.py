"""A Sender of several mailboxes through the gate: which of them sends, and as whom."""

from collections import Counter
from dataclasses import replace
from typing import Any, Final

import pytest

from mailbox_operator.decide.declared.limits import Limits
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.sender import ReadableSender, Sending
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.sending.answers import Answer
from mailbox_operator.decide.sending.delivery import Taken
from mailbox_operator.decide.sending.login import password_of
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.decide.sending.passing import LONGEST_REPLY, said_by
from mailbox_operator.decide.status.conditions import Standing
from mailbox_operator.decide.words import Choose, FromHeader
from mailbox_operator.gateway.ports import Submission
from unit.gateway.worlds import CONNECTED, KEY, NOREPLY, SHOP, SOURCE, World, status
from unit.make import key, sender, spec

NAMES: Final = ("amy", "bob", "jane")
ALL: Final = ()
"""A selector without requirements: every Mailbox of the namespace."""

BY_RECIPIENT: Final = Sending((), ALL, choose=Choose.BY_RECIPIENT, from_header=FromHeader.REWRITE)
PEOPLE: Final = [f"person-{number}@other.example" for number in range(60)]
REVOKED: Final = status(Standing.WAITING, Reason.GRANT_REVOKED)
FOLLOWING: Final = "In-Reply-To: <1@acme.example>\r\n"


def box(name: str, **changes: Any) -> ReadableMailbox:
    asked = spec(address=f"{name}@acme.example", display_name=f"{name.title()} of Acme")
    named: dict[str, Any] = {"key": key(name), "uid": name, "spec": asked, "status": CONNECTED}
    return replace(NOREPLY, **(named | changes))


def world_of(asked: Sending, *mailboxes: ReadableMailbox) -> World:
    return World(senders=[sender(asked)], mailboxes=[*(mailboxes or [box(name) for name in NAMES])])


def log_in(world: World) -> Submission:
    (campaign,) = world.senders
    assert isinstance(campaign, ReadableSender)
    password = password_of(KEY, SHOP.uid, campaign.spec.revision)
    found = world.gate.authenticate("mail.app", password, SOURCE)
    assert not isinstance(found, Answer), found
    return found


def letter(
    to: str = PEOPLE[0], *, more: str = "", author: str = "app@internal", by: str = ""
) -> Message:
    text = f"From: {author}\r\n{more}Subject: hello\r\n\r\nbody\r\n"
    return Message(by or author, (to,), text.encode())


async def test_a_mailbox_whose_limit_is_reached_gives_way_and_its_follow_ups_wait() -> None:
    limited = [
        box(name, spec=spec(address=f"{name}@acme.example", sending=Limits(per_day=2)))
        for name in NAMES
    ]
    world = world_of(BY_RECIPIENT, *limited)
    submission = log_in(world)

    told = [await submission.accept(letter(each)) for each in PEOPLE[:8]]
    followed = await submission.accept(letter(PEOPLE[0], more=FOLLOWING))

    assert [each.is_yes for each in told] == [True] * 6 + [False] * 2
    assert all("has reached its limit of 2 recipients" in each.text for each in told[6:])
    assert Counter(route.case.mailbox.key.name for route, _ in world.sent) == dict.fromkeys(
        NAMES, 2
    )
    assert (followed.code, "has reached its limit" in followed.text) == (450, True)


@pytest.mark.parametrize("fails", [[], ["away"] * 9], ids=["the Sender's limit", "no count"])
async def test_what_concerns_all_mailboxes_is_asked_once(fails: list[str]) -> None:
    limited = [
        box(name, spec=spec(address=f"{name}@acme.example", sending=Limits(per_day=9)))
        for name in NAMES
    ]
    world = world_of(replace(BY_RECIPIENT, limits=Limits(per_day=5 if fails else 1)), *limited)
    submission = log_in(world)
    await submission.accept(letter())
    world.ledgers.fails, asked = fails, world.ledgers.reads + world.ledgers.swaps

    told = await submission.accept(letter(PEOPLE[1]))

    assert (told.code, len(world.sent)) == (451 if fails else 450, 1)
    assert world.ledgers.reads + world.ledgers.swaps - asked <= 1
    assert len(world.ledgers.fails) >= len(fails) - 1


async def test_of_many_recipients_each_mailbox_gets_its_share_and_none_too_many() -> None:
    sizes = {"amy": 10, "bob": 20, "jane": 30}
    limited = [
        box(name, spec=spec(address=f"{name}@acme.example", sending=Limits(per_day=size)))
        for name, size in sizes.items()
    ]
    world = world_of(BY_RECIPIENT, *limited)
    submission = log_in(world)

    for each in PEOPLE:
        assert (await submission.accept(letter(each))).is_yes

    assert Counter(route.case.mailbox.key.name for route, _ in world.sent) == sizes


async def firsts(world: World) -> dict[str, str]:
    """Send to everybody; return by whom each was sent to."""
    login, found = log_in(world), dict[str, str]()
    for each in PEOPLE:
        told = await login.accept(letter(each))
        assert told.code == 250, told
        found[each] = world.sent[-1][0].case.mailbox.key.name
    return found


async def test_the_recipient_decides_and_always_hears_from_the_same_mailbox() -> None:
    found = await firsts(world_of(BY_RECIPIENT))

    assert found == await firsts(world_of(BY_RECIPIENT))
    assert set(Counter(found.values())) == set(NAMES)


async def test_a_message_goes_out_as_from_its_mailbox_and_the_reply_names_it() -> None:
    world = world_of(BY_RECIPIENT, box("jane"))

    told = await log_in(world).accept(letter())

    assert told == Answer(250, "2.0.0", "queued as 7 by mail/jane")
    ((_, sent),) = world.sent
    assert sent.sender == "jane@acme.example"
    assert sent.content.startswith(b"From: Jane of Acme <jane@acme.example>\r\nSubject:")


@pytest.mark.parametrize("address", ["app@internal", "amy@acme.example", "stranger@other.example"])
def test_any_sender_of_the_envelope_is_taken_where_the_recipient_decides(address: str) -> None:
    assert log_in(world_of(BY_RECIPIENT)).begin(address) is None


async def test_one_that_is_down_moves_its_own_recipients_and_no_others() -> None:
    before = await firsts(world_of(BY_RECIPIENT))
    down = world_of(BY_RECIPIENT, box("amy"), box("bob", status=REVOKED), box("jane"))

    after = await firsts(down)

    assert {each for each in PEOPLE if before[each] != after[each]} == {
        each for each in PEOPLE if before[each] == "bob"
    }


@pytest.mark.parametrize("field", [FOLLOWING, "References:\r\n <1@acme.example>\r\n"])
async def test_a_follow_up_waits_for_the_mailbox_of_its_recipient(field: str) -> None:
    before = await firsts(world_of(BY_RECIPIENT))
    down = world_of(BY_RECIPIENT, box("amy"), box("bob", status=REVOKED), box("jane"))
    login = log_in(down)

    told = {each: await login.accept(letter(each, more=field)) for each in PEOPLE}

    waiting = {each for each in PEOPLE if before[each] == "bob"}
    assert {each for each in PEOPLE if told[each].code == 450} == waiting
    assert told[min(waiting)].text.startswith(
        "a follow-up goes out by the recipient's own mailbox only: mail/bob is not connected:"
        " GrantRevoked."
    )
    assert all(told[each].code == 250 for each in PEOPLE if each not in waiting)


async def test_an_empty_reference_follows_nothing() -> None:
    world = world_of(BY_RECIPIENT, box("amy"), box("bob", status=REVOKED))
    login = log_in(world)

    told = [await login.accept(letter(each, more="References: \r\n")) for each in PEOPLE]

    assert {each.code for each in told} == {250}


async def test_where_none_can_send_the_recipients_own_mailbox_is_named() -> None:
    own = (await firsts(world_of(BY_RECIPIENT)))[PEOPLE[0]]
    world = world_of(BY_RECIPIENT, *(box(name, status=REVOKED) for name in NAMES))
    login = log_in(world)

    told = await login.accept(letter(PEOPLE[0]))

    assert (told.code, told.enhanced) == (451, "4.3.5")
    assert told.text.startswith(f"mail/{own} is not connected: GrantRevoked")
    refused = login.begin("app@internal")
    assert refused is not None
    assert refused.code == 451


@pytest.mark.parametrize(
    "asked", [BY_RECIPIENT, Sending((), ALL)], ids=["by recipient", "by envelope"]
)
async def test_a_selector_that_finds_nothing_is_something_to_try_again(asked: Sending) -> None:
    world = world_of(asked)
    world.mailboxes.clear()
    login = log_in(world)

    for told in (login.begin("app@internal"), await login.accept(letter())):
        assert told == Answer(
            451,
            "4.3.5",
            "sender mail/app has no mailbox yet. See kubectl -n mail describe sender app",
        )


async def test_the_envelope_names_one_of_those_that_are_selected() -> None:
    world = world_of(Sending((), ALL))
    login = log_in(world)

    own = await login.accept(letter(author="bob@acme.example"))
    foreign = await login.accept(letter(author="ceo@acme.example"))

    assert (own.code, own.text) == (250, "queued as 7 by mail/bob")
    assert (foreign.code, foreign.text) == (
        553,
        "ceo@acme.example is not a mailbox of sender mail/app",
    )


async def test_a_mailbox_that_the_envelope_names_rewrites_a_foreign_author() -> None:
    world = world_of(Sending((), ALL, from_header=FromHeader.REWRITE))

    told = await log_in(world).accept(letter(author="Boss <ceo@x.example>", by="BOB@acme.example"))

    assert told.code == 250
    ((_, sent),) = world.sent
    assert sent.sender == "bob@acme.example"
    assert sent.content.startswith(b"From: Boss <bob@acme.example>\r\n")


async def test_a_follow_up_by_envelope_goes_out_by_the_mailbox_that_it_names() -> None:
    world = world_of(Sending(("amy", "bob")))

    told = await log_in(world).accept(letter(author="bob@acme.example", more=FOLLOWING))

    assert told.text == "queued as 7 by mail/bob"


async def test_what_rewriting_would_break_is_refused_for_good() -> None:
    world = world_of(BY_RECIPIENT)

    told = await log_in(world).accept(letter(more="DKIM-Signature: v=1; h=from\r\n"))

    assert (told.code, told.enhanced, world.sent) == (550, "5.6.2", [])
    assert world.notes == [("turned away", 550)]


async def test_a_sender_of_one_named_mailbox_passes_the_reply_on_as_it_is() -> None:
    world = world_of(Sending(("amy",)))

    told = await log_in(world).accept(letter(author="amy@acme.example"))

    assert world.outcome == Taken(told)


def test_a_reply_that_names_the_mailbox_fits_into_a_line() -> None:
    found = said_by(Answer(250, "2.0.0", "x" * 470), key("n" * 63))

    assert found.text.endswith(f"x by mail/{'n' * 63}")
    assert len(found.line()) == LONGEST_REPLY + len(b"\r\n")
