"""A Kubernetes control plane for tests: a real one started here, or the cluster of KUBECONFIG."""

import shutil
import signal
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from lab.controlplane import kubeconfig
from lab.controlplane.assets import Assets
from lab.controlplane.audit import Request, requests_of
from lab.controlplane.commands import Layout
from lab.controlplane.kubeconfig import Endpoint, Login
from lab.controlplane.kubectl import FLATTEN, Kubectl
from lab.controlplane.servers import Servers


class NotOursError(Exception):
    """A test wants to stop the API server of a cluster that was not started here."""


@dataclass(slots=True)
class ControlPlane:
    """A cluster, seen by its administrator. Use it in `with`, or call `stop`.

    Attributes:
        directory: The folder for logs, data and kubeconfigs.
        assets: Where the programs are.
        endpoint: Where the API server listens, and its authority.
        servers: What was started here; None if KUBECONFIG names the cluster.
        disposable: Whether `stop` removes the directory.
    """

    directory: Path
    assets: Assets
    endpoint: Endpoint
    servers: Servers | None
    disposable: bool

    @classmethod
    def start(
        cls, directory: Path | None = None, *, assets: Assets | None = None, keep: bool = False
    ) -> Self:
        """Start a control plane, in seconds, or in minutes when its programs are to be built.

        Args:
            directory: A folder, which then stays; None takes a temporary one.
            assets: Where the programs are; None asks the environment of this process.
            keep: Whether to leave a temporary folder in any case, and not after a failure alone.

        Raises:
            BuildError: A program is missing and cannot be built.
            ProcessError: A server does not come up; its log stays.
        """
        assets = assets or Assets.from_environment()
        folder = directory or Path(tempfile.mkdtemp(prefix="control-plane-"))
        folder.mkdir(parents=True, exist_ok=True)
        admin = folder / "kubeconfig"
        if assets.external:
            servers = None
            flattened = Kubectl.of_environment(assets).run(*FLATTEN)
            endpoint = kubeconfig.adopt(admin, flattened)
        else:
            servers = Servers.start(Layout.draw(folder), assets, admin)
            endpoint = servers.endpoint
        return cls(folder, assets, endpoint, servers, disposable=not directory and not keep)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None:
            self.keep()
        self.stop()

    @property
    def kubeconfig(self) -> Path:
        """Name the administrator's kubeconfig; it needs no other file."""
        return self.directory / "kubeconfig"

    @property
    def url(self) -> str:
        """Say where the API server listens, such as `https://127.0.0.1:6443`."""
        return self.endpoint.url

    @property
    def ca(self) -> Path:
        """Name the PEM file with the authority of the API server's certificate."""
        return self.endpoint.ca

    def kubectl(self, *args: str, input: str = "") -> str:  # noqa: A002 - as in subprocess.run
        """Run kubectl as the administrator and return its standard output.

        Raises:
            KubectlError: It failed.
        """
        return Kubectl.of(self.assets, self.kubeconfig).run(*args, text=input)

    def apply(self, *manifests: Mapping[str, Any] | str) -> None:
        """Apply objects on the server's side, which adds no annotation.

        Args:
            manifests: Objects, or YAML text with one or more of them.
        """
        texts = (m if isinstance(m, str) else yaml.safe_dump(dict(m)) for m in manifests)
        stream = "\n---\n".join(texts)
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input=stream)

    def token_for(self, namespace: str, service_account: str) -> str:
        """Ask the API server for a token of a ServiceAccount, good for a day."""
        asked = ("create", "token", service_account, f"--namespace={namespace}", "--duration=24h")
        return self.kubectl(*asked).strip()

    def kubeconfig_for(self, namespace: str, service_account: str) -> Path:
        """Write a kubeconfig to act as a ServiceAccount, in its own namespace unless told."""
        login = Login(service_account, self.token_for(namespace, service_account), namespace)
        path = self.directory / f"{namespace}.{service_account}.kubeconfig"
        return kubeconfig.write(path, self.endpoint, login)

    def requests(self, namespace: str, service_account: str) -> list[Request]:
        """Read from the audit log what a ServiceAccount has asked for, oldest first.

        Raises:
            NotOursError: The cluster was not started here, and its log is elsewhere.
        """
        user = f"system:serviceaccount:{namespace}:{service_account}"
        return list(requests_of(self._ours().layout.audit_log, user))

    def restart_api_server(self, *, kill: bool = False) -> None:
        """Stop the API server and start it again on the same port, with the same objects."""
        self.stop_api_server(kill=kill)
        self.start_api_server()

    def stop_api_server(self, *, kill: bool = False) -> None:
        """Stop the API server, politely or with SIGKILL; what it stored stays."""
        self._ours().api_server.stop(signal.SIGKILL if kill else signal.SIGTERM)

    def start_api_server(self) -> None:
        """Start the API server where it was before, and wait until it is ready."""
        self._ours().start_api_server()

    def keep(self) -> None:
        """Leave the directory with its logs for a person to read."""
        self.disposable = False

    def stop(self) -> None:
        """Stop what was started here; remove the directory unless it is to be kept."""
        if self.servers is not None:
            self.servers.stop()
        if self.disposable:
            shutil.rmtree(self.directory, ignore_errors=True)

    def _ours(self) -> Servers:
        if self.servers is None:
            raise NotOursError(f"{self.url} was not started here; unset KUBECONFIG for this test")
        return self.servers
