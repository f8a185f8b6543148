"""Ends grants at their providers, as long as no other replica can lead."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from mailbox_operator.consent.ports import Authorizer
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.words import Provider


@dataclass(frozen=True, slots=True)
class Revoking:
    """Revokes for the leader.

    Attributes:
        is_certain: Whether this replica leads beyond doubt, by the age of its Lease; asked each time.
    """

    authorizers: Mapping[Provider, Authorizer]
    is_certain: Callable[[], bool]

    async def __call__(self, provider: Provider, token: str) -> None:
        """End a grant; one that has ended is fine.

        Raises:
            Fault: The provider is not reached, or another replica may lead by now: that one may know
                of a Mailbox that lives by the grant.
        """
        if not self.is_certain():
            raise Fault(Reason.PROVIDER_UNAVAILABLE, "another replica may lead by now")
        await self.authorizers[provider].revoke(token)
