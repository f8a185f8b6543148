"""Which limits a message has to stay within, and the ledger that counts for each. Pure."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.sending.terms import Terms, terms_of
from mailbox_operator.decide.texts.addresses import canonical_address

LEDGER_PREFIX: Final = "mailbox-ledger-"
DIGITS: Final = 32
MOST_KEPT: Final = 1024
"""Names, and claims: each message asks for those of its limits more than once."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One limit that a message has to stay within.

    Attributes:
        ledger: Name of the ledger that counts.
        about: Whose limit it is.
    """

    ledger: str
    terms: Terms
    about: Key


def claims_of(sender: ReadableSender, case: Case, now: datetime) -> tuple[Claim, ...]:
    """Name the limits of a message that a Sender sends through a Mailbox; none where there is none."""
    mailbox, claims = case.mailbox, list[Claim]()
    if (per_day := sender.spec.limits.per_day) is not None:
        claims.append(_of_sender(sender.key, per_day))
    if not (terms := terms_of(case, now)).is_none:
        claims.append(Claim(ledger_of_address(mailbox.address), terms, mailbox.key))
    return tuple(claims)


@lru_cache(MOST_KEPT)
def _of_sender(sender: Key, per_day: int) -> Claim:
    return Claim(ledger_of_sender(sender), Terms(per_day), sender)


@lru_cache(MOST_KEPT)
def ledger_of_address(address: str) -> str:
    """Name the ledger of an address; it outlives the Mailbox, which may be created again."""
    return _named(f"address/{canonical_address(address) or address}")


def ledger_of_sender(sender: Key) -> str:
    """Name the ledger of a Sender; it outlives the Sender, too."""
    return _named(f"sender/{sender.namespace}/{sender.name}")


def _named(what: str) -> str:
    return LEDGER_PREFIX + sha256(what.encode()).hexdigest()[:DIGITS]
