"""Which objects are shown beside one: Senders beside a Mailbox, Mailboxes beside a Sender."""

from typing import Final

import pytest

from mailbox_operator.command.overview import related
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.selector import Operator, Requirement
from mailbox_operator.decide.declared.sender import Sending
from mailbox_operator.decide.words import Kind
from unit.make import infrastructure, key, mailbox, sender, unreadable

SALES: Final = Requirement("team", Operator.IN, ("sales",))
JANE: Final = mailbox(label_keys=("team",), label_values="sales")
BOB: Final = unreadable(key=key("bob"))
FAR: Final = mailbox(
    key=Key(Kind.MAILBOX, "other", "jane"), label_keys=("team",), label_values="sales"
)


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param(Sending(("jane",)), [JANE], id="by name"),
        pytest.param(Sending(("bob",)), [BOB], id="one that cannot be read"),
        pytest.param(Sending((), (SALES,)), [JANE], id="by label"),
        pytest.param(Sending((), ()), [JANE, BOB], id="all of the namespace"),
    ],
)
def test_a_sender_has_its_mailboxes_and_they_have_it(asked: Sending, found: list[Subject]) -> None:
    campaign = sender(asked)

    assert related(campaign, [infrastructure(), JANE, BOB, FAR]) == found
    for each in (JANE, BOB, FAR):
        assert related(each, [campaign, BOB]) == ([campaign] if each in found else [])
