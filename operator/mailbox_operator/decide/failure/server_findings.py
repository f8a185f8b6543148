"""What is found at mail servers: certificates, encryption, the logins they offer and refuse."""

from collections.abc import Mapping
from typing import Final

from mailbox_operator.decide.failure.finding import Finding, Words
from mailbox_operator.decide.failure.reasons import Move, Reason

UNTRUSTED: Final = "The certificate of {host} cannot be trusted: {problem}"
NOTHING_IN_COMMON: Final = (
    "No login is possible at {endpoint}: it offers only {offered}; the operator speaks {spoken}"
)
SWITCHED_OFF: Final = (Reason.SMTP_AUTH_DISABLED,)
VERIFICATION: Final = (Reason.TLS_VERIFICATION_FAILED,)

AT_SERVERS: Final[Mapping[Finding, Words]] = {
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
    Finding.ENCRYPTION_ASKED_AGAIN: Words(
        (Reason.TLS_MODE_MISMATCH,), Move.ADMIN,
        "The login was accepted over TLS, but {endpoint} asks for encryption before it takes mail"
        " ({code})",
        "if a proxy passes mail on to another server there, have it use TLS, or have that server trust"
        " the proxy; port and security are right",
        or_platform=True,
    ),
    Finding.CLIENT_CERTIFICATE_WANTED: Words(
        (Reason.TLS_HANDSHAKE_FAILED,), Move.ADMIN,
        "No login is possible at {endpoint}: it wants a client certificate, and the operator has none",
        "admit clients without a certificate at that port, where they log in by password or token, or"
        " tell the owner the host and port that do",
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
    Finding.TOKENS_WANTED: Words(
        SWITCHED_OFF, Move.OWNER,
        "No password is accepted for {address} by {endpoint}: it asks for OAuth ({code})",
        "use provider Outlook or Google if the mailbox is there, and give consent; otherwise ask the"
        " server's administrator for a login by password",
    ),
    Finding.CLIENT_REFUSED: Words(
        (Reason.ACCESS_BLOCKED,), Move.PLATFORM,
        "Connections from this cluster are refused by {endpoint} ({code})",
        "have the cluster's egress address taken off the block list that the reply names in the"
        " operator's log, or ask the server's administrator to admit it; a server that takes no mail"
        " programs at all is the wrong smtp.host",
    ),
    Finding.GREETING_REFUSED: Words(
        (Reason.ACCESS_BLOCKED,), Move.PLATFORM,
        "The name by which the operator greets servers (EHLO) is refused by {endpoint} ({code})",
        "set smtp.ehloName in the operator's configuration to a host name that resolves to the"
        " cluster's egress address, or ask the server's administrator to admit it",
    ),
    Finding.GREETING_DEFERRED: Words(
        (Reason.RATE_LIMITED, Reason.PROVIDER_UNAVAILABLE), Move.PLATFORM,
        "The operator's greeting (EHLO) is turned away for now by {endpoint} ({code})",
        "the operator keeps retrying; if this lasts, set smtp.ehloName in the operator's configuration"
        " to a host name that resolves to the cluster's egress address, and check that the address is"
        " on no block list",
    ),
    Finding.ADDRESS_NOT_ADMITTED: Words(
        (Reason.ACCESS_BLOCKED,), Move.ADMIN,
        "This cluster's egress address is not admitted for {address} at {host} ({code})",
        "register the egress address or its country, and the sender's domain where the provider asks"
        " for it, in the provider's settings; the platform team knows the address",
    ),
    Finding.ACCOUNT_BLOCKED: Words(
        (Reason.ACCESS_BLOCKED,), Move.ADMIN,
        "The account of {address} is blocked, suspended, expired or not active yet at {host} ({code})",
        "unblock, renew or activate the account at the provider; if it was blocked, find out first why",
    ),
    Finding.PASSWORD_TRANSITION: Words(
        (Reason.ACCESS_BLOCKED,), Move.OWNER,
        "The account of {address} has to move to another way of logging in at {host} ({code})",
        "sign in once at the provider as {address} with the password, or set a new one there and in"
        " {secret}",
    ),
    Finding.MAILBOX_FULL: Words(
        (Reason.ACCESS_BLOCKED,), Move.OWNER,
        "The mailbox of {address} is full, so {host} accepts no mail from it ({code})",
        "delete mail there, or ask for more storage",
    ),
    Finding.LOGIN_FORGOTTEN: Words(
        (Reason.SMTP_AUTH_DISABLED,), Move.ADMIN,
        "The login was accepted, but {endpoint} asks for one again before it takes mail ({code})",
        "allow this account to send by authenticated SMTP at this server",
    ),
}  # fmt: skip
