"""What a gateway notes on a Mailbox of the messages that it sent, and how often."""

from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Final

import pytest

from mailbox_operator.cluster.deliverynotes import MOST_UNDER_WAY, SECONDS_BETWEEN, DeliveryNotes
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.names import LIMITED, RECONNECT, SENT
from unit.make import NOON, mailbox, spec

JANE: Final = mailbox(spec(check_interval=timedelta(minutes=10)))
A_THIRD: Final = 200.0
PATH: Final = "/apis/mailbox-operator.io/v1alpha1/namespaces/mail/mailboxes/jane"


@dataclass
class Api:
    """Takes patches, or refuses them."""

    refuses: bool = False
    written: list[tuple[str, Any]] = field(default_factory=list)

    async def patch(self, path: str, body: Any, form: str) -> Any:
        if self.refuses:
            raise ApiServerError(403, "no")
        self.written.append((path, body["metadata"]))


@dataclass
class Desk:
    """Notes at a moment."""

    api: Api = field(default_factory=Api)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        api: Any = self.api
        self.notes = DeliveryNotes(api, lambda: NOON, lambda: self.seconds)

    @property
    def annotations(self) -> list[str]:
        return [name for _, metadata in self.api.written for name in metadata["annotations"]]


async def test_a_message_that_was_taken_is_noted_with_its_time() -> None:
    desk = Desk()

    desk.notes.sent(JANE)
    await desk.notes.settle()

    noted = {"uid": JANE.uid, "annotations": {SENT: "2026-11-23T12:00:00Z"}}
    assert desk.api.written == [(PATH, noted)]


@pytest.mark.parametrize(("later", "notes"), [(0.0, 1), (A_THIRD - 1, 1), (A_THIRD, 2)])
async def test_mail_is_noted_three_times_in_an_interval(later: float, notes: int) -> None:
    desk = Desk()
    desk.notes.sent(JANE)
    desk.seconds += later

    desk.notes.sent(JANE)
    await desk.notes.settle()

    assert len(desk.api.written) == notes


@pytest.mark.parametrize(
    ("reason", "annotations"),
    [
        (Reason.SENDING_LIMIT_REACHED, [LIMITED]),
        (Reason.GRANT_REVOKED, [RECONNECT]),
        (Reason.CONNECTION_TIMEOUT, []),
        (Reason.RATE_LIMITED, []),
    ],
)
async def test_a_trouble_is_noted_if_the_operator_can_do_something(
    reason: Reason, annotations: list[str]
) -> None:
    desk = Desk()

    desk.notes.troubled(JANE, Fault(reason))
    await desk.notes.settle()

    assert desk.annotations == annotations


async def test_the_operator_is_asked_to_look_once_a_minute_for_each_mailbox() -> None:
    desk, other = Desk(), replace(JANE, uid="another")
    for each in (JANE, JANE, other):
        desk.notes.troubled(each, Fault(Reason.GRANT_REVOKED))
    desk.seconds += SECONDS_BETWEEN

    desk.notes.troubled(JANE, Fault(Reason.GRANT_REVOKED))
    await desk.notes.settle()

    assert [metadata["uid"] for _, metadata in desk.api.written] == [JANE.uid, "another", JANE.uid]


async def test_a_note_that_is_refused_is_lost_without_harm() -> None:
    desk = Desk(Api(refuses=True))

    desk.notes.sent(JANE)
    await desk.notes.settle()

    assert desk.api.written == []


async def test_no_more_notes_are_under_way_than_the_bound() -> None:
    desk = Desk()
    for number in range(MOST_UNDER_WAY + 5):
        desk.notes.sent(replace(JANE, uid=f"uid-{number}"))

    await desk.notes.settle()

    assert len(desk.api.written) == MOST_UNDER_WAY
