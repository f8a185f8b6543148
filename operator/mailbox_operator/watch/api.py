"""How the API server is reached: in a cluster by ServiceAccount, elsewhere by KUBECONFIG."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from kubernetes.aio import client, config

from mailbox_operator.decide.words import Kind

GROUP: Final = "mailbox-operator.io"
VERSION: Final = "v1alpha1"
PLURALS: Final[Mapping[Kind, str]] = {
    Kind.MAILBOX: "mailboxes",
    Kind.INFRASTRUCTURE: "managedinfrastructures",
}
OWN_NAMESPACE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


class UnreachableClusterError(Exception):
    """There is no usable KUBECONFIG, and this is no pod."""


@dataclass(frozen=True, slots=True)
class Access:
    """The API server's address, and who the operator is there."""

    server: str
    ca_file: str | None
    token: str | None = field(repr=False)
    certificate_file: str | None
    key_file: str | None


async def configured(kubeconfig: str | None) -> client.Configuration:
    """Read how to reach the API server.

    Args:
        kubeconfig: Value of KUBECONFIG; None or empty in a pod.

    Raises:
        UnreachableClusterError: Neither can be used.
    """
    configuration = client.Configuration()
    try:
        if kubeconfig:
            await config.load_kube_config(kubeconfig, client_configuration=configuration)
        else:
            config.load_incluster_config(client_configuration=configuration)
    except (config.ConfigException, OSError) as error:
        raise UnreachableClusterError(f"no cluster to work in: {error}") from error
    return configuration


async def access(configuration: client.Configuration) -> Access:
    """Return what kopf needs to know of it; a token that was renewed meanwhile is read again."""
    if configuration.refresh_api_key_hook is not None:
        renewed = configuration.refresh_api_key_hook(configuration)
        if renewed is not None:
            await renewed
    bearer = configuration.api_key.get("BearerToken", "")
    return Access(
        server=configuration.host,
        ca_file=configuration.ssl_ca_cert,
        token=bearer.partition(" ")[2] or None,
        certificate_file=configuration.cert_file,
        key_file=configuration.key_file,
    )


def own_namespace() -> str:
    """Return the namespace of the pod the operator runs in; empty outside of one."""
    return OWN_NAMESPACE.read_text().strip() if OWN_NAMESPACE.is_file() else ""
