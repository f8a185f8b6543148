"""Says more precisely what is wrong with a certificate that was refused, by what the server shows.

Everything here is a stranger's word; `certificates` cuts names before they come here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding

MOST_NAMES_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server shows.

    Attributes:
        names: Host names and addresses that its certificate is for.
        authority: Who issued the last certificate of the chain; empty if it has no name.
        chain: How many certificates the server sends, its own included.
        until: The last day on which its certificate is valid.
    """

    names: Sequence[str]
    authority: str
    chain: int
    until: date


def specified(fault: Fault, shown: Shown) -> Fault:
    """Say more precisely what is wrong with a certificate that was refused."""
    problem, finding = fault.facts["problem"], fault.finding
    if finding is Finding.NAME_NOT_ON_CERTIFICATE:
        problem = f"it is for {_listed(shown.names)}, not for {fault.facts['host']}"
    elif finding is Finding.CERTIFICATE_EXPIRED:
        problem = f"it expired on {shown.until}"
    elif finding is Finding.ISSUER_UNKNOWN and shown.chain == 1:
        problem = (
            f"its issuer{_called(shown.authority)} is not known here, and the server sends no"
            " intermediate certificate"
        )
    elif finding in {Finding.ISSUER_UNKNOWN, Finding.AUTHORITY_UNKNOWN} and shown.chain > 1:
        finding = Finding.AUTHORITY_UNKNOWN
        problem = f"its authority{_called(shown.authority)} is not trusted here"
    facts = {**fault.facts, "problem": problem}
    return Fault(fault.reason, fault.detail, facts=facts, finding=finding)


def _called(name: str) -> str:
    return f" ({name})" if name else ""


def _listed(names: Sequence[str]) -> str:
    """Name the first ones, and how many more there are."""
    more = len(names) - MOST_NAMES_SHOWN
    listed = ", ".join(names[:MOST_NAMES_SHOWN]) or "no host at all"
    return f"{listed} and {more} more" if more > 0 else listed
