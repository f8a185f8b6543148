"""What the gateway answers an application in words of its own: one table, and how a row is filled in.

"Not now" is always 4xx: the mail is fine, and an application or a queue in front of it tries again.
535 is only ever about the application's own login. `docs/sending.md` shows the same table.

Source: RFC 5321 section 4.2, RFC 3463 and RFC 5248 (enhanced codes), RFC 4954 section 6.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailbox_operator.decide.texts.scrub import printable

LONGEST_TEXT: Final = 480
"""Characters of a text; with code, enhanced code and line end it fits into the 512 of a reply line."""
LEAST_NO: Final = 400
LEAST_PERMANENT: Final = 500


@dataclass(frozen=True, slots=True)
class Answer:
    """One reply to an application, of ours or of a provider.

    Attributes:
        code: Three digits; below 400 it means yes.
        enhanced: RFC 3463, as in `4.3.5`; empty where a reply has none.
        text: What it says; other people's words are allowed in it.
    """

    code: int
    enhanced: str
    text: str

    @property
    def is_yes(self) -> bool:
        """Say whether what was asked for is done."""
        return self.code < LEAST_NO

    @property
    def is_permanent(self) -> bool:
        """Say whether it is a no that will be one again (RFC 5321 section 4.2.1)."""
        return self.code >= LEAST_PERMANENT

    @property
    def is_last(self) -> bool:
        """Say whether the connection ends with this reply (RFC 5321 section 3.8)."""
        return self.code in {221, 421}

    def line(self) -> bytes:
        """Write the reply as one line that nobody's words can break."""
        words = f"{self.enhanced} {self.text}" if self.enhanced else self.text
        return f"{self.code} {printable(words)[:LONGEST_TEXT]}\r\n".encode("ascii")


class Situation(StrEnum):
    """A situation in which the gateway answers by itself; the word is the label of a metric."""

    LOGGED_IN = "LoggedIn"
    SENDER_TAKEN = "SenderTaken"
    RECIPIENT_TAKEN = "RecipientTaken"
    MESSAGE_EXPECTED = "MessageExpected"
    DONE = "Done"
    CANNOT_VERIFY = "CannotVerify"
    HELP = "Help"
    TLS_READY = "TLSReady"
    GOODBYE = "Goodbye"

    LOGIN_WRONG = "LoginWrong"
    LOGINS_UNKNOWN_YET = "LoginsUnknownYet"
    LOGIN_WITHOUT_TLS = "LoginWithoutTLS"
    NO_TLS = "NoTLS"
    NO_LOGIN = "NoLogin"
    TOO_MANY_LOGINS = "TooManyWrongLogins"
    LOGIN_CANCELLED = "LoginCancelled"
    MECHANISM_UNKNOWN = "MechanismUnknown"
    LOGIN_UNREADABLE = "LoginUnreadable"

    FOREIGN_SENDER = "ForeignSender"
    NO_SENDER_ADDRESS = "NoSenderAddress"
    FOREIGN_FROM = "ForeignFrom"
    FROM_UNREADABLE = "FromUnreadable"
    CANNOT_REWRITE = "CannotRewrite"
    LOOP = "Loop"
    NUL_IN_MESSAGE = "NULInMessage"

    NO_MAILBOX = "NoMailbox"
    NOT_CONNECTED = "MailboxNotConnected"
    FOLLOW_UP_WAITS = "FollowUpWaits"
    RECONNECTING = "MailboxReconnecting"
    SUSPENDED = "Suspended"
    SENDER_INVALID = "SenderInvalid"
    LIMIT_REACHED = "SendingLimitReached"
    OWN_LIMIT_REACHED = "OwnLimitReached"
    ABOVE_LIMIT = "AboveLimit"
    UNCOUNTED = "Uncounted"
    SENDER_PAUSED = "SenderPaused"
    PROVIDER_REFUSED_LOGIN = "ProviderRefusedLogin"
    PROVIDER_UNREACHABLE = "ProviderUnreachable"
    BUSY = "MailboxBusy"
    IN_DOUBT = "DeliveryInDoubt"
    UNEXPECTED = "Unexpected"

    TOO_LARGE = "MessageTooLarge"
    NO_ROOM = "NoRoom"
    TOO_MANY_RECIPIENTS = "TooManyRecipients"

    UNKNOWN_COMMAND = "UnknownCommand"
    LINE_TOO_LONG = "LineTooLong"
    LOGIN_TOO_LONG = "LoginTooLong"
    LINE_UNREADABLE = "LineUnreadable"
    ARGUMENT_WRONG = "ArgumentWrong"
    PARAMETER_UNKNOWN = "ParameterUnknown"
    ADDRESS_WRONG = "AddressWrong"
    ADDRESS_NOT_ASCII = "AddressNotASCII"
    WRONG_ORDER = "WrongOrder"
    TOO_MANY_ERRORS = "TooManyErrors"

    TOO_MANY_CONNECTIONS = "TooManyConnections"
    TOO_SLOW = "TooSlow"
    SHUTTING_DOWN = "ShuttingDown"


