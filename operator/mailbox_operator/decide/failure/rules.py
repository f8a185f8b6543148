"""The table of reasons: every way a mailbox can fail, who must act, and what happens next.

docs/reasons.md is this table for people; `make docs` writes it. A sentence does not begin with a
placeholder: host names keep their case, and a neutral word may stand there instead.
"""

from collections.abc import Mapping
from typing import Final

from mailbox_operator.decide.failure.reasons import Move, Reason, ReasonFamily, Retry, Rule

PORT_ADVICE: Final = "587 is STARTTLS, 465 is TLS"
SERVER: Final = "check the server in the preset or in the operator's configuration"

RULES: Final[Mapping[Reason, Rule]] = {
    Reason.CONNECTED: Rule(
        Retry.INTERVAL, Move.NOBODY, ReasonFamily.OTHER,
        "The mail server accepted the login and the sender",
        "the operator checks again every checkInterval",
    ),
    Reason.CONNECTED_UNVERIFIED: Rule(
        Retry.INTERVAL, Move.PLATFORM, ReasonFamily.OTHER,
        "The login is fine, but the mail server does not prove who owns {address}; the address is not"
        " claimed, and the platform's relay is not used for it",
        "to vouch for the owner, bind the domain to this namespace in spec.domains of the"
        " ManagedInfrastructure {infrastructure}",
    ),
    Reason.PROGRESSING: Rule(
        Retry.BACKOFF, Move.NOBODY, ReasonFamily.OTHER,
        "The connection is being tried", "the result follows shortly",
    ),
    Reason.AWAITING_CONSENT: Rule(
        Retry.DEPENDENCY, Move.OWNER, ReasonFamily.PERMISSIONS,
        "Nobody has allowed access to {address} yet",
        "give consent{page} as {login} and click Allow on every screen, or put a refresh-token"
        " into {secret}",
        Move.OWNER, "give consent{page} as {login} and click Allow on every screen",
    ),
    Reason.CONSENT_INCOMPLETE: Rule(
        Retry.PERSON, Move.OWNER, ReasonFamily.PERMISSIONS,
        "Permissions were not fully granted: {missing} is missing",
        "give consent{page} as {login} and click Allow on every screen, or put a refresh-token with all"
        " permissions into {secret}",
        Move.OWNER, "give consent{page} as {login} and click Allow on every screen",
    ),
    Reason.ADMIN_CONSENT_REQUIRED: Rule(
        Retry.PERSON, Move.ADMIN, ReasonFamily.PERMISSIONS,
        "The organisation of {address} has not approved the app ({code})",
        "approve the app for the organisation, or assign {address} to it",
    ),
    Reason.IDENTITY_MISMATCH: Rule(
        Retry.PERSON, Move.OWNER, ReasonFamily.PERMISSIONS,
        "Access was granted by another account than {login}",
        "give consent{page} and sign in as {login}",
    ),
    Reason.GRANT_REVOKED: Rule(
        Retry.PERSON, Move.OWNER, ReasonFamily.PERMISSIONS,
        "Access to {address} has expired or was revoked ({code})",
        "put a new refresh-token into {secret}, or give consent{page} as {login}{recurrence}",
        Move.OWNER, "give consent{page} as {login} and click Allow on every screen",
    ),
    Reason.ACCESS_BLOCKED: Rule(
        Retry.PERSON, Move.ADMIN, ReasonFamily.OTHER,
        "A security check or a sign-in policy blocks {address} ({code})",
        "sign in once in a browser as {address}, unlock the account, or let the policy admit this"
        " login",
    ),
    Reason.OAUTH_APP_INVALID: Rule(
        Retry.PERSON, Move.OWNER, ReasonFamily.OTHER,
        "The OAuth app was refused ({code})",
        "check client-id and client-secret in {secret} (the secret's value, not its ID), its"
        " expiry date, and the tenant",
        Move.PLATFORM, "check client-id, client-secret (its value, not its ID), expiry date and"
        " tenant of the ManagedInfrastructure's app",
    ),
    Reason.DELEGATION_NOT_GRANTED: Rule(
        Retry.PERSON, Move.ADMIN, ReasonFamily.PERMISSIONS,
        "The app may not act for {address} ({code})",
        "in Google Workspace grant domain-wide delegation for https://mail.google.com/; in"
        " Exchange Online run New-ServicePrincipal and Add-MailboxPermission for this mailbox",
    ),
    Reason.SMTP_AUTH_DISABLED: Rule(
        Retry.PERSON, Move.ADMIN, ReasonFamily.PERMISSIONS,
        "Authenticated SMTP is switched off for {address} at {host} ({code})",
        "switch it on for this account in the settings of the mail server or provider",
    ),
    Reason.APP_PASSWORD_REQUIRED: Rule(
        Retry.PERSON, Move.OWNER, ReasonFamily.APP_PASSWORD,
        "An app-specific password is needed at {host}, not the account's own ({code})",
        "create an app password{advice} and put it into `password` of {secret}",
    ),
    Reason.INVALID_CREDENTIALS: Rule(
        Retry.PERSON, Move.OWNER, ReasonFamily.SETTINGS,
        "The username or password was refused by {endpoint} ({code})",
        "correct `username` and `password` in {secret}{advice}",
    ),
    Reason.CREDENTIALS_MISSING: Rule(
        Retry.DEPENDENCY, Move.OWNER, ReasonFamily.SETTINGS,
        "Credentials are missing or unusable in {secret}: {problem}",
        "create or correct that Secret",
    ),
    Reason.SENDER_NOT_ALLOWED: Rule(
        Retry.PERSON, Move.OWNER, ReasonFamily.SETTINGS,
        "The login is fine, but {endpoint} refuses {address} as sender ({code})",
        "use an address that this login may send as, or verify {address} with the provider",
    ),
    Reason.HOST_NOT_FOUND: Rule(
        Retry.PERSON, Move.OWNER, ReasonFamily.SETTINGS,
        "No server has the name {host}",
        "correct smtp.host in the spec",
        Move.PLATFORM, SERVER,
    ),
    Reason.CONNECTION_REFUSED: Rule(
        Retry.BACKOFF, Move.OWNER, ReasonFamily.SETTINGS,
        "Connections are refused by {endpoint}{other}",
        f"check host and port ({PORT_ADVICE}); the operator keeps retrying",
        Move.PLATFORM, f"{SERVER} ({PORT_ADVICE}); the operator keeps retrying",
    ),
    Reason.CONNECTION_TIMEOUT: Rule(
        Retry.BACKOFF, Move.OWNER, ReasonFamily.SETTINGS,
        "No answer comes from {endpoint}{other}",
        f"check host and port ({PORT_ADVICE}); the operator keeps retrying",
        Move.PLATFORM, f"{SERVER} ({PORT_ADVICE}); the operator keeps retrying",
    ),
    Reason.TLS_MODE_MISMATCH: Rule(
        Retry.PERSON, Move.OWNER, ReasonFamily.SETTINGS,
        "Port and security do not match: no {security} at {endpoint}{other}",
        f"correct smtp.port and smtp.security: {PORT_ADVICE}",
        Move.PLATFORM, f"{SERVER} ({PORT_ADVICE})",
    ),
    Reason.TLS_VERIFICATION_FAILED: Rule(
        Retry.PERSON, Move.OWNER, ReasonFamily.SETTINGS,
        "The certificate of {host} cannot be trusted: {problem}",
        "use the host name on the certificate, have it renewed, or name its authority in"
        " caSecretRef",
        Move.PLATFORM, SERVER,
    ),
    Reason.TLS_HANDSHAKE_FAILED: Rule(
        Retry.PERSON, Move.ADMIN, ReasonFamily.OTHER,
        "No TLS connection can be set up with {endpoint}: {problem}",
        "correct the TLS settings of that server (TLS 1.2 or newer with ECDHE; keys, ciphers, ALPN);"
        " port and security are right",
        Move.PLATFORM, f"{SERVER}, or ask its administrator",
    ),
    Reason.HOST_NOT_PERMITTED: Rule(
        Retry.PERSON, Move.OWNER, ReasonFamily.SETTINGS,
        "The platform's egress policy does not permit {endpoint}",
        "use a public mail server at port 465, 587, 2465, 2525 or 2587, or ask the platform team"
        " to allow this one",
        Move.PLATFORM, "allow this server in the egress policy, or correct the preset",
    ),
    Reason.RATE_LIMITED: Rule(
        Retry.SLOWLY, Move.NOBODY, ReasonFamily.OTHER,
        "Logins are being limited by {host} ({code})",
        "the operator waits, then tries again",
    ),
    Reason.SENDING_LIMIT_REACHED: Rule(
        Retry.HOURLY, Move.NOBODY, ReasonFamily.OTHER,
        "The sending limit of {address} is reached ({code}); the login is fine",
        "the limit lifts by itself, and the operator tries again",
    ),
    Reason.PROVIDER_UNAVAILABLE: Rule(
        Retry.BACKOFF, Move.NOBODY, ReasonFamily.OTHER,
        "There is a passing problem at {host} ({code})",
        "the operator keeps retrying",
    ),
    Reason.NETWORK_UNAVAILABLE: Rule(
        Retry.BACKOFF, Move.PLATFORM, ReasonFamily.OTHER,
        "The operator's own network or name service does not reach {host} ({code})",
        "check DNS, egress and proxies of the cluster{advice}; the operator keeps retrying",
    ),
    Reason.RELAY_UNAVAILABLE: Rule(
        Retry.BACKOFF, Move.PLATFORM, ReasonFamily.OTHER,
        "The mailbox itself is fine, but the platform's relay {host} is not usable ({trouble})",
        "see the conditions of the ManagedInfrastructure; the operator keeps retrying",
    ),
    Reason.RELAY_REFUSED_SENDER: Rule(
        Retry.PERSON, Move.PLATFORM, ReasonFamily.OTHER,
        "The mailbox itself is fine, but the platform's relay {host} refuses {address} as sender"
        " ({code})",
        "allow this sender or its domain on the relay",
    ),
    Reason.INFRASTRUCTURE_NOT_FOUND: Rule(
        Retry.DEPENDENCY, Move.PLATFORM, ReasonFamily.OTHER,
        "The ManagedInfrastructure {infrastructure} {problem}",
        "provide it, or have the owner name another one in spec.managedInfrastructureName",
    ),
    Reason.INFRASTRUCTURE_NOT_ALLOWED: Rule(
        Retry.DEPENDENCY, Move.PLATFORM, ReasonFamily.OTHER,
        "The ManagedInfrastructure {infrastructure} is not open to this namespace",
        "label the namespace as its namespaceSelector asks, or have the owner name another one",
    ),
    Reason.DOMAIN_NOT_ALLOWED: Rule(
        Retry.DEPENDENCY, Move.PLATFORM, ReasonFamily.OTHER,
        "The ManagedInfrastructure {infrastructure} binds the domain of {address} to other namespaces",
        "name this namespace in its spec.domains, or have the owner use another address",
    ),
    Reason.ALREADY_CLAIMED: Rule(
        Retry.DEPENDENCY, Move.OWNER, ReasonFamily.OTHER,
        "The address {address} is connected by another Managed Mailbox of this cluster",
        "delete the other Mailbox or this one; the platform team knows where the other one is",
    ),
    Reason.AVAILABLE: Rule(
        Retry.INTERVAL, Move.NOBODY, ReasonFamily.OTHER,
        "Applications log in with {secret}, and {connected} mailboxes are connected{lacking}",
        "mail is passed on as it comes",
    ),
    Reason.NO_MAILBOX: Rule(
        Retry.DEPENDENCY, Move.OWNER, ReasonFamily.OTHER,
        "No Mailbox of this namespace has {name_or_labels}",
        "create it, or correct spec.mailboxes",
    ),
    Reason.MAILBOX_NOT_CONNECTED: Rule(
        Retry.DEPENDENCY, Move.OWNER, ReasonFamily.OTHER,
        "None of its mailboxes is connected ({trouble})",
        "see the conditions of that Mailbox, which say who must act; until then mail is refused as"
        " something to try again",
    ),
    Reason.SECRET_NAME_TAKEN: Rule(
        Retry.PERSON, Move.OWNER, ReasonFamily.OTHER,
        "The login cannot be written, because {secret} is not this Sender's to change: {problem}",
        "delete that Secret if nobody needs it, or create a Sender with another secretName",
    ),
    Reason.SECRET_NOT_WRITTEN: Rule(
        Retry.BACKOFF, Move.PLATFORM, ReasonFamily.OTHER,
        "The login cannot be written into {secret}: the API server answers {code}",
        "look for a quota that is used up, an admission policy that refuses it, or a missing right;"
        " the operator keeps retrying",
    ),
    Reason.GATEWAY_UNAVAILABLE: Rule(
        Retry.DEPENDENCY, Move.PLATFORM, ReasonFamily.OTHER,
        "The platform has no gateway that applications can send through",
        "switch it on with gateway.enabled in the operator's chart",
    ),
    Reason.INVALID_SPEC: Rule(
        Retry.PERSON, Move.OWNER, ReasonFamily.SETTINGS,
        "The field {field} cannot be used: {problem}",
        "correct it",
    ),
    Reason.UNKNOWN: Rule(
        Retry.BACKOFF, Move.PLATFORM, ReasonFamily.OTHER,
        "The operator does not know this answer of {host} ({code})",
        "look up this mailbox in the operator's log; the operator keeps retrying",
    ),
    Reason.INTERNAL_ERROR: Rule(
        Retry.BACKOFF, Move.PLATFORM, ReasonFamily.OTHER,
        "The operator failed on this mailbox ({problem})",
        "report it with the operator's log; the operator keeps retrying",
    ),
}  # fmt: skip
