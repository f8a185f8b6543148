"""A ledger as a store has it, whichever store that is."""

from dataclasses import dataclass, field

from mailbox_operator.decide.sending.ledger import Ledger


class UncountedError(Exception):
    """A count cannot be read or changed now, or it is not known whether it was; the text says why."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A ledger as it is kept.

    Attributes:
        token: By which the store knows this very state again; empty where nothing is kept yet.
    """

    ledger: Ledger
    token: str = field(default="", repr=False)
