"""What is found at identity providers: grants, accounts, apps, and what administrators allow."""

from collections.abc import Mapping
from typing import Final

from mailbox_operator.decide.failure.finding import Finding, Words
from mailbox_operator.decide.failure.reasons import Move, Reason

REVOKED: Final = (Reason.GRANT_REVOKED,)
BLOCKED: Final = (Reason.ACCESS_BLOCKED,)
UNAPPROVED: Final = (Reason.ADMIN_CONSENT_REQUIRED,)
APP: Final = (Reason.OAUTH_APP_INVALID,)
UNDELEGATED: Final = (Reason.DELEGATION_NOT_GRANTED,)

BY_OAUTH: Final[Mapping[Finding, Words]] = {
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
}  # fmt: skip
