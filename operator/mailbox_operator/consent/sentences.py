"""What the page says of each way a consent can end: what happened, and the way back."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.consent import Trouble


@dataclass(frozen=True, slots=True)
class PageWords:
    """What to say; `{placeholders}` are the facts of the case.

    Attributes:
        heading: What happened, in a few words.
        text: What it means, and what the person does now.
    """

    heading: str
    text: str


OUTCOMES: Final[Mapping[Reason, PageWords]] = {
    Reason.CONNECTED: PageWords(
        "Connected",
        "{address} is connected: a login with the new access has just succeeded. You can close this"
        " page.",
    ),
    Reason.CONSENT_INCOMPLETE: PageWords(
        "Access was not fully allowed",
        "You left out {missing}. Try again, tick every box and click Allow on every screen.",
    ),
    Reason.IDENTITY_MISMATCH: PageWords(
        "That was another account",
        "You signed in as {account}; this mailbox is to be connected by {login}. Try again and choose"
        " {login}. If {account} is the account to use, the Mailbox has to name it: as address, or at"
        " Microsoft as spec.outlook.loginName if that account may send as {address}.",
    ),
    Reason.GRANT_REVOKED: PageWords(
        "The access ended at once",
        "{provider} does not accept the access it has just granted ({code}). Try again.",
    ),
    Reason.ADMIN_CONSENT_REQUIRED: PageWords(
        "Your organisation has to approve this first",
        "{provider} asks for an administrator's approval of the app ({code}). Send your administrator"
        " its client ID, {client}; then try again.",
    ),
    Reason.ACCESS_BLOCKED: PageWords(
        "Your organisation does not let you sign in here",
        "A security check or a sign-in policy of {provider} blocks this sign-in ({code}). Your"
        " administrator can allow it; then try again.",
    ),
    Reason.PROVIDER_UNAVAILABLE: PageWords(
        "{provider} did not answer",
        "Nothing was changed. Try again in a few minutes ({code}).",
    ),
    Reason.NETWORK_UNAVAILABLE: PageWords(
        "{provider} was not reached",
        "Nothing was changed. The network of this platform does not reach {provider} ({code}). Tell the"
        " people who run the platform, and try again later.",
    ),
    Reason.RATE_LIMITED: PageWords(
        "{provider} limits sign-ins",
        "Too many sign-ins in a short time. Try again in a quarter of an hour.",
    ),
    Reason.UNKNOWN: PageWords(
        "{provider} said something unexpected",
        "The answer was {code}. Try again; if it happens again, tell the people who run this"
        " platform.",
    ),
    Reason.ALREADY_CLAIMED: PageWords(
        "This address is connected already",
        "Another mailbox of this platform holds {address}, so what you allowed was not kept. One of"
        " the two has to be deleted first.",
    ),
}
"""What the page says to the person who consented, where that differs from what the owner reads; for all
other reasons the page shows the message of the condition."""

UNPROVED: Final = PageWords(
    "It is not certain who you are",
    "{provider} did not confirm that this is {address} ({code}). Try again and choose {login}.",
)
"""`IdentityMismatch` without another account that could be named."""

TROUBLES: Final[Mapping[Trouble, PageWords]] = {
    Trouble.LINK_EXPIRED: PageWords(
        "This took too long",
        "A sign-in must be finished within ten minutes, and works only once. Nothing was changed: start"
        " again.",
    ),
    Trouble.LINK_USED: PageWords(
        "This was done already",
        "This sign-in was finished before. The mailbox's page shows the result.",
    ),
    Trouble.OTHER_BROWSER: PageWords(
        "This was begun in another browser",
        "A sign-in must be finished in the browser in which it was begun. Nothing was changed: start"
        " again, and stay in one browser.",
    ),
    Trouble.MAILBOX_GONE: PageWords(
        "There is no such mailbox",
        "It was deleted or created again, or the link is incomplete. The current link is in the"
        " Mailbox's status, in the field consentURL.",
    ),
    Trouble.MAILBOX_CHANGED: PageWords(
        "The mailbox was changed meanwhile",
        "What you saw may be out of date, so nothing was connected. Look at the mailbox's page, and"
        " start again.",
    ),
    Trouble.MAILBOX_SUSPENDED: PageWords(
        "This mailbox is suspended",
        "It is switched off for now, by spec.suspend of the Mailbox.",
    ),
    Trouble.NO_CONSENT_NEEDED: PageWords(
        "This mailbox needs no consent",
        "It logs in by other means than a person's consent.",
    ),
    Trouble.TOO_MANY_ATTEMPTS: PageWords(
        "Too many tries",
        "The number of tries is limited, to protect the mailboxes. Try again in ten minutes.",
    ),
    Trouble.GRANT_NOT_KEPT: PageWords(
        "Your access may not have been kept",
        "You allowed access, but the platform could not confirm that it was kept. Look at the mailbox's"
        " page in a few minutes; if it is not connected by then, start again.",
    ),
    Trouble.NO_FORM: PageWords(
        "This request cannot be read",
        "It is not what the button of the mailbox's page sends. Nothing was changed.",
    ),
    Trouble.CLUSTER_UNAVAILABLE: PageWords(
        "The platform did not answer",
        "Nothing was changed. Try again in a moment.",
    ),
}
