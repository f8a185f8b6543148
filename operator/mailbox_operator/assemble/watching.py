"""The parts of every process that watches the cluster: what is watched, and how that goes."""

from dataclasses import dataclass
from functools import cached_property

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.digestkey import DigestKey
from mailbox_operator.cluster.rights import Rights
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.settings.file import Settings
from mailbox_operator.watch.hearing import Hearing
from mailbox_operator.watch.leasewatch import LeaseWatch


@dataclass(frozen=True)
class Watching:
    """Each part is built when it is first asked for, and kept.

    Attributes:
        namespace: The operator's own.
    """

    settings: Settings
    namespace: str
    api: ApiServer

    @cached_property
    def scope(self) -> Scope:
        """What is watched."""
        return Scope.of(self.settings, self.namespace)

    @cached_property
    def rights(self) -> Rights:
        """What this replica is allowed to list and watch."""
        return Rights(self.api, self.scope, self.settings.leader_election.lease_name)

    @cached_property
    def digest_key(self) -> DigestKey:
        """The key that digests of Secrets are made with."""
        name = f"{self.settings.leader_election.lease_name}-digest-key"
        return DigestKey(self.api, self.namespace, name)

    @cached_property
    def hearing(self) -> Hearing:
        """Which watches anything arrives from."""
        hearing = Hearing()
        hearing.want(*self.scope.followed)
        return hearing

    @cached_property
    def lease_watch(self) -> LeaseWatch:
        """What follows the own Lease."""
        terms = self.settings.leader_election
        return LeaseWatch(self.api, self.namespace, terms.lease_name, self.hearing)
