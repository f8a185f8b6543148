"""One message through the gate: who may send it, as whom, and what its application is told."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import pytest

from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.sender import Sender
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_reply import Stage
from mailbox_operator.decide.sending.answers import Answer
from mailbox_operator.decide.sending.breaker import PAUSE_SECONDS, REFUSALS
from mailbox_operator.decide.sending.delivery import (
    InDoubt,
    NotSent,
    Outcome,
    Refused,
    Taken,
)
from mailbox_operator.decide.sending.login import password_of
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.decide.sending.vouching import MOST_HOPS
from mailbox_operator.decide.status.conditions import Standing
from mailbox_operator.gateway.ports import Submission
from unit.gateway.worlds import (
    CONNECTED,
    JANE,
    KEY,
    NOREPLY,
    OK,
    OLD_KEY,
    SHOP,
    SOURCE,
    World,
    status,
)
from unit.make import EMPTY, mailbox, spec, unreadable


@pytest.fixture
def world() -> World:
    return World()


def user(asked: Sender = SHOP) -> str:
    return f"{asked.key.namespace}.{asked.key.name}"


def log_in(world: World, revision: int = 0, key: bytes = KEY) -> Submission | Answer:
    return world.gate.authenticate(user(), password_of(key, SHOP.uid, revision), SOURCE)


def logged_in(world: World) -> Submission:
    found = log_in(world)
    assert not isinstance(found, Answer), found
    return found


def message(author: str = JANE, *recipients: str, sender: str = JANE, more: str = "") -> Message:
    text = f"From: {author}\r\n{more}Subject: hello\r\n\r\nbody\r\n"
    return Message(sender, recipients or ("joe@other.example",), text.encode())


async def test_a_message_goes_out_through_the_mailbox_of_its_sender(world: World) -> None:
    told = await logged_in(world).accept(message())

    assert told == OK.answer
    ((route, sent),) = world.sent
    assert route.case.mailbox == NOREPLY
    assert sent == message()
    assert world.notes == [("sent", NOREPLY.key), ("ended", Taken)]


def test_the_password_of_another_sender_is_refused(world: World) -> None:
    other = password_of(KEY, "another-uid", 0)

    told = world.gate.authenticate(user(), other, SOURCE)

    assert isinstance(told, Answer)
    assert told.code == 535


@pytest.mark.parametrize("username", ["mail.nobody", "nobody", "", ".", "a.b.c", "\0", JANE])
def test_a_login_of_no_sender_is_refused(world: World, username: str) -> None:
    for password in ("", password_of(KEY, "", 1), password_of(KEY, "", 0)):
        told = world.gate.authenticate(username, password, SOURCE)

        assert isinstance(told, Answer)
        assert told.code == 535


def test_the_password_before_the_last_revision_still_works_and_an_older_one_does_not(
    world: World,
) -> None:
    world.senders = [replace(SHOP, spec=replace(SHOP.spec, revision=5))]

    accepted = [not isinstance(log_in(world, revision), Answer) for revision in range(7)]

    assert accepted == [False, False, False, False, True, True, False]


def test_a_password_of_the_key_before_works_while_that_is_kept(world: World) -> None:
    assert isinstance(log_in(world, key=OLD_KEY), Answer)

    world.keys = (KEY, OLD_KEY)

    assert not isinstance(log_in(world, key=OLD_KEY), Answer)


async def test_a_login_that_is_looked_at_again_has_the_keys_read(world: World) -> None:
    await world.gate.look_again()

    assert world.notes == [("looked again", "")]


async def test_a_connection_whose_password_was_replaced_twice_sends_no_more(world: World) -> None:
    session = logged_in(world)

    world.senders = [replace(SHOP, spec=replace(SHOP.spec, revision=1))]
    before = await session.accept(message())
    world.senders = [replace(SHOP, spec=replace(SHOP.spec, revision=2))]
    after = await session.accept(message())

    assert (before.code, after.code) == (250, 535)
    assert session.begin(JANE) == after


async def test_a_connection_whose_key_was_removed_sends_no_more(world: World) -> None:
    session = logged_in(world)

    world.keys = (b"n" * 32,)

    assert (await session.accept(message())).code == 535
    assert not world.sent


@pytest.mark.parametrize("change", [{"keys": ()}, {"is_complete": False}])
def test_nobody_is_told_that_a_login_is_wrong_before_all_logins_are_known(
    world: World, change: dict[str, Any]
) -> None:
    for name, value in change.items():
        setattr(world, name, value)

    told = world.gate.authenticate(user(), "wrong", SOURCE)

    assert isinstance(told, Answer)
    assert told.code == 454


async def test_a_deleted_sender_is_out_at_once(world: World) -> None:
    session = logged_in(world)
    world.senders = []

    begun, told = session.begin(JANE), await session.accept(message())

    assert begun is not None
    assert (begun.code, told.code) == (535, 535)
    assert world.sent == []


async def test_a_namesake_of_a_deleted_sender_is_another_one(world: World) -> None:
    session = logged_in(world)
    world.senders = [replace(SHOP, uid="a-new-one")]

    assert (await session.accept(message())).code == 535
    assert isinstance(log_in(world), Answer)


def test_a_login_is_of_its_own_namespace_only(world: World) -> None:
    elsewhere = replace(NOREPLY, key=replace(NOREPLY.key, namespace="other"))
    world.mailboxes = [elsewhere]

    begun = logged_in(world).begin(JANE)

    assert begun is not None
    assert begun.line() == (
        b"451 4.3.5 mail/jane is not connected: it does not exist."
        b" See kubectl -n mail describe mailbox jane\r\n"
    )


STATES: Final = [
    (mailbox(status=EMPTY), "451 4.4.1 mail/jane is being connected: Progressing"),
    (
        mailbox(status=CONNECTED, generation=2),
        "451 4.4.1 mail/jane is being connected: Progressing",
    ),
    (
        mailbox(status=status(Standing.PROGRESSING, Reason.PROGRESSING)),
        "451 4.4.1 mail/jane is being connected: Progressing",
    ),
    (
        mailbox(status=status(Standing.RETRYING, Reason.CONNECTION_REFUSED)),
        "451 4.4.1 mail/jane is being connected: ConnectionRefused",
    ),
    (
        mailbox(status=status(Standing.RETRYING, Reason.SENDING_LIMIT_REACHED)),
        "450 4.4.5 mail/jane has reached its provider's limit",
    ),
    (
        mailbox(status=status(Standing.STALLED, Reason.GRANT_REVOKED)),
        "451 4.3.5 mail/jane is not connected: GrantRevoked. See kubectl -n mail describe",
    ),
    (
        mailbox(status=status(Standing.WAITING, Reason.CREDENTIALS_MISSING)),
        "451 4.3.5 mail/jane is not connected: CredentialsMissing",
    ),
    (mailbox(spec(suspend=True), status=CONNECTED), "450 4.7.13 mailbox mail/jane is suspended"),
    (unreadable(), "451 4.3.5 mail/jane is not connected: InvalidSpec"),
]


@pytest.mark.parametrize(("found", "said"), STATES)
async def test_a_mailbox_that_cannot_send_now_says_why(
    world: World, found: Mailbox, said: str
) -> None:
    world.mailboxes = [found]
    session = logged_in(world)

    begun, told = session.begin(JANE), await session.accept(message())

    assert begun == told
    assert told.line().decode().startswith(said)
    assert world.sent == []


async def test_a_suspended_sender_sends_nothing(world: World) -> None:
    world.senders = [replace(SHOP, spec=replace(SHOP.spec, suspend=True))]

    told = await logged_in(world).accept(message())

    assert told.line().startswith(b"450 4.7.13 sender mail/")


async def test_an_infrastructure_that_is_closed_to_the_namespace_sends_nothing(
    world: World,
) -> None:
    world.closed_to = Fault(Reason.INFRASTRUCTURE_NOT_ALLOWED)

    told = await logged_in(world).accept(message())

    assert told.line().startswith(b"451 4.3.5 mail/jane is not connected: InfrastructureNotAllowed")
    assert world.sent == []


@pytest.mark.parametrize("address", ["joe@acme.example", "jane@other.example", "jane"])
def test_a_sender_sends_as_its_mailboxes_only(world: World, address: str) -> None:
    begun = logged_in(world).begin(address)

    assert begun is not None
    assert begun.code == 553


@pytest.mark.parametrize(
    "author",
    [
        "joe@acme.example",
        f'"{JANE}" <joe@acme.example>',
        f"{JANE} <joe@acme.example>",
        f"{JANE}, joe@acme.example",
        f"friends: {JANE};",
        "",
    ],
)
async def test_a_foreign_author_is_refused_in_any_spelling(world: World, author: str) -> None:
    told = await logged_in(world).accept(message(author))

    assert told.code in (550, 553)
    assert world.sent == []


async def test_a_second_author_is_refused(world: World) -> None:
    told = await logged_in(world).accept(message(more="from : joe@acme.example\r\n"))

    assert told.code == 550
    assert world.sent == []


async def test_the_author_may_have_a_name(world: World) -> None:
    told = await logged_in(world).accept(message(f'"The Shop" <{JANE.upper()}>'))

    assert told == OK.answer


@pytest.mark.parametrize(("hops", "code"), [(MOST_HOPS, 250), (MOST_HOPS + 1, 554)])
async def test_a_message_in_a_loop_is_refused(world: World, hops: int, code: int) -> None:
    told = await logged_in(world).accept(message(more="Received: by a\r\n" * hops))

    assert told.code == code


async def test_of_several_mailboxes_the_one_of_the_envelope_sends(world: World) -> None:
    other = mailbox(
        spec(address="joe@acme.example"), key=replace(NOREPLY.key, name="joe"), status=CONNECTED
    )
    world.senders = [replace(SHOP, spec=replace(SHOP.spec, names=("jane", "joe")))]
    world.mailboxes = [NOREPLY, other]
    session = logged_in(world)

    told = await session.accept(message("joe@acme.example", sender="joe@acme.example"))
    foreign = await session.accept(message(JANE, sender="joe@acme.example"))

    assert (told.code, foreign.code) == (250, 553)
    assert [route.case.mailbox for route, _ in world.sent] == [other]


def test_a_mailbox_that_is_missing_leaves_room_for_doubt(world: World) -> None:
    world.senders = [replace(SHOP, spec=replace(SHOP.spec, names=("jane", "gone")))]

    begun = logged_in(world).begin("gone@acme.example")

    assert begun is not None
    assert begun.line().startswith(b"451 4.3.5 mail/gone is not connected: it does not exist")


REPLY: Final = Answer(550, "5.1.1", "no such user")
OUTCOMES: Final = [
    (Refused(REPLY, Stage.RCPT, "joe@other.example"), "550 5.1.1 no such user"),
    (Refused(Answer(452, "4.2.2", "full"), Stage.DATA), "452 4.2.2 full"),
    (NotSent(Postponed("x")), "451 4.3.2 mail/jane is busy"),
    (
        NotSent(Fault(Reason.INVALID_CREDENTIALS)),
        "451 4.3.5 the provider refused the login of mail/jane: InvalidCredentials",
    ),
    (
        NotSent(Fault(Reason.CONNECTION_TIMEOUT)),
        "451 4.4.1 the provider of mail/jane is not reached: ConnectionTimeout",
    ),
    (InDoubt("lost"), "451 4.4.2 delivery in doubt"),
]


@pytest.mark.parametrize(("outcome", "said"), OUTCOMES)
async def test_the_application_is_told_what_came_of_its_message(
    world: World, outcome: Outcome, said: str
) -> None:
    world.outcome = outcome

    told = await logged_in(world).accept(message())

    assert told.line().decode().startswith(said)
    assert world.notes[-1] == ("ended", type(outcome))


@pytest.mark.parametrize(
    "teach",
    [
        NotSent,
        lambda fault: Refused(Answer(550, "5.4.5", "limit"), Stage.DATA, trouble=fault),
    ],
)
async def test_trouble_of_the_mailbox_is_reported(
    world: World, teach: Callable[[Fault], Outcome]
) -> None:
    world.outcome = teach(Fault(Reason.SENDING_LIMIT_REACHED))

    await logged_in(world).accept(message())

    assert ("troubled", Reason.SENDING_LIMIT_REACHED) in world.notes


async def test_a_refusal_about_the_message_says_nothing_of_the_mailbox(world: World) -> None:
    world.outcome = Refused(Answer(550, "5.7.1", "spam"), Stage.DATA)

    await logged_in(world).accept(message())

    assert world.notes == [("ended", Refused)]


async def test_a_sender_that_is_refused_again_and_again_is_paused(world: World) -> None:
    world.outcome = Refused(REPLY, Stage.RCPT)
    gate = world.gate
    session = gate.authenticate(user(), password_of(KEY, SHOP.uid, 0), SOURCE)
    assert not isinstance(session, Answer)
    for _ in range(REFUSALS):
        await session.accept(message())
    world.outcome = OK

    paused = session.begin(JANE)
    world.seconds += PAUSE_SECONDS

    assert paused is not None
    assert paused.line().startswith(b"450 4.7.1 sender mail/")
    assert session.begin(JANE) is None
