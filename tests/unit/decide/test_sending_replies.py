"""A refusal of a message is held against its Mailbox only where it cannot mean the message."""

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.sending_replies import (
    UNMISTAKABLE,
    WORDED,
    trouble_of_refusal,
)
from mailbox_operator.decide.failure.smtp_replies import LoginKind, Reply, Stage
from mailbox_operator.decide.failure.wording import said_in

MAIL, RCPT, DATA = Stage.MAIL, Stage.RCPT, Stage.DATA
STOREDRV = "STOREDRV.Submission.Exception:"

ABOUT_THE_MESSAGE = [
    (MAIL, 552, "5.3.4 Message size exceeds fixed limit"),
    (MAIL, 552, "Message size exceeds maximum value"),
    (MAIL, 554, "You have exceeded the message size limit"),
    (MAIL, 452, "4.3.1 Insufficient system storage"),
    (MAIL, 555, "5.5.4 Unsupported option: BODY=8BITMIME"),
    (MAIL, 451, "4.3.0 Try again later"),
    (RCPT, 550, "5.1.1 The email account that you tried to reach does not exist"),
    (
        RCPT,
        550,
        "5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
    ),
    (RCPT, 550, "No such user here"),
    (RCPT, 550, "5.7.1 <bob@x.example>: Recipient address rejected: Access denied"),
    (RCPT, 550, "5.7.133 RESOLVER.RST.SenderNotAuthenticatedForGroup; not allowed"),
    (RCPT, 553, "5.1.3 <bob@>: Recipient address rejected: not a sender or recipient"),
    (RCPT, 452, "4.5.3 Too many recipients"),
    (RCPT, 552, "5.5.3 Too many recipients per message, the limit is 100"),
    (RCPT, 550, "Recipient limit of 50 per message reached"),
    (RCPT, 450, "4.2.1 The user you are trying to contact is receiving mail too fast"),
    (RCPT, 452, "4.2.2 The email account that you tried to reach is over quota"),
    (RCPT, 552, "5.2.2 Mailbox is full"),
    (RCPT, 550, "5.2.1 The account of this recipient is disabled"),
    (RCPT, 451, "4.7.1 Greylisting in action, please come back later"),
    (RCPT, 554, "5.7.1 Relay access denied"),
    (DATA, 550, "5.7.1 Our system has detected that this message is likely unsolicited mail"),
    (DATA, 554, "5.7.1 Message contains a link that is listed in dbl.spamhaus.org"),
    (DATA, 554, "5.7.1 Blocked by SpamAssassin"),
    (DATA, 552, "5.2.3 Your message exceeded Google's message size limits"),
    (DATA, 552, "5.7.0 This message was blocked because its content presents a security issue"),
    (DATA, 554, "5.6.0 STOREDRV.Submit; message is malformed"),
    (DATA, 550, "5.6.3 Header size exceeds permitted maximum"),
    (DATA, 554, "5.4.6 Too many hops"),
    (DATA, 550, "5.7.26 This mail is unauthenticated: sender SPF and DKIM did not pass"),
    (DATA, 552, "5.2.2 <bob@acme.example> Quota exceeded (mailbox for user is full)"),
    (DATA, 554, "5.5.1 Error: no valid recipients"),
    (DATA, 451, "4.3.0 Error: queue file write error"),
    (DATA, 554, "Transaction failed"),
    (DATA, 550, "5.7.54 SMTP; Unable to relay recipient in non-accepted domain"),
]

