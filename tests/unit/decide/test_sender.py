"""A Sender as it is read, what it contains in its Secret, and what its conditions say."""

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

import pytest

from lab.stand.specs import Spec
from mailbox_operator.decide.declared.labels import read_labels
from mailbox_operator.decide.declared.selector import Operator, Requirement
from mailbox_operator.decide.declared.sender import (
    ReadableSender,
    Sending,
    UnreadableSender,
    parse_sender,
)
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.backoff import PACE
from mailbox_operator.decide.machine.machine import Proof, changed, conclude
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.machine.selection import Chosen, selection_of
from mailbox_operator.decide.sending.binding import Binding, GatewayAddress
from mailbox_operator.decide.status.conditions import MailboxCount, Standing, Status, render_status
from mailbox_operator.decide.status.recorded import parse_status
from unit.make import NOON, mailbox, seen, sender
from unit.tables import senders

JANE: Final = Chosen("jane", "8f3c1e52", "jane@acme.example", "")
BOB: Final = Chosen("bob", "2f60c94a", "bob@acme.example", "GrantRevoked")
GATEWAY: Final = GatewayAddress("mailbox-gateway.mail.svc", 587, 465)
READY: Final = Proof(binding="app-smtp")


def parse_labels(**labels: str) -> tuple[Requirement, ...]:
    return tuple(Requirement(key, Operator.IN, (value,)) for key, value in labels.items())


def body(spec: Any, name: str = "app") -> dict[str, Any]:
    return {"metadata": {"name": name, "namespace": "acme", "uid": "51d7a0c3"}, "spec": spec}


def selecting(*mailboxes: Chosen, status: Status | None = None) -> Seen:
    return replace(seen(sender(), status or Status()), selection=selection_of("mail", mailboxes))


def status_after(at: Seen, outcome: Proof | Fault) -> Status:
    return conclude(at, outcome, NOON, PACE, 0.5).status


@pytest.mark.parametrize("spec", senders.GOOD.values(), ids=senders.GOOD)
def test_a_good_spec_is_read(spec: Spec) -> None:
    found = parse_sender(body(spec))

    assert isinstance(found, ReadableSender)
    assert list(found.selects) == spec["mailboxes"].get("names", [])
    assert (found.spec.selector is None) is ("names" in spec["mailboxes"])


@pytest.mark.parametrize(("spec", "field"), senders.BAD.values(), ids=senders.BAD)
def test_a_bad_spec_is_explained(spec: Spec, field: str) -> None:
    found = parse_sender(body(spec))

    assert isinstance(found, UnreadableSender)
    assert found.problem.facts["field"].startswith(field.partition("[")[0])


def test_a_name_whose_secret_would_not_fit_into_a_label_is_refused() -> None:
    found = parse_sender(body(senders.names("jane"), "a" * 59))

    assert isinstance(found, UnreadableSender)
    assert found.problem.facts["field"] == "metadata.name"


@pytest.mark.parametrize(("stated", "name"), [(None, "app-smtp"), ("login", "login")])
def test_a_secret_has_the_stated_name_or_that_of_the_sender(stated: str | None, name: str) -> None:
    assert sender(Sending(("jane",), secret=stated)).binding == name


def test_a_binding_has_the_entries_of_the_specification_and_two_more() -> None:
    found = Binding(GATEWAY, "acme.app", "s-_3cret", "jane@acme.example", b"PEM").content

    assert found == {
        "type": b"smtp",
        "provider": b"mailbox-operator",
        "host": b"mailbox-gateway.mail.svc",
        "port": b"587",
        "tls-port": b"465",
        "username": b"acme.app",
        "password": b"s-_3cret",
        "uri": b"smtp://acme.app:s-_3cret@mailbox-gateway.mail.svc:587",
        "from": b"jane@acme.example",
        "certificates": b"PEM",
    }


def test_a_gateway_with_a_public_certificate_needs_no_authority() -> None:
    assert "certificates" not in Binding(GATEWAY, "acme.app", "x", "jane@acme.example").content


def test_an_address_in_a_uri_stands_in_brackets() -> None:
    found = Binding(GatewayAddress("fd00::1", 587, 465), "acme.app", "x", "jane@acme.example")

    assert found.content["uri"] == b"smtp://acme.app:x@[fd00::1]:587"


