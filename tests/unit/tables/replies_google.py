"""What Gmail and Google Workspace say."""

from typing import Final

from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from unit.tables.reply import (
    APP_TOKEN,
    AUTH,
    BANNER,
    EHLO,
    HOUR,
    MAIL,
    PASSWORD,
    TOKEN,
    Row,
)

GMAIL: Final = (
    Row("Gmail is in trouble", AUTH, PASSWORD, b"421 4.3.0 Temporary System Problem. Try again later",
        Reason.PROVIDER_UNAVAILABLE),
    Row("Gmail is busy", BANNER, TOKEN, b"421 4.4.5 Server busy, try again later.",
        Reason.PROVIDER_UNAVAILABLE),
    Row("Gmail slows down", EHLO, TOKEN, b"421 4.7.0 Try again later, closing connection. (EHLO)",
        Reason.RATE_LIMITED, finding=Finding.GREETING_DEFERRED),
    Row("Gmail cannot look up the account", AUTH, TOKEN,
        b"454 4.7.0 Cannot authenticate due to temporary system problem", Reason.PROVIDER_UNAVAILABLE),
    Row("Gmail, too many logins", AUTH, PASSWORD,
        b"454 4.7.0 Too many login attempts, please try again later.", Reason.RATE_LIMITED, HOUR),
    Row("Gmail, void login", MAIL, PASSWORD, b"530 5.5.1 Authentication Required.",
        Reason.SMTP_AUTH_DISABLED, finding=Finding.LOGIN_FORGOTTEN),
    Row("Gmail, void token", MAIL, TOKEN, b"530 5.5.1 Authentication Required.", Reason.GRANT_REVOKED),
    Row("Gmail, void token of an app", MAIL, APP_TOKEN, b"530 5.5.1 Authentication Required.",
        Reason.DELEGATION_NOT_GRANTED),
    Row("Gmail wants TLS", AUTH, PASSWORD, b"530 5.7.0 Must issue a STARTTLS command first.",
        Reason.TLS_MODE_MISMATCH),
    Row("Gmail, app password", AUTH, PASSWORD,
        b"534-5.7.9 Application-specific password required. For more information, go to\r\n"
        b"534 5.7.9  https://support.example/?p=InvalidSecondFactor", Reason.APP_PASSWORD_REQUIRED),
    Row("Gmail, app password, older", AUTH, PASSWORD,
        b"535 5.7.1 Application-specific password required.", Reason.APP_PASSWORD_REQUIRED),
    Row("Gmail, web login", AUTH, PASSWORD,
        b"534-5.7.14 <https://accounts.example/signin/continue> Please log in via your web\r\n"
        b"534-5.7.14 browser and then try again.\r\n534 5.7.14  Learn more", Reason.ACCESS_BLOCKED),
    Row("Gmail, web login, token", AUTH, TOKEN,
        b"534 5.7.14 Please log in via your web browser and then try again.", Reason.ACCESS_BLOCKED),
    Row("Gmail, web login, other code", AUTH, PASSWORD,
        b"534 5.7.9 Please log in with your web browser and then try again.", Reason.ACCESS_BLOCKED),
    Row("Gmail, web login, older", AUTH, PASSWORD,
        b"535 5.7.1 Please log in with your web browser and then try again.", Reason.ACCESS_BLOCKED,
        app_password=True),
    Row("Gmail, bad password", AUTH, PASSWORD,
        b"535-5.7.8 Username and Password not accepted. For more information, go to\r\n"
        b"535 5.7.8  https://support.example/?p=BadCredentials", Reason.APP_PASSWORD_REQUIRED,
        app_password=True),
    Row("Gmail, bad password, older", AUTH, PASSWORD,
        b"535 5.7.1 Username and Password not accepted.", Reason.APP_PASSWORD_REQUIRED,
        app_password=True),
    Row("Gmail, bad token", AUTH, TOKEN,
        b"535-5.7.8 Username and Password not accepted. For more information, go to\r\n"
        b"535 5.7.8  https://support.example/?p=BadCredentials", Reason.GRANT_REVOKED),
    Row("Gmail, service account without delegation", AUTH, APP_TOKEN,
        b"535 5.7.8 Username and Password not accepted.", Reason.DELEGATION_NOT_GRANTED),
    Row("Gmail, odd argument", AUTH, PASSWORD,
        b"535 5.5.4 Optional Argument not permitted for that AUTH mode.", Reason.APP_PASSWORD_REQUIRED,
        app_password=True),
    Row("Gmail, daily limit", MAIL, TOKEN,
        b"550-5.4.5 Daily user sending limit exceeded. For more information on Gmail\r\n"
        b"550 5.4.5 sending limits go to https://support.example", Reason.SENDING_LIMIT_REACHED),
    Row("Gmail, daily limit, older", MAIL, TOKEN, b"550 Daily user sending limit exceeded.",
        Reason.SENDING_LIMIT_REACHED),
    Row("Gmail, policy", MAIL, TOKEN, b"550 5.7.1 Our system has detected that this message is not"
        b" permitted by policy.", Reason.SENDER_NOT_ALLOWED),
    Row("Google's AUTH line is overlong", AUTH, TOKEN, b"501 5.5.2 Cannot Decode response",
        Reason.UNKNOWN),
)  # fmt: skip