ABOUT_THE_MAILBOX = [
    (DATA, 554, f"5.2.0 {STOREDRV}SubmissionQuotaExceededException; permanent exception",
     Reason.SENDING_LIMIT_REACHED, None),
    (MAIL, 554, f"5.2.0 {STOREDRV}SubmissionQuotaExceededException; permanent exception",
     Reason.SENDING_LIMIT_REACHED, None),
    (DATA, 550, "5.4.5 Daily user sending limit exceeded", Reason.SENDING_LIMIT_REACHED, None),
    (RCPT, 550, "5.4.5 Daily sending quota exceeded", Reason.SENDING_LIMIT_REACHED, None),
    (DATA, 550, "5.7.232 It can't be sent because your trial tenant exceeded its limit",
     Reason.SENDING_LIMIT_REACHED, None),
    (DATA, 454, "Throttling: Daily message quota exceeded.", Reason.SENDING_LIMIT_REACHED, None),
    (MAIL, 454, "4.7.0 Daily message quota exceeded", Reason.SENDING_LIMIT_REACHED, None),
    (DATA, 454, "4.7.0 Throttling failure: Maximum sending rate exceeded.", Reason.RATE_LIMITED, None),
    (DATA, 550, "5.2.251 Sender throttled due to continuous errors", Reason.RATE_LIMITED, None),
    (RCPT, 550, "5.2.252 Sender throttled due to continuous errors", Reason.RATE_LIMITED, None),
    (DATA, 550, "5.2.253 Sender throttled due to continuous errors", Reason.RATE_LIMITED, None),
    (DATA, 550, "5.2.254 Sender throttled due to too many recipients", Reason.RATE_LIMITED, None),
    (MAIL, 550, "5.2.255 Sender throttled due to continuous errors", Reason.RATE_LIMITED, None),
    (DATA, 421, "4.7.28 Gmail has detected an unusual rate of mail", Reason.RATE_LIMITED, None),
    (DATA, 421, "4.7.0 Try again later, closing connection", Reason.RATE_LIMITED, None),
    (DATA, 432, "4.3.2 Concurrent connections limit exceeded", Reason.RATE_LIMITED, None),
    (DATA, 550, "5.1.8 Access denied, bad outbound sender AS(42003)", Reason.ACCESS_BLOCKED,
     Finding.ACCOUNT_BLOCKED),
    (DATA, 550, "5.7.705 Access denied", Reason.ACCESS_BLOCKED, Finding.ACCOUNT_BLOCKED),
    (DATA, 550, "5.7.708 Service unavailable. Access denied", Reason.ACCESS_BLOCKED,
     Finding.CLIENT_REFUSED),
    (DATA, 554, f"5.2.2 mailbox full; {STOREDRV}QuotaExceededException.MapiExceptionQuotaExceeded",
     Reason.ACCESS_BLOCKED, Finding.MAILBOX_FULL),
    (DATA, 550, "5.7.60 SMTP; Client does not have permissions to send as this sender",
     Reason.SENDER_NOT_ALLOWED, None),
    (DATA, 554, f"5.2.0 {STOREDRV}SendAsDeniedException.MapiExceptionSendAsDenied",
     Reason.SENDER_NOT_ALLOWED, None),
    (RCPT, 553, "5.7.1 <noreply@acme.example>: Sender address rejected: not owned by user",
     Reason.SENDER_NOT_ALLOWED, None),
    (RCPT, 550, "5.1.8 <noreply@acme.example>: Sender address rejected: Domain not found",
     Reason.SENDER_NOT_ALLOWED, None),
    (MAIL, 553, "5.7.1 Sender address rejected: not owned by user", Reason.SENDER_NOT_ALLOWED, None),
    (RCPT, 530, "5.7.57 Client not authenticated to send mail.", Reason.SMTP_AUTH_DISABLED, None),
]  # fmt: skip


@pytest.mark.parametrize(("stage", "code", "text"), ABOUT_THE_MESSAGE)
def test_a_refusal_of_the_message_says_nothing_of_the_mailbox(
    stage: Stage, code: int, text: str
) -> None:
    assert trouble_of_refusal(Reply(code, text, stage, LoginKind.PASSWORD)) is None


@pytest.mark.parametrize(("stage", "code", "text", "reason", "finding"), ABOUT_THE_MAILBOX)
def test_a_refusal_of_the_mailbox_names_its_reason(
    stage: Stage, code: int, text: str, reason: Reason, finding: Finding | None
) -> None:
    fault = trouble_of_refusal(Reply(code, text, stage, LoginKind.TOKEN))

    assert fault is not None
    assert (fault.reason, fault.finding) == (reason, finding)


@given(
    stage=some.sampled_from([MAIL, RCPT, DATA]),
    code=some.sampled_from([552, 501, 555]) | some.integers(400, 599),
    detail=some.sampled_from(["1.1", "3.4", "5.3", "6.0", "2.2"]),
    words=some.sampled_from(["sender", "too many messages", "daily limit", "account suspended"]),
    login=some.sampled_from(LoginKind),
)
def test_a_code_about_the_message_outweighs_the_words(
    stage: Stage, code: int, detail: str, words: str, login: LoginKind
) -> None:
    code = 450 if code == 432 else code
    reply = Reply(code, f"{str(code)[0]}.{detail} {words}", stage, login)

    assert trouble_of_refusal(reply) is None


def test_every_line_about_the_mailbox_is_met_by_a_reply() -> None:
    replies = [
        (Reply(code, text, stage, LoginKind.TOKEN), said_in(text))
        for stage, code, text, *_ in ABOUT_THE_MAILBOX
    ]

    met = {row for row in (*UNMISTAKABLE, *WORDED) for each in replies if row.fits(*each)}

    assert [row for row in (*UNMISTAKABLE, *WORDED) if row not in met] == []
