"""Writes at the Kubernetes API server, and connects to it: by a kubeconfig, or as a pod does."""

import asyncio
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kubernetes.aio import client, config

from mailbox_operator.cluster.answers import READ_BUFFER_BYTES
from mailbox_operator.cluster.reader import JSON, ApiReader, is_proxied, uncounted
from mailbox_operator.cluster.unanswered import ApiServerError

OWN_NAMESPACE: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")
POD: Final = "KUBERNETES_SERVICE_HOST"
"""The variable that each pod has; the client library looks for it, too."""
JSON_PATCH: Final = "application/json-patch+json"
MERGE_PATCH: Final = "application/merge-patch+json"

log = logging.getLogger(__name__)


class UnreachableClusterError(Exception):
    """There is no usable KUBECONFIG, and this is no pod."""


@dataclass(frozen=True, slots=True)
class ApiServer(ApiReader):
    """A connection to the API server that writes as well.

    Attributes:
        refused: Set whenever a write is refused for want of a right: one may have been withdrawn.
    """

    refused: asyncio.Event = field(default_factory=asyncio.Event)

    async def create(self, path: str, body: Any) -> Any:
        """Create an object in the collection at a path."""
        return await self._write("POST", path, body, JSON)

    async def replace(self, path: str, body: Any) -> Any:
        """Replace an object, unless somebody else wrote it since it was read."""
        return await self._write("PUT", path, body, JSON)

    async def patch(self, path: str, body: Any, form: str = MERGE_PATCH) -> Any:
        """Change an object."""
        return await self._write("PATCH", path, body, form)

    async def delete(self, path: str, body: Any) -> Any:
        """Delete an object; the body holds preconditions."""
        return await self._write("DELETE", path, body, JSON)

    async def _write(self, method: str, path: str, body: Any, form: str) -> Any:
        try:
            return (await self._request(method, path, {"Content-Type": form}, body))[1]
        except ApiServerError as error:
            if error.is_for_want_of_a_right:
                self.refused.set()
            raise


async def connect(
    kubeconfig: str | None,
    on_request: Callable[[str, int, float], None] = uncounted,
    context: str | None = None,
) -> ApiServer:
    """Connect to the API server.

    Args:
        kubeconfig: Value of KUBECONFIG; None or empty in a pod.
        on_request: Hears of every request.
        context: Name of one of its contexts; None for the current one.

    Raises:
        UnreachableClusterError: Neither can be used.
    """
    configuration = client.Configuration()
    try:
        if kubeconfig:
            await config.load_kube_config(kubeconfig, context, configuration)
        else:
            config.load_incluster_config(client_configuration=configuration)
    except (config.ConfigException, OSError) as error:
        raise UnreachableClusterError(f"no cluster to work in: {error}") from error
    if not configuration.verify_ssl:
        log.warning("API server not verified", extra={"why": "insecure-skip-tls-verify is set"})
    # Where no proxy is named, looking for one costs two threads' time for every request.
    session = {"trust_env": is_proxied(), "read_bufsize": READ_BUFFER_BYTES}
    configuration.client_session_kwargs = session
    configuration.connection_pool_maxsize = 0  # one for each namespace that is watched, or more
    return ApiServer(client.ApiClient(configuration), on_request)


async def connect_as_kubectl(
    environ: Mapping[str, str], kubeconfig: str | None, context: str | None
) -> tuple[ApiServer, str]:
    """Connect to the cluster that kubectl would use.

    Args:
        environ: The environment.
        kubeconfig: Instead of what KUBECONFIG names; without either it is `~/.kube/config`.
        context: Name of a context; None for the current one.

    Returns:
        The connection, and the namespace of the context; in a pod its own.

    Raises:
        UnreachableClusterError: There is no such file or context, and this is no pod.
    """
    files = _kubeconfig(environ, kubeconfig)
    namespace = _namespace_of(files, context) if files else own_namespace()
    return await connect(files, context=context), namespace or "default"


def _kubeconfig(environ: Mapping[str, str], named: str | None) -> str:
    """Name the file or files; empty in a pod."""
    usual = Path(environ.get("HOME") or Path.home()) / ".kube" / "config"
    files = named or environ.get("KUBECONFIG") or (str(usual) if usual.is_file() else "")
    if not files and POD not in environ:
        raise UnreachableClusterError(
            f"no cluster to work in: there is no {usual}."
            " Name a kubeconfig by --kubeconfig or KUBECONFIG"
        )
    if files and not any(Path(each).is_file() for each in files.split(os.pathsep)):
        raise UnreachableClusterError(f"no cluster to work in: there is no file {files}")
    return files


def _namespace_of(files: str, context: str | None) -> str:
    try:
        contexts, current = config.list_kube_config_contexts(files)
    except (config.ConfigException, OSError) as error:
        raise UnreachableClusterError(f"no cluster to work in: {error}") from error
    found = [each for each in contexts if each["name"] == context] if context else [current]
    if not found:
        raise UnreachableClusterError(f"no cluster to work in: {files} has no context {context}")
    return str((found[0].get("context") or {}).get("namespace") or "")


def own_namespace() -> str:
    """Return the namespace of the pod the operator runs in; empty outside of one."""
    return OWN_NAMESPACE.read_text().strip() if OWN_NAMESPACE.is_file() else ""
