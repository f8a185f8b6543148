"""Looks which grants there are: those without a Mailbox, and what is noted of the others."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from mailbox_operator.cluster.listing import Item
from mailbox_operator.cluster.notes import POLICY, notes_of_living, orphan_of, uid_of
from mailbox_operator.cluster.reader import JSON
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.cluster.settling import Settling
from mailbox_operator.consent.round import FoundGrant
from mailbox_operator.decide.declared.deletion import policy_of, read_policy
from mailbox_operator.decide.declared.mailbox import Mailbox, UnreadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.grants.orphan import Orphan, begun_again
from mailbox_operator.decide.names import GRANT
from mailbox_operator.decide.words import DeletionPolicy
from mailbox_operator.watch.store import Store

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Survey:
    """The grants at one moment.

    Attributes:
        found: Those without a Mailbox, the newest first.
        uids, keys: Of the Mailboxes that those were given to.
        served: The uids that have a grant at all.
        retained: The uids whose grant is noted to outlast the Mailbox.
    """

    found: list[FoundGrant] = field(default_factory=list)
    uids: set[str] = field(default_factory=set)
    keys: set[Key] = field(default_factory=set)
    served: set[str] = field(default_factory=set)
    retained: set[str] = field(default_factory=set)


async def survey(
    hand: Settling, store: Store, scope: Scope, resumed: Callable[[], datetime | None]
) -> Survey:
    """Look at all grants, and keep the notes of the living up to date.

    Raises:
        ApiServerError: The API server does not answer.
    """
    known = Survey()
    async for secret in hand.listed(GRANT, JSON):
        metadata = secret["metadata"]
        uid = uid_of(metadata)
        known.served.add(uid)
        mailbox = store.find(uid)
        if mailbox is not None:
            if await _note_living(hand, metadata, mailbox, store) is DeletionPolicy.RETAIN:
                known.retained.add(uid)
        elif (orphan := _read_orphan(secret, scope)) is not None:
            metadata.pop("managedFields", None)  # by far the most of it
            known.found.append(FoundGrant(begun_again(orphan, resumed()), metadata))
            known.uids.add(orphan.uid)
            known.keys.add(orphan.key)
    known.found.sort(key=lambda each: each.orphan.given, reverse=True)
    return known


def deletion_policy(store: Store, mailbox: Mailbox) -> DeletionPolicy | None:
    """Return the policy that counts; None where that cannot be told now.

    A spec that cannot be read, or a ManagedInfrastructure that is gone, changes no policy.
    """
    if isinstance(mailbox, UnreadableMailbox):
        return None
    own = mailbox.spec.deletion_policy
    try:
        infrastructure = store.infrastructure_for(mailbox)
    except Fault:
        return own
    return policy_of(own, infrastructure.spec.deletion_policy if infrastructure else None)


async def _note_living(
    hand: Settling, metadata: Item, mailbox: Mailbox, store: Store
) -> DeletionPolicy:
    """Keep the deletion policy of a Mailbox where it outlasts the Mailbox; return what is noted."""
    notes = notes_of_living(metadata, deletion_policy(store, mailbox))
    await hand.note(metadata, notes, orphaned=False)
    return read_policy(notes[POLICY] or "")


def _read_orphan(secret: Item, scope: Scope) -> Orphan | None:
    """Read a grant; None where this operator has no say in it."""
    named = {"secret": secret["metadata"]["name"]}
    try:
        orphan = orphan_of(secret)
    except Fault as fault:
        log.warning("unreadable grant kept", extra=named | {"detail": fault.detail})
        return None
    if orphan is None:
        log.warning("grant without a mailbox annotation kept", extra=named)
        return None
    return orphan if scope.has(orphan.key.namespace) else None
