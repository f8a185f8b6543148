"""Which deletion policy counts for what a Mailbox was granted."""

from typing import Final

from mailbox_operator.decide.words import DeletionPolicy

DEFAULT_POLICY: Final = DeletionPolicy.REVOKE
"""Where neither the Mailbox nor its ManagedInfrastructure names one.

An owner who deletes a mailbox expects that access to it ends, and so does who allowed it: what
Google grants is all of a mailbox, without an end. Against mistakes there are the grace period, adoption
and the brake; a grant that nobody uses and nobody revokes is a risk that only grows.
"""


def policy_of(own: DeletionPolicy | None, offered: DeletionPolicy | None) -> DeletionPolicy:
    """Say which deletion policy counts: the Mailbox's own, else its ManagedInfrastructure's."""
    return own or offered or DEFAULT_POLICY


def read_policy(text: str) -> DeletionPolicy:
    """Read a noted policy; what nobody knows is no order to revoke anything."""
    if not text:
        return DEFAULT_POLICY
    return DeletionPolicy.REVOKE if text == DeletionPolicy.REVOKE else DeletionPolicy.RETAIN
