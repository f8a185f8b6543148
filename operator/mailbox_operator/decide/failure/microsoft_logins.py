"""What a refused login at Microsoft's servers needs: the administrator's command, or OAuth."""

import re
from typing import Final

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_replies import LoginKind
from mailbox_operator.decide.texts.addresses import domain_of

HOSTS: Final = (
    ".office365.com", ".outlook.com", ".office365.us", ".outlook.cn", ".outlook.de", ".mx.microsoft",
)  # fmt: skip
PERSONAL_HOST: Final = "smtp-mail.outlook.com"
PERSONAL_DOMAIN: Final = re.compile(
    r"(outlook|hotmail|live|msn|windowslive|passport)(\.[a-z]{2,3}){1,2}"
)
NO_PASSWORDS: Final = "5.7.30"
"""Exchange Online's word for a tenant where basic authentication has ended."""

REFUSED_PASSWORD: Final = frozenset({Reason.SMTP_AUTH_DISABLED, Reason.INVALID_CREDENTIALS})


def finding_at_microsoft(fault: Fault, host: str, login: LoginKind, address: str) -> Finding | None:
    """Say what is known more precisely of a login that a server refused.

    Args:
        fault: What it refused.
        host: The server, as it was named.
        login: What was offered.
        address: Of the mailbox; empty where the login alone is proved.
    """
    if fault.reason not in REFUSED_PASSWORD or not is_at_microsoft(host):
        return None
    if login is LoginKind.PASSWORD and is_personal(host, address):
        return Finding.PERSONAL_PASSWORD
    if fault.reason is Reason.INVALID_CREDENTIALS:
        return None
    if login is LoginKind.PASSWORD and NO_PASSWORDS in fault.facts.get("code", ""):
        return Finding.PASSWORDS_ENDED
    return Finding.EXCHANGE_ONLINE


def is_at_microsoft(host: str) -> bool:
    """Say whether a server is one of Microsoft's."""
    return f".{host.lower().rstrip('.')}".endswith(HOSTS)


def is_personal(host: str, address: str) -> bool:
    """Say whether a mailbox at Microsoft is a person's own, not an organisation's."""
    domain = domain_of(address)
    named = host.lower().rstrip(".") == PERSONAL_HOST
    return named or PERSONAL_DOMAIN.fullmatch(domain) is not None
