"""Lets attempts end one after the other, and names what they come to."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason, Retry
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.machine.backoff import Pace
from mailbox_operator.decide.machine.machine import Conclusion, Proof, conclude
from mailbox_operator.decide.machine.seen import Seen
from unit.make import ENDPOINT, NOON, seen

PACE: Final = Pace()
HOUR: Final = timedelta(hours=1)
FINE: Final = Proof(ENDPOINT, "1077")
BLIP: Final = Fault(Reason.CONNECTION_TIMEOUT)
REFUSED: Final = Fault(Reason.INVALID_CREDENTIALS, facts={"code": "535"})
SUSPECT: Final = Fault(Reason.HOST_NOT_FOUND, certain=False)
PASSING: Final = (Retry.BACKOFF, Retry.SLOWLY, Retry.HOURLY)
HUMAN: Final = [reason for reason, rule in RULES.items() if rule.retry is Retry.PERSON]
MISSING: Final = [reason for reason, rule in RULES.items() if rule.retry is Retry.DEPENDENCY]
TRANSIENT: Final = [
    reason
    for reason, rule in RULES.items()
    if rule.retry in PASSING and reason is not Reason.PROGRESSING
]


def then(at: Seen, *outcomes: Proof | Fault, now: datetime = NOON) -> Seen:
    """Let attempts end so, one after the other."""
    for outcome in outcomes:
        conclusion = end(at, outcome, now)
        at = replace(at, status=conclusion.status, known=conclusion.known)
    return at


def end(at: Seen, outcome: Proof | Fault, now: datetime = NOON) -> Conclusion:
    """Let one attempt end so, without any chance in it."""
    return conclude(at, outcome, now, PACE, 0.0)


HEALTHY: Final = then(seen(), FINE)
STALLED: Final = then(seen(), REFUSED)
