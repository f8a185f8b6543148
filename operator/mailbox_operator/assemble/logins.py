"""Builds what writes the logins of Senders, if there is a gateway that takes them."""

from collections.abc import Callable
from hashlib import sha256

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.bindings import ClusterBindings, no_certificates
from mailbox_operator.cluster.loginkey import LoginKey
from mailbox_operator.settings.file import Settings
from mailbox_operator.watch.refs import Topic
from mailbox_operator.watch.selections import Logins
from mailbox_operator.watch.store import Store


def login_key_name(settings: Settings) -> str:
    """Name the Secret with the key of all logins; the gateway reads the same one."""
    return f"{settings.leader_election.lease_name}-login-key"


def logins(settings: Settings, certificates: Callable[[], bytes] = no_certificates) -> Logins:
    """Say what all logins depend on, so that each is written again when that is another."""
    address = settings.gateway.address

    def gateway() -> str:
        if address is None:
            return "no gateway"
        return f"{address} {sha256(certificates()).hexdigest()[:16]}"

    return Logins(login_key_name(settings), gateway)


def bindings(
    settings: Settings,
    api: ApiServer,
    namespace: str,
    store: Store,
    known: Callable[[str, str, str], object],
    certificates: Callable[[], bytes] = no_certificates,
) -> ClusterBindings | None:
    """Build what writes them; None without a gateway.

    Args:
        settings: Where the gateway is.
        api: Where they are written.
        namespace: The operator's own.
        store: Knows which versions of Secrets there are.
        known: Takes in a version of a Secret, and wakes those it concerns.
        certificates: Returns the PEM of the authorities that the gateway's certificate is of.
    """
    address, name = settings.gateway.address, login_key_name(settings)
    if address is None:
        return None
    key = LoginKey(
        api,
        namespace,
        name,
        version=lambda: store.versions.of((Topic.SECRET, namespace, name)),
        learned=lambda version: known(namespace, name, version),
    )
    return ClusterBindings(api, key, store.selections, address, certificates)
