"""Which deletion policy counts for a Mailbox: its own, or its ManagedInfrastructure's."""

from mailbox_operator.decide.declared.deletion import policy_of
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.words import DeletionPolicy
from mailbox_operator.watch.store import Store


def deletion_policy(store: Store, mailbox: Mailbox) -> DeletionPolicy | None:
    """Return the policy that counts; None where that cannot be told now.

    A spec that cannot be read, or a ManagedInfrastructure that is gone, changes no policy.
    """
    spec = mailbox.spec
    if spec is None:
        return None
    try:
        infrastructure = store.infrastructure_for(mailbox)
    except Fault:
        return spec.deletion_policy
    offer = infrastructure.spec if infrastructure else None
    return policy_of(spec.deletion_policy, offer.deletion_policy if offer else None)
