"""One example Mailbox, and attempts on it that end as the page's tables need them to."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import yaml

from mailbox_operator.decide.declared.mailbox import Mailbox, parse_mailbox
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.machine import Proof, conclude
from mailbox_operator.decide.machine.seen import Known, Seen
from mailbox_operator.decide.status.conditions import Status

ROOT: Final = Path(__file__).parents[3]
NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
PACE: Final = Pace()
SUCCESS: Final = Proof()
TEMPORARY: Final = Fault(Reason.CONNECTION_TIMEOUT)
MISSING: Final = Fault(Reason.CREDENTIALS_MISSING)
REFUSED: Final = Fault(Reason.INVALID_CREDENTIALS, facts={"code": "535"})
SUSPECTED: Final = Fault(Reason.HOST_NOT_FOUND, certain=False)


def example() -> Mailbox:
    """Read the Mailbox of docs/examples that has a password."""
    text = (ROOT / "docs" / "examples" / "smtp-private.yaml").read_text()
    (body,) = (each for each in yaml.safe_load_all(text) if each["kind"] == "Mailbox")
    return parse_mailbox(body)


def seen(mailbox: Mailbox) -> Seen:
    """See a Mailbox for the first time."""
    return Seen(mailbox, Status(), "v1", Known())


def then(at: Seen, *outcomes: Proof | Fault) -> Seen:
    """Let attempts end with these outcomes, one after the other."""
    for outcome in outcomes:
        conclusion = conclude(at, outcome, NOON, PACE, jitter=0.0)
        at = replace(at, status=conclusion.status, known=conclusion.known)
    return at
