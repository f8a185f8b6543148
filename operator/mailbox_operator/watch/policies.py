"""Which deletion policy counts for a Mailbox: its own, or its ManagedInfrastructure's."""

from mailbox_operator.decide.declared.deletion import policy_of
from mailbox_operator.decide.declared.mailbox import Mailbox, UnreadableMailbox
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.words import DeletionPolicy
from mailbox_operator.watch.store import Store


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
