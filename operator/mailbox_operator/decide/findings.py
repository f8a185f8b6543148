"""What was found more precisely than a reason tells: the sentence, and whose move it is then.

A reason is an API word and has one sentence in `rules`. Where a kind of trouble under that reason has
another remedy, or another person to apply it, the fault names a finding, and these words replace the
row's. docs/reasons.md has this table as well, and a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailbox_operator.decide.reasons import Move, Reason


class Finding(StrEnum):
    """A kind of trouble that is known more precisely than its reason."""

    NAME_NOT_ON_CERTIFICATE = "name not on certificate"
    CERTIFICATE_EXPIRED = "certificate expired"
    CERTIFICATE_NOT_YET_VALID = "certificate not yet valid"
    CERTIFICATE_TOO_WEAK = "certificate too weak"
    ISSUER_UNKNOWN = "issuer unknown"
    AUTHORITY_UNKNOWN = "authority unknown"
    NO_ENCRYPTION = "no encryption"
    NO_LOGIN_OFFERED = "no login offered"
    WINDOWS_LOGINS_ONLY = "Windows logins only"
    TOKENS_ONLY = "tokens only"
    OTHER_MECHANISMS_ONLY = "other mechanisms only"
    EXCHANGE_ONLINE = "Exchange Online"
    PERSONAL_PASSWORD = "personal password"
    PASSWORDS_ENDED = "passwords ended"


@dataclass(frozen=True, slots=True)
class Words:
    """What replaces the words of a reason's row; placeholders are the fault's facts there as well.

    Attributes:
        reasons: Those that this may be found under.
        move: Whose move it is, whatever the infrastructure.
        what, todo: As in `Rule`.
        or_platform: A server that the platform names is the platform's all the same, as the row says.
    """

    reasons: tuple[Reason, ...]
    move: Move
    what: str
    todo: str
    or_platform: bool = False


UNTRUSTED: Final = "The certificate of {host} cannot be trusted: {problem}"
NOTHING_IN_COMMON: Final = (
    "No login is possible at {endpoint}: it offers only {offered}; the operator speaks {spoken}"
)
SWITCHED_OFF: Final = (Reason.SMTP_AUTH_DISABLED,)
VERIFICATION: Final = (Reason.TLS_VERIFICATION_FAILED,)

WORDS_OF: Final[Mapping[Finding, Words]] = {
    Finding.NAME_NOT_ON_CERTIFICATE: Words(
        VERIFICATION, Move.OWNER, UNTRUSTED,
        "set smtp.host to a name on the certificate, or have the certificate issued for {host}",
        or_platform=True,
    ),
    Finding.CERTIFICATE_EXPIRED: Words(
        VERIFICATION, Move.ADMIN, UNTRUSTED,
        "renew the certificate of that server",
        or_platform=True,
    ),
    Finding.CERTIFICATE_NOT_YET_VALID: Words(
        VERIFICATION, Move.ADMIN, UNTRUSTED,
        "install a certificate that is valid now, or correct the clock of the operator's node",
        or_platform=True,
    ),
    Finding.CERTIFICATE_TOO_WEAK: Words(
        VERIFICATION, Move.ADMIN, UNTRUSTED,
        "have the certificate issued again, with an RSA key of 2048 bits or more or an EC key, signed"
        " with SHA-256 or better",
        or_platform=True,
    ),
    Finding.ISSUER_UNKNOWN: Words(
        VERIFICATION, Move.ADMIN, UNTRUSTED,
        "have the server send its full chain, which includes the intermediate certificates; if its"
        " authority is your own, put that into `ca.crt` of the Secret in smtp.caSecretRef",
        or_platform=True,
    ),
    Finding.AUTHORITY_UNKNOWN: Words(
        VERIFICATION, Move.OWNER, UNTRUSTED,
        "put the certificate of its authority into `ca.crt` of the Secret in smtp.caSecretRef, or have"
        " the server use a public authority",
        or_platform=True,
    ),
    Finding.NO_ENCRYPTION: Words(
        (Reason.TLS_MODE_MISMATCH,), Move.ADMIN,
        "No encryption is offered by {endpoint}{other}",
        "offer STARTTLS at port 587 or TLS at port 465; the operator sends no credentials without",
        or_platform=True,
    ),
    Finding.NO_LOGIN_OFFERED: Words(
        SWITCHED_OFF, Move.ADMIN,
        "No login is offered by {endpoint}, not even after TLS",
        "allow authentication (AUTH) at this port, or tell the owner the host and port where mail is"
        " submitted; a server for incoming mail takes no logins",
    ),
    Finding.WINDOWS_LOGINS_ONLY: Words(
        SWITCHED_OFF, Move.ADMIN, NOTHING_IN_COMMON,
        "allow basic authentication after TLS on this receive connector (Exchange Server:"
        " Set-ReceiveConnector -AuthMechanism Tls, BasicAuth, BasicAuthRequireTLS)",
    ),
    Finding.TOKENS_ONLY: Words(
        SWITCHED_OFF, Move.OWNER,
        "No password is accepted by {endpoint}: it offers only {offered}, which are for OAuth",
        "use provider Outlook or Google if the mailbox is there, and give consent; otherwise ask the"
        " server's administrator for a login by password",
    ),
    Finding.OTHER_MECHANISMS_ONLY: Words(
        SWITCHED_OFF, Move.ADMIN, NOTHING_IN_COMMON,
        "offer one of these at that port",
    ),
    Finding.EXCHANGE_ONLINE: Words(
        SWITCHED_OFF, Move.ADMIN,
        "Authenticated SMTP is switched off for {address} at {host} ({code})",
        "switch it on for this mailbox (Exchange Online: Set-CASMailbox"
        " -SmtpClientAuthenticationDisabled $false)",
    ),
    Finding.PERSONAL_PASSWORD: Words(
        (Reason.SMTP_AUTH_DISABLED, Reason.INVALID_CREDENTIALS), Move.OWNER,
        "No password or app password is accepted for {address} any more: Microsoft ended them for"
        " personal accounts ({code})",
        "use provider Outlook in place of SMTP, and give consent",
    ),
    Finding.PASSWORDS_ENDED: Words(
        SWITCHED_OFF, Move.OWNER,
        "No password is accepted for {address} any more: Exchange Online has ended them ({code})",
        "use provider Outlook in place of SMTP, and give consent",
    ),
}  # fmt: skip
