"""What becomes of a grant whose Mailbox is gone: a new Mailbox takes it over, or it ends, or waits.

A grant is a person's click. A deletion may be meant, or a mistake, or a cluster that is being restored
from a backup: the operator sees no difference. So a grant is kept for a while, and a new Mailbox of the
same name takes it over.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from mailbox_operator.decide.cluster.clocks import Clocks
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.grants.orphan import Orphan, may_adopt, orphaned_since
from mailbox_operator.decide.words import DeletionPolicy

HOUR: Final = timedelta(hours=1)


class Fate(StrEnum):
    """What is done with a grant, in the words of the Secret's annotation and of the metrics.

    Attributes:
        KEPT: Its Mailbox is there.
        ADOPTED: A new Mailbox of the same name takes it over.
        RETAINED: The deletion policy says so.
        RESTORED: A backup brought it, so another cluster may live by it; an administrator decides.
        NAMESPACE_MISSING: The tenant's namespace may be restored yet; an administrator decides.
        HELD: Many Mailboxes went within an hour; an administrator decides.
        GRACE: The Mailbox may be created again.
        REVOKED: It is revoked at the provider, and deleted.
        DELETED: It is deleted; at the provider nothing is revoked.
    """

    KEPT = "Kept"
    ADOPTED = "Adopted"
    RETAINED = "Retained"
    RESTORED = "Restored"
    NAMESPACE_MISSING = "NamespaceMissing"
    HELD = "Held"
    GRACE = "Grace"
    REVOKED = "Revoked"
    DELETED = "Deleted"


WAITING: Final = (Fate.GRACE, Fate.HELD, Fate.NAMESPACE_MISSING, Fate.RESTORED, Fate.RETAINED)
"""What an orphaned grant may be for long."""

FINAL: Final = (Fate.ADOPTED, Fate.REVOKED, Fate.DELETED)
"""What it cannot be any more afterwards."""


@dataclass(frozen=True, slots=True)
class GrantTerms:
    """The platform's terms.

    Attributes:
        grace: How long a grant is kept for its Mailbox to be created again.
        most_per_hour: So many Mailboxes may go within an hour before their grants wait for an
            administrator.
    """

    grace: timedelta = timedelta(days=1)
    most_per_hour: int = 5


TERMS: Final = GrantTerms()


@dataclass(frozen=True, slots=True)
class Around:
    """What else counts for a grant.

    Attributes:
        owner: The Mailbox of that name; None if there is none.
        is_served: Whether that Mailbox has a grant of its own.
        namespace_since: When the tenant's namespace was created; None if it is not there.
        shared: Whether another Mailbox, or another kept grant, lives by the same account.
        crowd: Mailboxes that went within an hour of each other, this one included.
    """

    owner: Mailbox | None = None
    is_served: bool = False
    namespace_since: datetime | None = None
    shared: bool = False
    crowd: int = 1


@dataclass(frozen=True, slots=True)
class Settled:
    """What was done with an orphaned grant.

    Attributes:
        until: When the grace period ends, or ended.
        heir: The Mailbox that took it over, if one did.
        is_news: Whether that was not so before.
    """

    orphan: Orphan
    fate: Fate
    until: datetime
    heir: Mailbox | None
    is_news: bool


def fate_of(orphan: Orphan, around: Around, terms: GrantTerms, now: Clocks) -> Fate:
    """Decide what is done with a grant.

    Args:
        orphan: The grant.
        around: What else counts.
        terms: The platform's.
        now: By both clocks: a grace period begins by the later one, and ends by the earlier one.
    """
    owner = around.owner
    if owner is not None and owner.uid == orphan.uid:
        return Fate.KEPT
    if owner is not None and not around.is_served and may_adopt(owner, orphan):
        return Fate.ADOPTED
    end = Fate.REVOKED if orphan.consented and not around.shared else Fate.DELETED
    return _waiting(orphan, around, terms, now) or end


def _waiting(orphan: Orphan, around: Around, terms: GrantTerms, now: Clocks) -> Fate | None:
    """Say what a grant without a Mailbox waits for; None if for nothing."""
    if orphan.approved and not orphan.is_restored:
        return None
    if orphan.policy is DeletionPolicy.RETAIN:
        return Fate.RETAINED
    if orphan.is_copy:
        return Fate.RESTORED
    if orphan.held or around.crowd > terms.most_per_hour:
        return Fate.HELD
    if around.namespace_since is None:
        return Fate.NAMESPACE_MISSING
    return Fate.GRACE if now.earlier < kept_until(orphan, around, terms, now) else None


def kept_until(orphan: Orphan, around: Around, terms: GrantTerms, now: Clocks) -> datetime:
    """Say when the grace period of a grant ends.

    It begins when the last part of a restore was there: the Secret, the namespace, the notice that the
    Mailbox is missing.
    """
    since = orphaned_since(orphan, now)
    return max(since, around.namespace_since or since) + terms.grace


def crowd_of(moment: datetime, others: Collection[datetime]) -> int:
    """Count the most moments within one hour that has a given moment in it, which is one of them.

    Args:
        moment: The given one.
        others: All of them, in order.
    """
    moments = list(others)
    first, last = bisect_left(moments, moment - HOUR), bisect_right(moments, moment)
    hours = (moments[start] for start in range(first, last))
    return max(
        (bisect_right(moments, at + HOUR) - bisect_left(moments, at) for at in hours), default=1
    )
