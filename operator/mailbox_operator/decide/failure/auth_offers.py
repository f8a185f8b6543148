"""What a server offers to log in by: the mechanism to use, or what is said where there is none."""

import re
from collections.abc import Collection, Iterable, Sequence
from typing import Final

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason

MECHANISM_NAME: Final = re.compile(r"[A-Z0-9_-]{1,20}")
"""RFC 4422, section 3.1; what else a server writes there is not repeated to anybody."""

MOST_MECHANISMS: Final = 8
TOKENS: Final = frozenset({"XOAUTH2", "OAUTHBEARER"})
OF_WINDOWS: Final = frozenset({"NTLM", "GSSAPI", "GSS-SPNEGO", "NEGOTIATE", "KERBEROS_V4"})


def offers(methods: Iterable[str]) -> Sequence[str]:
    """Return the mechanisms that a server offers, each once, in its own order."""
    named = (method.upper() for method in methods)
    return tuple(dict.fromkeys(name for name in named if MECHANISM_NAME.fullmatch(name)))


def unspoken(offered: Sequence[str], spoken: Collection[str]) -> Fault:
    """Make the fault that a server offers no mechanism which can be used.

    Args:
        offered: What the server offers.
        spoken: What this login can be offered by.
    """
    names = _listed(offered[:MOST_MECHANISMS])
    facts = {"offered": names, "spoken": _listed(spoken), "code": f"it offers {names or 'no AUTH'}"}
    kind = finding_of(offered, spoken)
    return Fault(Reason.SMTP_AUTH_DISABLED, facts["code"], facts=facts, finding=kind)


def finding_of(offered: Collection[str], spoken: Collection[str]) -> Finding:
    """Say which kind of server it is that offers no mechanism which can be used."""
    if not offered:
        return Finding.NO_LOGIN_OFFERED
    if OF_WINDOWS.issuperset(offered):
        return Finding.WINDOWS_LOGINS_ONLY
    if TOKENS.issuperset(offered) and TOKENS.isdisjoint(spoken):
        return Finding.TOKENS_ONLY
    return Finding.OTHER_MECHANISMS_ONLY


def _listed(names: Iterable[str]) -> str:
    *front, last = [*names] or [""]
    return f"{', '.join(front)} and {last}" if front else last
