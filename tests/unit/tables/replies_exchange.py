"""What Exchange Online says."""

from typing import Final

from mailbox_operator.decide.failure.reasons import Reason
from unit.tables.reply import (
    APP_TOKEN,
    AUTH,
    MAIL,
    PASSWORD,
    TOKEN,
    Row,
)

EXCHANGE: Final = (
    Row("Exchange, SMTP AUTH off for the tenant", AUTH, PASSWORD,
        b"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the Tenant."
        b" Visit https://aka.ms/smtp_auth_disabled for more information.", Reason.SMTP_AUTH_DISABLED),
    Row("Exchange, SMTP AUTH off for the mailbox", AUTH, TOKEN,
        b"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the"
        b" Mailbox.", Reason.SMTP_AUTH_DISABLED),
    Row("Exchange, SMTP AUTH off, app only", AUTH, APP_TOKEN,
        b"535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for the"
        b" Tenant.", Reason.SMTP_AUTH_DISABLED),
    Row("Exchange, security defaults", AUTH, PASSWORD,
        b"535 5.7.139 Authentication unsuccessful, user is locked by your organization's security"
        b" defaults policy.", Reason.SMTP_AUTH_DISABLED),
    Row("Exchange, no passwords", AUTH, PASSWORD,
        b"535 5.7.139 Authentication unsuccessful, basic authentication is disabled.",
        Reason.SMTP_AUTH_DISABLED),
    Row("Exchange, bad password", AUTH, PASSWORD,
        b"535 5.7.139 Authentication unsuccessful, the user credentials were incorrect.",
        Reason.INVALID_CREDENTIALS),
    Row("Exchange, criteria", AUTH, PASSWORD,
        b"535 5.7.139 Authentication unsuccessful, the request did not meet the criteria to be"
        b" authenticated successfully. Contact your administrator.", Reason.ACCESS_BLOCKED),
    Row("Exchange, quota of the day", MAIL, TOKEN,
        b"554 5.2.0 STOREDRV.Submission.Exception:SubmissionQuotaExceededException; Failed to process"
        b" message due to a permanent exception", Reason.SENDING_LIMIT_REACHED),
    Row("Exchange, continuous errors", MAIL, TOKEN, b"550 5.2.255 Not now", Reason.RATE_LIMITED),
    Row("Exchange, not logged in", MAIL, PASSWORD,
        b"530 5.7.57 Client not authenticated to send mail.", Reason.SMTP_AUTH_DISABLED),
    Row("Exchange, not logged in, token", MAIL, TOKEN,
        b"530 5.7.57 Client not authenticated to send mail.", Reason.SMTP_AUTH_DISABLED),
    Row("Exchange, token of somebody else", AUTH, TOKEN, b"535 5.7.3 Authentication unsuccessful",
        Reason.IDENTITY_MISMATCH),
    Row("Exchange, app without the mailbox", AUTH, APP_TOKEN, b"535 5.7.3 Authentication unsuccessful",
        Reason.DELEGATION_NOT_GRANTED),
    Row("Exchange, password alone", AUTH, PASSWORD, b"535 5.7.3 Authentication unsuccessful",
        Reason.INVALID_CREDENTIALS),
    Row("Exchange, end of passwords", AUTH, PASSWORD,
        b"550 5.7.30 Basic authentication is not supported for Client Submission.",
        Reason.SMTP_AUTH_DISABLED),
    Row("Exchange, SendAs denied", MAIL, TOKEN,
        b"554 5.2.0 STOREDRV.Submission.Exception:SendAsDeniedException.MapiExceptionSendAsDenied",
        Reason.SENDER_NOT_ALLOWED),
    Row("Exchange, no SendAs", MAIL, TOKEN,
        b"550 5.7.60 SMTP; Client does not have permissions to send as this sender",
        Reason.SENDER_NOT_ALLOWED),
    Row("Exchange, app without permission", MAIL, APP_TOKEN,
        b"430 4.2.0 STOREDRV; mailbox logon failure; failed to open the mailbox"
        b" [Stage: CreateMessageItem]; MapiExceptionLogonFailed: Unable to open message store.",
        Reason.DELEGATION_NOT_GRANTED, certain=False),
    Row("Exchange throttles", AUTH, TOKEN, b"451 4.7.500 Server busy. Please try again later",
        Reason.RATE_LIMITED),
    Row("Exchange, three connections", AUTH, TOKEN,
        b"432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded: concurrent connection limit",
        Reason.RATE_LIMITED),
    Row("Exchange, tenant's recipients", MAIL, TOKEN,
        b"550 5.7.233 Your message can't be sent because your tenant exceeded its daily limit",
        Reason.SENDING_LIMIT_REACHED),
    Row("Exchange, trial tenant's recipients", MAIL, TOKEN,
        b"550 5.7.232 Your message can't be sent because your trial tenant exceeded its daily limit",
        Reason.SENDING_LIMIT_REACHED),
)  # fmt: skip
