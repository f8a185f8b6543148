"""Builds what keeps the authorities of the gateway's certificate."""

from collections.abc import Callable
from datetime import datetime

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.known_authorities import KnownAuthorities, Names
from mailbox_operator.decide.sending.certificates import names_of
from mailbox_operator.settings.file import Settings
from mailbox_operator.watch.intake import Intake
from mailbox_operator.watch.store import Store


def authorities(
    settings: Settings, api: ApiServer, namespace: str, on_changed: Callable[[], None]
) -> KnownAuthorities:
    """Build what knows the authorities of the gateway's certificate; there is none without a gateway.

    Args:
        settings: Where the gateway is, and whose certificate it has.
        api: Where the Secrets are.
        namespace: The operator's own.
        on_changed: Called when applications need another authority.
    """
    wanted = settings.gateway
    if wanted.host is None:
        return KnownAuthorities(nobody, on_changed)
    from mailbox_operator.cluster.authority import (  # noqa: PLC0415 - cryptography is large
        BroughtAuthority,
        OwnAuthority,
    )

    if wanted.tls.secret_name:
        brought = BroughtAuthority(api, namespace, wanted.tls.secret_name)
        return KnownAuthorities(brought.read, on_changed)
    names = names_of(wanted.host, wanted.tls.names, wanted.tls.cluster_domain)

    def now() -> datetime:
        clocks = api.clock.read()
        return clocks.local - clocks.ahead

    own = OwnAuthority(api, namespace, secrets_of(settings), names, now)
    return KnownAuthorities(own.keep, on_changed)


async def nobody() -> bytes:
    """Name no authority."""
    return b""


def wake_logins(known: Callable[[], tuple[Store, Intake]]) -> None:
    """Have each Secret looked at that tells an application of the authorities."""
    store, intake = known()
    for subject in store.subjects():
        if subject.binding:
            intake.wake(subject.key)


def secrets_of(settings: Settings) -> Names:
    """Name the Secrets that the operator makes."""
    lease = settings.leader_election.lease_name
    return Names(leaf=f"{lease}-gateway-tls", authority=f"{lease}-gateway-authority")
