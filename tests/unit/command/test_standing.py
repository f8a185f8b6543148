from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import pytest

from mailbox_operator.command.standing import MOST_NEAR, PAUSED, UNSEEN, Report, tree_of, when
from mailbox_operator.command.tree import Colour, lines
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason, Retry
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.machine.verdict import retry_of, verdict_of
from mailbox_operator.decide.status.conditions import Status, conditions
from mailbox_operator.decide.words import Kind
from unit.make import NOON, SENDING, infrastructure, mailbox, sender, spec

LATER: Final = NOON + timedelta(hours=3)
PAGE: Final = Path(__file__).parents[3] / "docs" / "command-line.md"


def standing(reason: Reason, repeats: int = 1) -> Status:
    """Write the status of a Mailbox that failed so, or that is well."""
    fault = Fault(reason, certain=True)
    verdict = verdict_of(mailbox(), fault, retry_of(fault, repeats))
    return Status(1, conditions(verdict, 1, Status(), NOON, connects=True))


def report(reason: Reason, now: datetime = LATER) -> Report:
    return Report(mailbox(status=standing(reason)), now)


def text(found: Report) -> str:
    return "\n".join(lines(tree_of(found), coloured=False))


def test_a_connected_mailbox_says_when_it_is_looked_at_again() -> None:
    found = text(report(Reason.CONNECTED))

    assert found.startswith("Mailbox mail/jane  Connected\n")
    assert "since 2026-11-23T12:00:00Z, 3h ago" in found
    assert "looked at again: every 10m" in found
    assert "who must act" not in found


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_tree_that_names_who_must_act(reason: Reason) -> None:
    found = report(reason)

    assert f"  {reason}\n" in text(found)
    assert found.rendered()["whoMustAct"] == found.move
    assert RULES[reason].retry in (Retry.INTERVAL, found.next_look)


def test_a_suspicion_is_looked_at_again_soon_though_a_person_may_have_to_act() -> None:
    fault = Fault(Reason.INVALID_CREDENTIALS, certain=False)
    verdict = verdict_of(mailbox(), fault, retry_of(fault, 1))
    status = Status(1, conditions(verdict, 1, Status(), NOON, connects=True))

    assert when(mailbox(status=status)) is Retry.BACKOFF


def test_of_hundreds_of_mailboxes_those_in_trouble_are_shown_and_the_rest_is_counted() -> None:
    boxes = [
        mailbox(
            key=Key(Kind.MAILBOX, "mail", f"box-{number:03}"),
            status=standing(Reason.GRANT_REVOKED if number % 100 == 99 else Reason.CONNECTED),
        )
        for number in range(500)
    ]

    found = text(Report(sender(), LATER, boxes))

    for name in ("box-099", "box-199", "box-299", "box-399", "box-499"):
        assert f"Mailbox {name}  GrantRevoked" in found
    assert found.count("Mailbox box-") == MOST_NEAR
    assert f"and {500 - MOST_NEAR} more, {500 - MOST_NEAR} of them ready" in found


def test_a_new_mailbox_says_that_nobody_has_looked_yet() -> None:
    found = Report(mailbox(), NOON)

    assert UNSEEN in text(found)
    assert (found.is_ready, found.state, found.rendered()["ready"]) == (
        False,
        "Progressing",
        "Unknown",
    )


def test_a_status_about_an_older_spec_is_not_taken_for_the_present_state() -> None:
    changed = mailbox(status=standing(Reason.CONNECTED), generation=2)

    assert not Report(changed, NOON).is_ready
    assert "the spec was changed since" in text(Report(changed, NOON))
    assert Report(changed, NOON).rendered()["message"] == "the spec was changed since"


def test_a_suspended_mailbox_says_so_above_its_last_state() -> None:
    box = mailbox(spec(suspend=True), status=standing(Reason.INVALID_CREDENTIALS))
    found = Report(box, NOON)

    assert tree_of(found).colour is Colour.OPEN
    assert "Mailbox mail/jane  Suspended" in text(found)
    assert f"looked at again: {PAUSED}" in text(found)


def test_the_consent_page_is_shown_until_the_mailbox_is_connected() -> None:
    url = "https://mail.example/consent/mail/jane"
    waiting = replace(standing(Reason.AWAITING_CONSENT), consent_url=url)
    well = replace(standing(Reason.CONNECTED), consent_url=url)

    assert f"consent: {url}" in text(Report(mailbox(status=waiting), NOON))
    assert url not in text(Report(mailbox(status=well), NOON))


def test_what_a_mailbox_uses_and_who_uses_it_stand_below_it() -> None:
    app = sender(replace(SENDING, names=("jane",)))
    found = Report(mailbox(status=standing(Reason.CONNECTED)), NOON, [app], infrastructure())

    assert "ManagedInfrastructure default  Progressing" in text(found)
    assert text(found).endswith("└─ Sender app  Progressing")
    assert found.rendered()["related"] == [f"{Kind.SENDER}/app"]


def test_the_page_shows_a_tree_as_it_is() -> None:
    fault = Fault(
        Reason.INVALID_CREDENTIALS,
        facts={"endpoint": "smtp.acme.example:587", "code": "535"},
        certain=True,
    )
    verdict = verdict_of(mailbox(), fault, retry_of(fault, 1))
    status = Status(1, conditions(verdict, 1, Status(), NOON, connects=True))
    app = sender(
        key=Key(Kind.SENDER, "acme", "newsletter"),
        status=replace(standing(Reason.MAILBOX_NOT_CONNECTED), binding=""),
    )
    box = mailbox(key=Key(Kind.MAILBOX, "acme", "jane"), status=status)

    assert text(Report(box, LATER, [app])) in PAGE.read_text()
