"""A grant whose Mailbox is gone: what its Secret says of it, and which Mailbox may take it over."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Final

from mailbox_operator.decide.cluster.clocks import Clocks
from mailbox_operator.decide.declared.deletion import DEFAULT_POLICY
from mailbox_operator.decide.declared.mailbox import Mailbox, UnreadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.spec import Spec
from mailbox_operator.decide.texts.addresses import is_same_mailbox
from mailbox_operator.decide.words import DeletionPolicy

CLOCKS_DIFFER: Final = timedelta(hours=1)
"""So much may lie between the operator's clock and the API server's."""
EARLIEST: Final = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Orphan:
    """What a Secret with a grant says, except the token.

    Attributes:
        uid: Of the Mailbox that the grant was given to.
        key: That Mailbox's name.
        provider: As the Secret has it.
        address: The Mailbox's.
        account: Address of the account that consented; empty for the Mailbox's own.
        login: User name that it logs in by; empty for the address.
        identity: The account's stable identifier, as proved at the consent; empty without one.
        consented: Whether it came by a consent, and not from a Secret of the tenant's.
        policy: The Mailbox's deletion policy, as the operator noted it last.
        granted: When the grant was written down first; None where that is not noted.
        created: When this Secret was created, which a restored one was lately.
        since: Since when it is known to be an orphan; None if it was not before.
        held: Whether it was noted to be one of many.
        approved: Whether an administrator wants it to end.
    """

    uid: str
    key: Key
    provider: str
    address: str
    account: str = ""
    login: str = ""
    identity: str = ""
    consented: bool = True
    policy: DeletionPolicy = DEFAULT_POLICY
    granted: datetime | None = None
    created: datetime | None = None
    since: datetime | None = None
    held: bool = False
    approved: bool = False

    @property
    def is_restored(self) -> bool:
        """Whether its notes are from before this Secret was created: a backup brought them."""
        return self.since is not None and self.created is not None and self.since < self.created

    @property
    def is_copy(self) -> bool:
        """Whether a backup brought this Secret: it was created long after the grant was given."""
        if self.granted is None or self.created is None:
            return False
        return self.created - self.granted > CLOCKS_DIFFER

    @property
    def given(self) -> tuple[bool, datetime]:
        """When it was given, to be compared: a grant that does not say so is from before any that does.

        A restore creates the Secrets of all grants at once, so their creation tells little.
        """
        return self.granted is not None, self.granted or self.created or EARLIEST

    @property
    def whose(self) -> tuple[str, str]:
        """The provider and the account, of which a revocation ends all grants."""
        return self.provider, (self.account or self.address).casefold()


def orphaned_since(orphan: Orphan, now: Clocks) -> datetime:
    """Say since when a grant counts as an orphan: as noted, unless a backup or a wrong clock noted it.

    A moment in the future was noted by a clock that was wrong then.
    """
    noted = orphan.since
    return now.later if noted is None or orphan.is_restored else min(noted, now.later)


def begun_again(orphan: Orphan, resumed: datetime | None) -> Orphan:
    """Have the grace period begin when a leader took over after nobody had led for long.

    Etcd's data, restored as a second cluster, say of a grant in grace that its time is over. By then
    the first cluster may have handed it on to a new Mailbox.

    Args:
        orphan: As its Secret has it.
        resumed: When that leader took over; None if that never happened.
    """
    noted = orphan.since
    if noted is None or resumed is None or orphan.is_restored or noted >= resumed:
        return orphan
    return replace(orphan, since=resumed)


def may_adopt(heir: Mailbox, orphan: Orphan) -> bool:
    """Say whether a Mailbox may take over what one of the same namespace and name was granted.

    The account was proved when it consented, and it is proved again before the Mailbox is Connected.
    A Mailbox that is bound to another account already is refused, and so is one that means another.
    """
    if isinstance(heir, UnreadableMailbox) or not heir.takes_consent:
        return False
    spec = heir.spec
    if spec.provider.value != orphan.provider:
        return False
    if not is_same_mailbox(spec.address, orphan.address) or heir.key != orphan.key:
        return False
    bound = heir.status.granted_identity
    if not orphan.consented:  # the tenant's own token, which no app of the platform's may use
        return not spec.managed and bound in ("", orphan.identity)
    return orphan.identity != "" and bound in ("", orphan.identity) and _is_meant(spec, orphan)


def _is_meant(spec: Spec, orphan: Orphan) -> bool:
    """Say whether the account that consented is the one that the Mailbox means."""
    named = spec.access.user_name
    if named is not None:
        return orphan.login.casefold() == named.casefold()
    return is_same_mailbox(orphan.account or orphan.address, spec.address)
