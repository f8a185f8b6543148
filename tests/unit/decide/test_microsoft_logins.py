"""The administrator's command is for Exchange Online, and a person's own account takes no password."""

import pytest

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.microsoft_logins import finding_at_microsoft
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.smtp_replies import LoginKind
from mailbox_operator.decide.machine.verdict import message_of
from unit.make import mailbox

DISABLED = Reason.SMTP_AUTH_DISABLED
REFUSED = Reason.INVALID_CREDENTIALS
EXCHANGE = "smtp.office365.com"
JANE = "jane@acme.example"


@pytest.mark.parametrize(
    ("reason", "host", "login", "address", "finding"),
    [
        (DISABLED, EXCHANGE, LoginKind.PASSWORD, JANE, Finding.EXCHANGE_ONLINE),
        (DISABLED, EXCHANGE, LoginKind.TOKEN, JANE, Finding.EXCHANGE_ONLINE),
        (DISABLED, EXCHANGE, LoginKind.PASSWORD, "", Finding.EXCHANGE_ONLINE),
        (DISABLED, "SMTP.Office365.com.", LoginKind.PASSWORD, JANE, Finding.EXCHANGE_ONLINE),
        (DISABLED, "outlook.office365.com", LoginKind.PASSWORD, JANE, Finding.EXCHANGE_ONLINE),
        (DISABLED, "smtp.partner.outlook.cn", LoginKind.PASSWORD, JANE, Finding.EXCHANGE_ONLINE),
        (DISABLED, "mail.acme.example", LoginKind.PASSWORD, JANE, None),
        (DISABLED, "notoutlook.com", LoginKind.PASSWORD, JANE, None),
        (DISABLED, "outlook.com.evil.example", LoginKind.PASSWORD, JANE, None),
        (REFUSED, EXCHANGE, LoginKind.PASSWORD, JANE, None),
        (REFUSED, EXCHANGE, LoginKind.PASSWORD, "jane@hotmail.com", Finding.PERSONAL_PASSWORD),
        (DISABLED, EXCHANGE, LoginKind.PASSWORD, "jane@live.co.uk", Finding.PERSONAL_PASSWORD),
        (DISABLED, EXCHANGE, LoginKind.PASSWORD, "jane@outlook.de", Finding.PERSONAL_PASSWORD),
        (DISABLED, "smtp-mail.outlook.com", LoginKind.PASSWORD, JANE, Finding.PERSONAL_PASSWORD),
        (DISABLED, EXCHANGE, LoginKind.TOKEN, "jane@hotmail.com", Finding.EXCHANGE_ONLINE),
        (DISABLED, EXCHANGE, LoginKind.PASSWORD, "jane@live.example", Finding.EXCHANGE_ONLINE),
        (Reason.SENDER_NOT_ALLOWED, EXCHANGE, LoginKind.PASSWORD, JANE, None),
    ],
)
def test_a_refusal_at_microsoft_is_read_by_whose_account_it_is(
    reason: Reason, host: str, login: LoginKind, address: str, finding: Finding | None
) -> None:
    assert finding_at_microsoft(Fault(reason), host, login, address) is finding


def test_an_end_of_passwords_is_no_switch_of_the_mailbox() -> None:
    fault = Fault(DISABLED, facts={"code": "550 5.7.30"})

    assert (
        finding_at_microsoft(fault, EXCHANGE, LoginKind.PASSWORD, JANE) is Finding.PASSWORDS_ENDED
    )
    assert finding_at_microsoft(fault, EXCHANGE, LoginKind.TOKEN, JANE) is Finding.EXCHANGE_ONLINE


def test_a_person_is_sent_to_provider_outlook() -> None:
    facts = {"code": "535 5.7.139", "address": "jane@hotmail.com"}
    fault = Fault(DISABLED, facts=facts, finding=Finding.PERSONAL_PASSWORD)

    message = message_of(mailbox(), fault)

    assert "Mailbox owner: use provider Outlook" in message
    assert "Set-CASMailbox" not in message
