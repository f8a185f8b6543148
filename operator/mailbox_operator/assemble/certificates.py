"""Builds what keeps the gateway's certificate, and what reads it."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.authority import (
    BroughtAuthority,
    KnownAuthorities,
    Names,
    OwnAuthority,
)
from mailbox_operator.cluster.paths import secret_path
from mailbox_operator.cluster.reader import ApiReader
from mailbox_operator.cluster.renewing import CERTIFICATE, KEY
from mailbox_operator.cluster.secretdata import values_of
from mailbox_operator.cluster.signing import read_validity
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.sending.certificates import names_of
from mailbox_operator.gateway.certificates import CertificateError, Pair
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
    if wanted.tls.secret_name:
        brought = BroughtAuthority(api, namespace, wanted.tls.secret_name)
        return KnownAuthorities(brought.read, on_changed)
    names = names_of(wanted.host, wanted.tls.names, wanted.tls.cluster_domain)

    def now() -> datetime:
        clocks = api.clock.read()
        return clocks.local - clocks.ahead

    own = OwnAuthority(api, namespace, _secrets(settings), names, now)
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


def certificate(
    settings: Settings, api: ApiReader, namespace: str
) -> Callable[[], Awaitable[Pair]]:
    """Build what reads the gateway's certificate, the operator's own or another."""
    name = settings.gateway.tls.secret_name or _secrets(settings).leaf

    async def read() -> Pair:
        try:
            found: Any = await api.get(secret_path(namespace, name))
        except ApiServerError as error:
            raise CertificateError(f"Secret {namespace}/{name} is not read: {error}") from error
        values = values_of(found)
        chain = values.get(CERTIFICATE, b"")
        return Pair(chain, values.get(KEY, b""), read_validity(chain))

    return read


def _secrets(settings: Settings) -> Names:
    """Name the Secrets that the operator makes."""
    lease = settings.leader_election.lease_name
    return Names(leaf=f"{lease}-gateway-tls", authority=f"{lease}-gateway-authority")
