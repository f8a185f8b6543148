"""What was found more precisely than a reason tells: the sentence, and whose move it is then.

A reason is an API word and has one sentence in `rules`. Where a kind of trouble under that reason has
another remedy, or another person to apply it, the fault names a finding, and these words replace the
row's. docs/reasons.md has this table as well, and a test compares the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from mailbox_operator.decide.failure.reasons import Move, Reason


class Finding(StrEnum):
    """A kind of trouble that is known more precisely than its reason."""

    NAME_NOT_ON_CERTIFICATE = "name not on certificate"
    CERTIFICATE_EXPIRED = "certificate expired"
    CERTIFICATE_NOT_YET_VALID = "certificate not yet valid"
    CERTIFICATE_TOO_WEAK = "certificate too weak"
    ISSUER_UNKNOWN = "issuer unknown"
    AUTHORITY_UNKNOWN = "authority unknown"
    NO_ENCRYPTION = "no encryption"
    ENCRYPTION_ASKED_AGAIN = "encryption asked again"
    CLIENT_CERTIFICATE_WANTED = "client certificate wanted"
    NO_LOGIN_OFFERED = "no login offered"
    WINDOWS_LOGINS_ONLY = "Windows logins only"
    TOKENS_ONLY = "tokens only"
    OTHER_MECHANISMS_ONLY = "other mechanisms only"
    EXCHANGE_ONLINE = "Exchange Online"
    PERSONAL_PASSWORD = "personal password"
    PASSWORDS_ENDED = "passwords ended"
    TOKENS_WANTED = "tokens wanted"
    SECOND_FACTOR_ASKED = "second factor asked"
    SESSION_CONTROL = "session control"
    SINGLE_PAGE_GRANT = "single-page grant"
    ACCOUNT_UNKNOWN = "account unknown"
    ACCOUNT_DISABLED = "account disabled"
    ACCOUNT_LOCKED = "account locked"
    PASSWORD_EXPIRED = "password expired"
    POLICY_FORBIDS = "policy forbids"
    DEVICE_REFUSED = "device refused"
    ORGANISATION_FORBIDS = "organisation forbids"
    NOT_ASSIGNED = "not assigned"
    APP_NOT_INSTALLED = "app not installed"
    FOREIGN_ACCOUNT = "foreign account"
    APP_UNKNOWN = "app unknown"
    APP_DISABLED = "app disabled"
    SECRET_WRONG = "secret wrong"
    SECRET_EXPIRED = "secret expired"
    SINGLE_PAGE_APP = "single-page app"
    REDIRECT_WRONG = "redirect wrong"
    TENANT_UNKNOWN = "tenant unknown"
    TENANT_NEEDED = "tenant needed"
    RESOURCE_UNKNOWN = "resource unknown"
    TOKEN_OF_ANOTHER_APP = "token of another app"
    APP_ROLE_MISSING = "app role missing"
    SERVICE_ACCOUNT_UNKNOWN = "service account unknown"
    SERVICE_ACCOUNT_DISABLED = "service account disabled"
    NOT_DELEGATED = "not delegated"
    NOT_A_USER = "not a user"
    TOKEN_REFUSED = "token refused"
    CLOCKS_DIFFER = "clocks differ"
    CLIENT_REFUSED = "client refused"
    GREETING_REFUSED = "greeting refused"
    GREETING_DEFERRED = "greeting deferred"
    ADDRESS_NOT_ADMITTED = "address not admitted"
    ACCOUNT_BLOCKED = "account blocked"
    PASSWORD_TRANSITION = "password transition"
    MAILBOX_FULL = "mailbox full"
    LOGIN_FORGOTTEN = "login forgotten"


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
REVOKED: Final = (Reason.GRANT_REVOKED,)
BLOCKED: Final = (Reason.ACCESS_BLOCKED,)
UNAPPROVED: Final = (Reason.ADMIN_CONSENT_REQUIRED,)
APP: Final = (Reason.OAUTH_APP_INVALID,)
UNDELEGATED: Final = (Reason.DELEGATION_NOT_GRANTED,)

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
    Finding.SECOND_FACTOR_ASKED: Words(
        REVOKED, Move.OWNER,
        "The organisation of {address} asks for a second factor, so the access granted before does not"
        " suffice ({code})",
        "put a refresh-token from a sign-in with the second factor into {secret}, or give"
        " consent{page} as {login} and complete it there",
        or_platform=True,
    ),
    Finding.SESSION_CONTROL: Words(
        REVOKED, Move.OWNER,
        "The session that the organisation allows {address} has ended ({code})",
        "put a new refresh-token into {secret}, or give consent{page} as {login}; it recurs until"
        " the administrator trusts the app or exempts it from Google Cloud session control",
        or_platform=True,
    ),
    Finding.SINGLE_PAGE_GRANT: Words(
        REVOKED, Move.OWNER,
        "Access to {address} has expired: the app is registered as a single-page application, whose"
        " access ends after a day ({code})",
        "register the app's redirect URI under platform Web, then put a new refresh-token into"
        " {secret}, or give consent{page} as {login}",
        or_platform=True,
    ),
    Finding.ACCOUNT_UNKNOWN: Words(
        BLOCKED, Move.ADMIN,
        "The account of {address} does not exist or was deleted ({code})",
        "restore the account or create it again; if it belongs to another organisation, the Mailbox"
        " has to name that one",
    ),
    Finding.ACCOUNT_DISABLED: Words(
        BLOCKED, Move.ADMIN,
        "The account of {address} is disabled or suspended ({code})",
        "enable the account again",
    ),
    Finding.ACCOUNT_LOCKED: Words(
        BLOCKED, Move.ADMIN,
        "The account of {address} is locked after too many failed sign-ins, or signs in from an"
        " address that is held to be malicious ({code})",
        "unlock the account, and find out who tries its password",
    ),
    Finding.PASSWORD_EXPIRED: Words(
        BLOCKED, Move.OWNER,
        "The password of the account of {address} has expired or has to be changed ({code})",
        "sign in once in a browser with that account and set a new password; put it into {secret} as"
        " well if the login is by password",
    ),
    Finding.POLICY_FORBIDS: Words(
        BLOCKED, Move.ADMIN,
        "A conditional access policy or security default forbids this sign-in for {address} ({code})",
        "find the policy in the sign-in logs of Entra, and let it admit this app or leave {address}"
        " out; another consent ends the same way",
    ),
    Finding.DEVICE_REFUSED: Words(
        BLOCKED, Move.ADMIN,
        "A policy asks for a registered device, or the device that {address} signed in with is"
        " unknown or disabled ({code})",
        "enable the device, or exempt this app from the device policy; then access has to be granted"
        " again",
    ),
    Finding.ORGANISATION_FORBIDS: Words(
        BLOCKED, Move.ADMIN,
        "Access between the organisations of the account and of the app is restricted ({code})",
        "admit the app in the cross-tenant access settings or tenant restrictions",
    ),
    Finding.NOT_ASSIGNED: Words(
        UNAPPROVED, Move.ADMIN,
        "The organisation lets only assigned accounts use the app, and {address} is none ({code})",
        "assign the account to the app (Enterprise applications, Users and groups), or switch"
        " assignment off",
    ),
    Finding.APP_NOT_INSTALLED: Words(
        UNAPPROVED, Move.ADMIN,
        "The app has no service principal, or a permission is not granted, in the organisation of"
        " {address} ({code})",
        "grant admin consent to the app, which adds it to the organisation",
    ),
    Finding.FOREIGN_ACCOUNT: Words(
        (Reason.IDENTITY_MISMATCH,), Move.OWNER,
        "The account that signed in does not belong to the organisation that was asked ({code})",
        "sign in with an account of that organisation, or correct outlook.tenant",
    ),
    Finding.APP_UNKNOWN: Words(
        APP, Move.OWNER,
        "The OAuth app is unknown there ({code})",
        "check client-id in {secret} (the application's ID, not a user name or an object ID) and the"
        " tenant; an app that was deleted has to be registered again",
        or_platform=True,
    ),
    Finding.APP_DISABLED: Words(
        APP, Move.OWNER,
        "The OAuth app is disabled ({code})",
        "enable the app where it is registered (at Microsoft: Enterprise applications, Enabled for"
        " users to sign in), or put another client-id and client-secret into {secret}",
        or_platform=True,
    ),
    Finding.SECRET_WRONG: Words(
        APP, Move.OWNER,
        "The OAuth app's client secret is wrong ({code})",
        "put the right client-secret into {secret}: the secret's value, not its ID, and that of this"
        " client-id",
        or_platform=True,
    ),
    Finding.SECRET_EXPIRED: Words(
        APP, Move.OWNER,
        "The OAuth app's client secret has expired ({code})",
        "create a new client secret where the app is registered, and put its value as client-secret"
        " into {secret}",
        or_platform=True,
    ),
    Finding.SINGLE_PAGE_APP: Words(
        APP, Move.OWNER,
        "The OAuth app is registered as a single-page application, whose tokens a server cannot"
        " redeem ({code})",
        "register the app's redirect URI under platform Web instead, then grant access again",
        or_platform=True,
    ),
    Finding.REDIRECT_WRONG: Words(
        APP, Move.OWNER,
        "The redirect URI is not registered in the OAuth app ({code})",
        "register the platform's redirect URI in the app to the letter; the consent page shows it",
        or_platform=True,
    ),
    Finding.TENANT_UNKNOWN: Words(
        APP, Move.OWNER,
        "The tenant does not exist in this cloud ({code})",
        "correct outlook.tenant, or tenant-id in {secret}, and check outlook.cloud",
        or_platform=True,
    ),
    Finding.TENANT_NEEDED: Words(
        APP, Move.OWNER,
        "The OAuth app is open to one tenant only, or the tenant asked for does not fit ({code})",
        "set outlook.tenant, or tenant-id in {secret}, to the organisation's tenant, or register the"
        " app for more tenants",
        or_platform=True,
    ),
    Finding.RESOURCE_UNKNOWN: Words(
        APP, Move.OWNER,
        "The OAuth app may not ask for Exchange Online's permission here ({code})",
        "add the permission to send by SMTP to the app, and check outlook.tenant and outlook.cloud; the"
        " organisation needs Exchange Online",
        or_platform=True,
    ),
    Finding.TOKEN_OF_ANOTHER_APP: Words(
        APP, Move.OWNER,
        "The refresh token was issued to another OAuth app, or the app may not use one ({code})",
        "put client-id, client-secret and refresh-token of one and the same app into {secret}",
        or_platform=True,
    ),
    Finding.APP_ROLE_MISSING: Words(
        UNDELEGATED, Move.ADMIN,
        "The app has no permission of its own to send for {address} ({code})",
        "grant admin consent to the application permission SMTP.SendAsApp, then run"
        " New-ServicePrincipal and Add-MailboxPermission for this mailbox in Exchange Online",
    ),
    Finding.SERVICE_ACCOUNT_UNKNOWN: Words(
        APP, Move.OWNER,
        "The service account or its key is unknown to Google ({code})",
        "put a current key file of an existing service account into service-account.json of {secret};"
        " a new key takes some minutes to be known",
    ),
    Finding.SERVICE_ACCOUNT_DISABLED: Words(
        APP, Move.OWNER,
        "The service account is disabled ({code})",
        "enable the service account in its Google Cloud project, or put the key file of another one"
        " into service-account.json of {secret}",
    ),
    Finding.NOT_DELEGATED: Words(
        UNDELEGATED, Move.ADMIN,
        "Domain-wide delegation does not let the service account act for {address} ({code})",
        "in the Google Admin console, under API controls, Domain-wide delegation, add the client ID"
        " of the service account with the scope https://mail.google.com/; it takes up to a day to"
        " work",
    ),
    Finding.NOT_A_USER: Words(
        BLOCKED, Move.ADMIN,
        "There is no active Google Workspace user {address} ({code})",
        "create, restore or reactivate that user; an alias or a group does not do, the Mailbox has to"
        " name the user's primary address",
    ),
    Finding.TOKEN_REFUSED: Words(
        BLOCKED, Move.ADMIN,
        "The access of {login} is refused by {endpoint}, although it is that account's own ({code})",
        "check that the account has a licensed mailbox, that authenticated SMTP is on for it"
        " (Set-CASMailbox -SmtpClientAuthenticationDisabled $false), and that no policy forbids it",
    ),
    Finding.CLOCKS_DIFFER: Words(
        (Reason.UNKNOWN,), Move.PLATFORM,
        "The operator's clock and the provider's differ ({code})",
        "set the clocks of the cluster's nodes; the operator keeps retrying",
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
