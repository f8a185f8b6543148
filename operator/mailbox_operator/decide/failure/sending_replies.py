"""What the refusal of a message says of its Mailbox; for most of them: nothing.

A proof sends nothing, so a refusal there is about the login or the sender (`smtp_replies`). With a
message most refusals are about its recipients, its size or its content, and must not be held against
the Mailbox. So here only what cannot mean the message counts; the proof finds the rest.
"""

from collections.abc import Collection
from typing import Final

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.said import Said
from mailbox_operator.decide.failure.smtp_replies import (
    ADDRESS_OF_SENDER,
    CONTINUOUS_ERRORS,
    EXCHANGE_BANNED,
    EXCHANGE_BLOCKED,
    QUOTA_CODES,
    TRANSIENT,
    fault_by,
    fault_of_reply,
)
from mailbox_operator.decide.failure.smtp_reply import Reply, Row, Stage
from mailbox_operator.decide.failure.wording import said_in

UNMISTAKABLE: Final[tuple[Row, ...]] = (
    Row(Reason.SENDING_LIMIT_REACHED, enhanced=QUOTA_CODES),
    Row(Reason.RATE_LIMITED, enhanced=(*CONTINUOUS_ERRORS, "4.7.28", "5.7.28", "4.7.500")),
    Row(Reason.RATE_LIMITED, codes=(432,)),
    Row(Reason.SMTP_AUTH_DISABLED, enhanced=("5.7.57", "5.7.30")),
    Row(Reason.ACCESS_BLOCKED, Said.ACCOUNT_BLOCKED, enhanced=("5.1.8",),
        finding=Finding.ACCOUNT_BLOCKED),
    Row(Reason.ACCESS_BLOCKED, enhanced=EXCHANGE_BLOCKED, finding=Finding.ACCOUNT_BLOCKED),
    Row(Reason.ACCESS_BLOCKED, enhanced=EXCHANGE_BANNED, certain=False, finding=Finding.CLIENT_REFUSED),
    Row(Reason.ACCESS_BLOCKED, Said.STORE_FULL, finding=Finding.MAILBOX_FULL),
    Row(Reason.SENDER_NOT_ALLOWED, enhanced=("5.7.60",)),
    Row(Reason.SENDER_NOT_ALLOWED, Said.SEND_AS_DENIED),
)  # fmt: skip
"""Read first, whatever else the reply says."""

WORDED: Final[tuple[Row, ...]] = (
    Row(Reason.SENDING_LIMIT_REACHED, Said.SENDING_LIMIT),
    Row(Reason.RATE_LIMITED, Said.TOO_FAST, codes=TRANSIENT),
    Row(Reason.RATE_LIMITED, codes=(421,), enhanced=("4.7.0",)),
    Row(Reason.SENDER_NOT_ALLOWED, codes=range(500, 600), enhanced=ADDRESS_OF_SENDER,
        stage=(Stage.RCPT,)),
    Row(Reason.SENDER_NOT_ALLOWED, Said.SENDER, codes=(553,), stage=(Stage.RCPT,)),
)  # fmt: skip
"""Read where nothing in the reply is about the message; many servers judge the sender at RCPT."""

CODES_OF_MESSAGES: Final = frozenset({500, 501, 502, 503, 504, 551, 552, 555})
DETAILS_OF_MESSAGES: Final = frozenset(
    {
        "1.1",
        "1.2",
        "1.3",
        "1.4",
        "1.6",
        "1.10",
        "2.1",
        "2.2",
        "2.3",
        "2.4",
        "3.3",
        "3.4",
        "3.5",
        "4.6",
    }
)
SUBJECTS_OF_MESSAGES: Final = frozenset({"5", "6"})
"""Protocol and content (RFC 3463, sections 3.6 and 3.7)."""

WORDS_OF_MESSAGES: Final = frozenset({Said.RECIPIENT, Said.MESSAGE_SIZE})
ABOUT_MAILBOX: Final = frozenset(
    {
        Reason.SENDING_LIMIT_REACHED,
        Reason.RATE_LIMITED,
        Reason.ACCESS_BLOCKED,
        Reason.SMTP_AUTH_DISABLED,
        Reason.SENDER_NOT_ALLOWED,
        Reason.GRANT_REVOKED,
        Reason.DELEGATION_NOT_GRANTED,
    }
)


def trouble_of_refusal(reply: Reply) -> Fault | None:
    """Say what a refusal at MAIL, RCPT or DATA says of the Mailbox; None where that is nothing.

    MAIL names the address that the proof named, so that table is asked there, but for the size.
    """
    said = said_in(reply.text)
    row = next((row for row in UNMISTAKABLE if row.fits(reply, said)), None)
    if row is None and not _is_about_message(reply, said):
        if reply.stage is Stage.MAIL:
            found = fault_of_reply(reply)
            return found if found.certain and found.reason in ABOUT_MAILBOX else None
        row = next((row for row in WORDED if row.fits(reply, said)), None)
    return fault_by(row, reply) if row else None


def _is_about_message(reply: Reply, said: Collection[Said]) -> bool:
    _, _, detail = reply.enhanced.partition(".")
    return (
        reply.code in CODES_OF_MESSAGES
        or detail in DETAILS_OF_MESSAGES
        or detail.partition(".")[0] in SUBJECTS_OF_MESSAGES
        or not WORDS_OF_MESSAGES.isdisjoint(said)
    )
