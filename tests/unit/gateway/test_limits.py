"""What an application is told when a limit keeps its message from going out."""

from datetime import timedelta

import pytest

from mailbox_operator.decide.declared.limits import Limits, RampUp
from mailbox_operator.decide.declared.sender import Sending
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_reply import Stage
from mailbox_operator.decide.sending.answers import Answer
from mailbox_operator.decide.sending.delivery import InDoubt, NotSent, Outcome, Refused
from mailbox_operator.decide.sending.login import password_of
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.gateway.ports import Submission
from unit.gateway.worlds import CONNECTED, JANE, KEY, NOREPLY, OK, SHOP, SOURCE, World
from unit.make import NOON, mailbox, sender, spec


def world(sending: Limits, of_sender: Limits | None = None) -> World:
    """Make a world whose one Mailbox has these limits, and maybe its Sender too."""
    limited = mailbox(spec(sending=sending), status=CONNECTED)
    made = World(mailboxes=[limited])
    if of_sender:
        made.senders = [sender(Sending((NOREPLY.key.name,), limits=of_sender))]
    return made


def logged_in(made: World) -> Submission:
    found = made.gate.authenticate(
        f"{SHOP.key.namespace}.{SHOP.key.name}", password_of(KEY, SHOP.uid, 0), SOURCE
    )
    assert not isinstance(found, Answer), found
    return found


def message(recipients: int = 1) -> Message:
    whom = tuple(f"joe{number}@other.example" for number in range(recipients))
    return Message(JANE, whom, f"From: {JANE}\r\n\r\nbody\r\n".encode())


async def test_a_message_above_the_limit_is_told_when_to_come_again() -> None:
    submission = logged_in(world(Limits(per_day=3)))

    assert await submission.accept(message(3)) == OK.answer
    told = await submission.accept(message())

    limit = (
        "mail/jane has reached its limit of 3 recipients in 24 hours, next at 12:10Z on 2026-11-24"
    )
    assert told == Answer(450, "4.4.5", limit)
    assert submission.begin(JANE) == told


async def test_a_message_that_never_fits_is_refused_for_good() -> None:
    made = world(Limits(per_day=3))

    told = await logged_in(made).accept(message(4))

    limit = "the message has 4 recipients, and mail/jane has a limit of 3 recipients in 24 hours"
    assert told == Answer(550, "5.5.3", limit)
    assert made.sent == []


async def test_the_limit_of_a_sender_holds_as_well() -> None:
    submission = logged_in(world(Limits(per_day=30), Limits(per_day=2)))

    assert await submission.accept(message(2)) == OK.answer
    told = await submission.accept(message())

    limit = (
        "mail/app has reached its limit of 2 recipients in 24 hours, next at 12:10Z on 2026-11-24"
    )
    assert told.text == limit


async def test_a_limit_grows_with_the_days_of_the_mailbox() -> None:
    made = world(Limits())
    asked = spec(sending=Limits(per_day=5, ramp_up=RampUp(1, 2)))
    made.mailboxes = [mailbox(asked, status=CONNECTED, created="2026-11-22T11:00:00Z")]

    told = await logged_in(made).accept(message(4))

    assert NOON.day == 23
    assert told.code == 550
    assert (await logged_in(made).accept(message(3))).is_yes


async def test_a_gap_between_two_messages_is_told_in_seconds() -> None:
    submission = logged_in(world(Limits(every=timedelta(minutes=5))))

    assert (await submission.accept(message())).is_yes
    told = await submission.accept(message())

    limit = "mail/jane has reached its limit of one message every 300 s, next at 12:05Z"
    assert told.text == limit


@pytest.mark.parametrize(
    ("outcome", "is_counted"),
    [
        pytest.param(
            Refused(Answer(550, "5.1.1", "no such user"), Stage.RCPT), False, id="refused"
        ),
        pytest.param(NotSent(Fault(Reason.CONNECTION_REFUSED)), False, id="not sent"),
        pytest.param(InDoubt("lost"), True, id="in doubt"),
    ],
)
async def test_what_was_not_sent_is_not_counted(outcome: Outcome, *, is_counted: bool) -> None:
    made = world(Limits(per_day=1))
    submission = logged_in(made)
    made.outcome = outcome
    await submission.accept(message())

    made.outcome = OK
    told = await submission.accept(message())

    assert told.is_yes is not is_counted


async def test_what_cannot_be_counted_is_not_sent_and_may_come_again() -> None:
    made = world(Limits(per_day=1))
    made.ledgers.fails = ["away"]
    submission = logged_in(made)

    told = await submission.accept(message())

    assert (told.code, told.enhanced) == (451, "4.3.0")
    assert made.sent == []
    assert (await submission.accept(message())).is_yes


async def test_an_unlimited_mailbox_is_not_counted() -> None:
    made = world(Limits())
    made.ledgers.fails = ["away"]

    assert (await logged_in(made).accept(message())).is_yes
    assert made.ledgers.reads == 0
