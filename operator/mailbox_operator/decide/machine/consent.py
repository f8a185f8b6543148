"""What a consent asks for, and what is to be thought of what came back."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Final

from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.providers.table import OAUTH_PROVIDERS
from mailbox_operator.decide.declared.spec import Spec
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.token_errors import missing_scopes
from mailbox_operator.decide.texts.addresses import is_same_mailbox

LIFETIME: Final = timedelta(minutes=10)
"""How long a person has from the button to the end of the provider's screens."""

CALLBACK: Final = "/callback"
MENDED_BY_CONSENT: Final = frozenset(
    {
        Reason.AWAITING_CONSENT,
        Reason.CONSENT_INCOMPLETE,
        Reason.ADMIN_CONSENT_REQUIRED,
        Reason.IDENTITY_MISMATCH,
        Reason.GRANT_REVOKED,
    }
)
NOT_THIS_ACCOUNT: Final = frozenset(
    {Reason.IDENTITY_MISMATCH, Reason.CONSENT_INCOMPLETE, Reason.GRANT_REVOKED}
)
"""What a mail server says of a token that is no proof of the mailbox; such a grant is not kept."""


class Trouble(StrEnum):
    """Why a consent came to nothing before its mailbox was even asked after."""

    LINK_EXPIRED = "LinkExpired"
    LINK_USED = "LinkUsed"
    OTHER_BROWSER = "OtherBrowser"
    MAILBOX_GONE = "MailboxGone"
    MAILBOX_CHANGED = "MailboxChanged"
    MAILBOX_SUSPENDED = "MailboxSuspended"
    NO_CONSENT_NEEDED = "NoConsentNeeded"
    TOO_MANY_ATTEMPTS = "TooManyAttempts"
    CLUSTER_UNAVAILABLE = "ClusterUnavailable"
    GRANT_NOT_KEPT = "GrantNotKept"
    NO_FORM = "NoForm"


@dataclass(frozen=True, slots=True)
class Redeemed:
    """What a code was exchanged for; the claims are those of a verified id_token.

    Attributes:
        refresh_token: Empty if none came.
        scope: As the response tells; empty if it does not.
        account: The address that the provider vouches for; empty if for none.
        login: The user name to log in by; empty if it is the address.
        identity: The account's stable identifier there.
        client: Client that it was given to.
        lasts: How long the refresh token lives, where the provider limits that.
    """

    refresh_token: str = field(repr=False)
    access_token: str = field(repr=False)
    scope: str
    account: str
    identity: str
    client: str
    lasts: timedelta | None = None
    login: str = ""


def consent_link(public_url: str, subject: Subject, reason: str) -> str:
    """Return the page where the owner gives consent, if that would mend it; else nothing.

    It holds no secret: what opens it is the uid, which is drawn at random and known to whoever may
    read the Mailbox.
    """
    if not public_url or not subject.takes_consent:
        return ""
    return mailbox_page(public_url, subject.uid) if reason in MENDED_BY_CONSENT else ""


def mailbox_page(public_url: str, uid: str) -> str:
    """Return the address of a mailbox's consent page."""
    return f"{public_url}/mailboxes/{uid}"


def objection(redeemed: Redeemed, spec: Spec, bound: str) -> Fault | None:
    """Say why a grant is not the one that was asked for; None if it is.

    Args:
        redeemed: What came back.
        spec: Whose address it has to be for.
        bound: The account's identifier that this Mailbox was connected by before; empty if none.
    """
    facts = {"account": redeemed.login or redeemed.account}
    if not _is_meant(redeemed, spec) or not redeemed.identity:
        return Fault(Reason.IDENTITY_MISMATCH, "the account is not the one meant", facts=facts)
    if bound and redeemed.identity != bound:
        return Fault(Reason.IDENTITY_MISMATCH, "the account is another of that name", facts=facts)
    asked = OAUTH_PROVIDERS[spec.provider]
    if missing_scopes((asked.scope,), redeemed.scope):
        return Fault(Reason.CONSENT_INCOMPLETE, facts={"missing": asked.needed})
    if not redeemed.refresh_token:
        return Fault(Reason.CONSENT_INCOMPLETE, facts={"missing": "lasting access"})
    return None


def is_own_account(redeemed: Redeemed, spec: Spec) -> bool:
    """Say whether the provider vouches for the address, and not only for one that may send as it."""
    return is_same_mailbox(redeemed.account, spec.address)


def _is_meant(redeemed: Redeemed, spec: Spec) -> bool:
    """Say whether this account was to consent: the one that is named, else the address's own.

    That the mail server lets an account send as the address is no sign that it was meant.
    """
    named = spec.access.user_name
    if named is None:
        return is_own_account(redeemed, spec)
    return redeemed.login.casefold() == named.casefold()


class Refused(Exception):  # noqa: N818 - it reports the world, not an error of ours
    """A step of a consent is not taken.

    Attributes:
        uid: Of the Mailbox, so that there is a way back; empty if it is not known.
    """

    def __init__(self, trouble: Trouble, uid: str = "") -> None:
        super().__init__(trouble.value)
        self.trouble = trouble
        self.uid = uid
