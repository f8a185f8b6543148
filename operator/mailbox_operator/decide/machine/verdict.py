"""What an attempt's outcome means for one mailbox: where it stands, and the sentence that says so."""

import re
from dataclasses import replace
from datetime import timedelta
from typing import Final, assert_never

from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.findings import WORDS_OF
from mailbox_operator.decide.failure.reasons import Move, Reason, Retry, Rule
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.machine.lasting import worded
from mailbox_operator.decide.status.conditions import Standing, Verdict
from mailbox_operator.decide.words import Infrastructure

SUSPICIONS: Final = 3
"""How often in a row an uncertain fault comes before it counts as a person's mistake."""

ABOUT_THE_SERVER: Final = frozenset(
    {
        Reason.HOST_NOT_FOUND,
        Reason.HOST_NOT_PERMITTED,
        Reason.CONNECTION_REFUSED,
        Reason.CONNECTION_TIMEOUT,
        Reason.TLS_MODE_MISMATCH,
        Reason.TLS_VERIFICATION_FAILED,
        Reason.TLS_HANDSHAKE_FAILED,
        Reason.PROVIDER_UNAVAILABLE,
    }
)

WHO: Final = re.compile(rf"\. ({'|'.join(move for move in Move if move is not Move.NOBODY)}): ")


def retry_of(fault: Fault, repeats: int) -> Retry:
    """Say when the operator tries again after an outcome.

    Args:
        fault: The outcome.
        repeats: How often in a row it was of this reason, this time included.
    """
    suspected = not fault.certain and repeats < SUSPICIONS
    return Retry.BACKOFF if suspected else RULES[fault.reason].retry


def verdict_of(
    subject: Subject, fault: Fault, retry: Retry, lasted: timedelta | None = None
) -> Verdict:
    """Say where a mailbox stands after an outcome that is retried like this.

    Args:
        subject: The mailbox or the infrastructure.
        fault: The outcome.
        retry: When the next attempt is made.
        lasted: After how long a trouble counts as lasting; None if this one does not.
    """
    return Verdict(_standing(retry), fault.reason, message_of(subject, fault, lasted))


def message_of(subject: Subject, fault: Fault, lasted: timedelta | None = None) -> str:
    """Write the sentence for the owner of the mailbox or the infrastructure."""
    facts = {**subject.facts, **fault.facts}
    rule = worded(rule_of(fault), fault, lasted)
    if subject.accepted is not None and fault.reason is Reason.CONNECTED:
        rule = replace(rule, what=subject.accepted)
    return rule.message(_bringer(subject, fault.reason), facts, platform=subject.platform)


def rule_of(fault: Fault) -> Rule:
    """Return the row of a fault's reason, in the words of its finding where it has one."""
    rule = RULES[fault.reason]
    if fault.finding is None:
        return rule
    words = WORDS_OF[fault.finding]
    managed = rule.managed_move if words.or_platform else None
    return replace(rule, move=words.move, what=words.what, todo=words.todo, managed_move=managed)


def move_of(subject: Subject, reason: str, message: str = "") -> Move:
    """Say who must act while a status gives that reason; nobody if the reason is not one of ours.

    Args:
        subject: What the status is of.
        reason: Of its condition.
        message: Of its condition. A finding may have another person's move than its reason, and the
            message names that person; without a name in it the reason decides.
    """
    if reason not in RULES:
        return Move.NOBODY
    if named := WHO.findall(message):  # the last one, should a fact look like another
        return Move(named[-1])
    known = Reason(reason)
    move, _ = RULES[known].for_whom(_bringer(subject, known), platform=subject.platform)
    return move


def _bringer(subject: Subject, reason: Reason) -> Infrastructure:
    """Say who brought what the reason is about; a server may be another's than the rest."""
    return subject.server_from if reason in ABOUT_THE_SERVER else subject.infrastructure


def _standing(retry: Retry) -> Standing:
    match retry:
        case Retry.INTERVAL:
            return Standing.CONNECTED
        case Retry.DEPENDENCY:
            return Standing.WAITING
        case Retry.PERSON:
            return Standing.STALLED
        case Retry.BACKOFF | Retry.SLOWLY | Retry.HOURLY:
            return Standing.RETRYING
        case _:
            assert_never(retry)