def test_a_sender_with_one_connected_mailbox_is_available() -> None:
    status = status_after(selecting(JANE, BOB), READY)

    assert (status.standing, status.reason) == (Standing.CONNECTED, "Available")
    assert status.mailboxes == MailboxCount(2, 1)
    assert status.binding == "app-smtp"
    assert status.conditions[0].message == (
        "Applications log in with Secret app-smtp, and 1 of 2 mailboxes are connected;"
        " mail/bob: GrantRevoked. No action needed: mail is passed on as it comes."
    )


def test_a_sender_has_no_condition_of_a_connection() -> None:
    status = status_after(selecting(JANE), READY)

    assert [each.type for each in status.conditions] == ["Ready", "Error"]


@pytest.mark.parametrize(
    ("reason", "standing", "binding"),
    [
        (Reason.MAILBOX_NOT_CONNECTED, Standing.WAITING, "app-smtp"),
        (Reason.NO_MAILBOX, Standing.WAITING, "former"),
        (Reason.GATEWAY_UNAVAILABLE, Standing.WAITING, "former"),
        (Reason.SECRET_NOT_WRITTEN, Standing.RETRYING, "former"),
        (Reason.SECRET_NAME_TAKEN, Standing.STALLED, ""),
    ],
)
def test_a_sender_stands_by_its_reason(reason: Reason, standing: Standing, binding: str) -> None:
    status = status_after(selecting(BOB, status=Status(binding="former")), Fault(reason))

    assert (status.standing, status.binding) == (standing, binding)


def test_a_sender_names_the_mailbox_that_is_not_connected() -> None:
    status = status_after(selecting(BOB), Fault(Reason.MAILBOX_NOT_CONNECTED))

    assert "(mail/bob: GrantRevoked). Mailbox owner: " in status.conditions[0].message


def test_a_sender_is_looked_at_again_when_its_mailbox_appears() -> None:
    conclusion = conclude(selecting(), Fault(Reason.NO_MAILBOX), NOON, PACE, 0.0)

    assert conclusion.pause >= timedelta(hours=1)


def test_a_secret_that_somebody_wrote_is_a_change() -> None:
    judged = replace(selecting(JANE), status=status_after(selecting(JANE), READY))

    assert not changed(judged)
    assert changed(replace(judged, is_disturbed=True))


def test_a_status_of_a_sender_is_read_as_it_was_written() -> None:
    status = status_after(selecting(JANE, BOB), READY)

    rendered = render_status(status)

    assert parse_status(rendered) == status
    assert rendered["mailboxes"] == {"selected": 2, "connected": 1, "summary": "1/2"}


@pytest.mark.parametrize("odd", [{"binding": "x"}, {"binding": {"name": 5}}, {"mailboxes": [1]}])
def test_an_odd_status_of_a_sender_is_as_if_it_were_absent(odd: Any) -> None:
    assert parse_status(odd) == Status()


def test_a_selector_that_matches_nothing_says_so() -> None:
    none = replace(
        seen(sender(Sending((), parse_labels(campaign="spring")))),
        selection=selection_of("mail", []),
    )

    status = status_after(none, Fault(Reason.NO_MAILBOX))

    assert (status.standing, status.mailboxes) == (Standing.WAITING, MailboxCount(0, 0))
    assert "No Mailbox of this namespace has the labels of spec.mailboxes.selector" in (
        status.conditions[0].message
    )


@pytest.mark.parametrize(
    ("asked", "is_of_several"),
    [
        pytest.param(Sending(("jane",)), False, id="one name"),
        pytest.param(Sending(("jane", "bob")), True, id="two names"),
        pytest.param(Sending((), ()), True, id="a selector, however many it finds"),
    ],
)
def test_a_sender_says_whether_it_sends_through_several(
    asked: Sending, *, is_of_several: bool
) -> None:
    assert sender(asked).is_of_several is is_of_several


@pytest.mark.parametrize(
    ("asked", "labels", "admits"),
    [
        (Sending(("jane",)), {}, True),
        (Sending(("bob",)), {"team": "sales"}, False),
        (Sending((), parse_labels(team="sales")), {"team": "sales", "more": "x"}, True),
        (Sending((), parse_labels(team="sales")), {"team": "support"}, False),
        (Sending((), parse_labels(team="sales")), {}, False),
        (Sending((), ()), {}, True),
        (Sending((), ()), {"team": "x" * 5000}, False),
    ],
)
def test_a_sender_admits_mailboxes_by_name_or_by_labels(
    asked: Sending, labels: dict[str, str], *, admits: bool
) -> None:
    found = read_labels(labels)
    jane = mailbox(label_keys=found.keys, label_values=found.values)

    assert sender(asked).admits(jane) is admits
