"""What an application is told when its message was handed on: the provider's own words, if any."""

from typing import assert_never

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Retry
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.sending.answers import Answer, Situation, answer
from mailbox_operator.decide.sending.delivery import InDoubt, NotSent, Outcome, Refused, Taken
from mailbox_operator.decide.sending.passing import said_by
from mailbox_operator.decide.sending.permission import about


def told_of(outcome: Outcome, mailbox: Key, *, is_named: bool) -> Answer:
    """Say what an application is told: the provider's own reply, wherever there is one.

    Args:
        outcome: What became of the message.
        mailbox: The one that it went by.
        is_named: Whether a reply of success names it: it might have been another one.
    """
    match outcome:
        case Taken(answer=said):
            return said_by(said, mailbox) if is_named else said
        case Refused(answer=said):
            return said
        case NotSent(trouble=trouble):
            return not_sent(trouble, mailbox)
        case InDoubt():
            return answer(Situation.IN_DOUBT)
        case _:
            assert_never(outcome)


def not_sent(trouble: Fault | Postponed, mailbox: Key) -> Answer:
    """Say why the provider was not given a message."""
    if isinstance(trouble, Postponed):
        return about(Situation.BUSY, mailbox)
    needs_person = RULES[trouble.reason].retry is Retry.PERSON
    refused, away = Situation.PROVIDER_REFUSED_LOGIN, Situation.PROVIDER_UNREACHABLE
    return about(refused if needs_person else away, mailbox, reason=trouble.reason)