ANSWERS: Final[Mapping[Situation, Answer]] = {
    Situation.LOGGED_IN: Answer(235, "2.7.0", "logged in"),
    Situation.SENDER_TAKEN: Answer(250, "2.1.0", "sender accepted"),
    Situation.RECIPIENT_TAKEN: Answer(250, "2.1.5", "recipient accepted"),
    Situation.MESSAGE_EXPECTED: Answer(354, "", "send the message, end with a dot on its own line"),
    Situation.DONE: Answer(250, "2.0.0", "done"),
    Situation.CANNOT_VERIFY: Answer(252, "2.5.0", "addresses are not verified, send the message"),
    Situation.HELP: Answer(214, "2.0.0", "RFC 5321, with STARTTLS and AUTH"),
    Situation.TLS_READY: Answer(220, "2.0.0", "begin TLS"),
    Situation.GOODBYE: Answer(221, "2.0.0", "goodbye"),
    Situation.LOGIN_WRONG: Answer(
        535, "5.7.8", "user name or password is not the one in the Sender's Secret"
    ),
    Situation.LOGINS_UNKNOWN_YET: Answer(
        454, "4.7.0", "the gateway cannot judge logins now, try again"
    ),
    Situation.LOGIN_WITHOUT_TLS: Answer(538, "5.7.11", "begin TLS before the login"),
    Situation.NO_TLS: Answer(530, "5.7.0", "begin TLS first"),
    Situation.NO_LOGIN: Answer(530, "5.7.0", "log in first"),
    Situation.TOO_MANY_LOGINS: Answer(421, "4.7.0", "too many wrong logins, try again in a minute"),
    Situation.LOGIN_CANCELLED: Answer(501, "5.7.0", "login cancelled"),
    Situation.MECHANISM_UNKNOWN: Answer(504, "5.5.4", "log in by PLAIN or LOGIN"),
    Situation.LOGIN_UNREADABLE: Answer(501, "5.5.2", "the login is not encoded as it must be"),
    Situation.FOREIGN_SENDER: Answer(553, "5.7.1", "{address} is not a mailbox of sender {sender}"),
    Situation.NO_SENDER_ADDRESS: Answer(
        553, "5.7.1", "MAIL FROM must name a mailbox, the empty address <> cannot send"
    ),
    Situation.FOREIGN_FROM: Answer(
        553, "5.7.1", "the header From must contain {address} and no other address"
    ),
    Situation.FROM_UNREADABLE: Answer(
        550, "5.6.0", "the message must have one header From, with one address: {problem}"
    ),
    Situation.CANNOT_REWRITE: Answer(
        550, "5.6.2", "the header From of the message cannot be replaced: {problem}"
    ),
    Situation.LOOP: Answer(554, "5.4.6", "more than {most} headers Received: a mail loop"),
    Situation.NUL_IN_MESSAGE: Answer(554, "5.6.0", "the message contains the character NUL"),
    Situation.NO_MAILBOX: Answer(
        451,
        "4.3.5",
        "sender {namespace}/{name} has no mailbox yet. See kubectl -n {namespace} describe sender"
        " {name}",
    ),
    Situation.NOT_CONNECTED: Answer(
        451,
        "4.3.5",
        "{namespace}/{name} is not connected: {reason}. See kubectl -n {namespace} describe"
        " mailbox {name}",
    ),
    Situation.FOLLOW_UP_WAITS: Answer(
        450, "4.3.2", "a follow-up goes out by the recipient's own mailbox only: {problem}"
    ),
    Situation.RECONNECTING: Answer(
        451, "4.4.1", "{namespace}/{name} is being connected: {reason}, try again"
    ),
    Situation.SUSPENDED: Answer(450, "4.7.13", "{kind} {namespace}/{name} is suspended"),
    Situation.SENDER_INVALID: Answer(
        451,
        "4.3.5",
        "sender {namespace}/{name} has a spec that cannot be used. See kubectl -n {namespace} describe"
        " sender {name}",
    ),
    Situation.LIMIT_REACHED: Answer(
        450, "4.4.5", "{namespace}/{name} has reached its provider's limit, try again later"
    ),
    Situation.OWN_LIMIT_REACHED: Answer(
        450, "4.4.5", "{namespace}/{name} has reached its limit of {limit}, next at {next}"
    ),
    Situation.ABOVE_LIMIT: Answer(
        550,
        "5.5.3",
        "the message has {count} recipients, and {namespace}/{name} has a limit of {limit}",
    ),
    Situation.UNCOUNTED: Answer(
        451, "4.3.0", "what {namespace}/{name} has sent cannot be counted now, try again"
    ),
    Situation.SENDER_PAUSED: Answer(
        450,
        "4.7.1",
        "sender {namespace}/{name} is paused for minutes, its mail was refused too often",
    ),
    Situation.PROVIDER_REFUSED_LOGIN: Answer(
        451,
        "4.3.5",
        "the provider refused the login of {namespace}/{name}: {reason}. It is looked at, try again",
    ),
    Situation.PROVIDER_UNREACHABLE: Answer(
        451, "4.4.1", "the provider of {namespace}/{name} is not reached: {reason}, try again"
    ),
    Situation.BUSY: Answer(
        451, "4.3.2", "{namespace}/{name} is busy with other messages, try again"
    ),
    Situation.IN_DOUBT: Answer(
        451, "4.4.2", "delivery in doubt: the provider was lost after the end of the message"
    ),
    Situation.UNEXPECTED: Answer(451, "4.3.0", "the gateway failed, try again"),
    Situation.TOO_LARGE: Answer(552, "5.3.4", "a message may have {most} bytes"),
    Situation.NO_ROOM: Answer(452, "4.3.1", "the gateway has no room for the message, try again"),
    Situation.TOO_MANY_RECIPIENTS: Answer(452, "4.5.3", "a message may have {most} recipients"),
    Situation.UNKNOWN_COMMAND: Answer(500, "5.5.1", "the command is unknown"),
    Situation.LINE_TOO_LONG: Answer(500, "5.5.2", "the line is too long"),
    Situation.LOGIN_TOO_LONG: Answer(500, "5.5.6", "the line of the login is too long"),
    Situation.LINE_UNREADABLE: Answer(
        500, "5.5.2", "a command is printable ASCII and ends with CR LF"
    ),
    Situation.ARGUMENT_WRONG: Answer(501, "5.5.4", "the command is written {form}"),
    Situation.PARAMETER_UNKNOWN: Answer(555, "5.5.4", "the parameter {parameter} is not offered"),
    Situation.ADDRESS_WRONG: Answer(
        501, "5.1.3", "write a plain address as in <jane@acme.example>"
    ),
    Situation.ADDRESS_NOT_ASCII: Answer(553, "5.6.7", "addresses beyond ASCII are not supported"),
    Situation.WRONG_ORDER: Answer(503, "5.5.1", "not now: {problem}"),
    Situation.TOO_MANY_ERRORS: Answer(421, "4.7.0", "too many errors"),
    Situation.TOO_MANY_CONNECTIONS: Answer(421, "4.3.2", "too many connections, try again"),
    Situation.TOO_SLOW: Answer(421, "4.4.2", "nothing came in time"),
    Situation.SHUTTING_DOWN: Answer(421, "4.3.2", "the gateway is shutting down, try again"),
}


def answer(situation: Situation, **facts: object) -> Answer:
    """Fill in the row of a situation.

    Args:
        situation: The row.
        facts: Values for its placeholders. Never a secret, and not the link of a consent.

    Raises:
        KeyError: A placeholder has no value.
    """
    row = ANSWERS[situation]
    return Answer(row.code, row.enhanced, row.text.format_map(facts)) if "{" in row.text else row
