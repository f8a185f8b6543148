"""The command lines of a control plane on the loopback. Decides the flags, starts nothing."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from lab.controlplane.ports import free_ports


@dataclass(frozen=True, slots=True)
class Layout:
    """Where one control plane listens and keeps its files.

    Attributes:
        directory: The folder for everything it writes.
        admin_token: The bearer token of a member of `system:masters`.
    """

    directory: Path
    etcd_port: int
    api_port: int
    manager_port: int
    admin_token: str = field(repr=False)

    @classmethod
    def draw(cls, directory: Path) -> Self:
        """Choose free ports and a token."""
        etcd_port, api_port, manager_port = free_ports(3)
        return cls(directory, etcd_port, api_port, manager_port, secrets.token_hex(16))

    @property
    def certificates(self) -> Path:
        """Name the folder where the servers put the certificates they make."""
        return self.directory / "certificates"

    @property
    def api_ca(self) -> Path:
        """Name the file with the authority that signed the API server's certificate."""
        return self.certificates / "apiserver.crt"

    @property
    def manager_ca(self) -> Path:
        """Name the file with the authority that signed the controller manager's certificate."""
        return self.certificates / "kube-controller-manager.crt"

    @property
    def signing_key(self) -> Path:
        """Name the private key for the tokens of ServiceAccounts."""
        return self.directory / "service-accounts.key"

    @property
    def tokens(self) -> Path:
        """Name the file with the administrator's token."""
        return self.directory / "tokens.csv"

    @property
    def audit_policy(self) -> Path:
        """Name the file that says what the audit log tells."""
        return self.directory / "audit-policy.yaml"

    @property
    def audit_log(self) -> Path:
        """Name the file with the requests of ServiceAccounts, a JSON object each."""
        return self.directory / "audit.log"


def etcd(program: Path, layout: Layout) -> list[str]:
    """Serve the objects; a crash of the machine may lose them, which nobody here minds."""
    url = f"http://127.0.0.1:{layout.etcd_port}"
    return [
        str(program),
        f"--data-dir={layout.directory / 'etcd'}",
        f"--listen-client-urls={url}",
        f"--advertise-client-urls={url}",
        "--listen-peer-urls=http://127.0.0.1:0",
        "--unsafe-no-fsync",
    ]


def api_server(program: Path, layout: Layout) -> list[str]:
    """Serve the API with RBAC, the way a real cluster does."""
    return [
        str(program),
        f"--etcd-servers=http://127.0.0.1:{layout.etcd_port}",
        f"--cert-dir={layout.certificates}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={layout.api_port}",
        "--endpoint-reconciler-type=none",
        "--service-cluster-ip-range=10.0.0.0/24",
        "--service-account-issuer=https://kubernetes.default.svc",
        f"--service-account-key-file={layout.signing_key}",
        f"--service-account-signing-key-file={layout.signing_key}",
        f"--token-auth-file={layout.tokens}",
        "--authorization-mode=RBAC",
        f"--audit-policy-file={layout.audit_policy}",
        f"--audit-log-path={layout.audit_log}",
        "--allow-privileged",
        # Without it, open watches hold up a polite stop for a minute.
        "--shutdown-watch-termination-grace-period=1s",
    ]


def controller_manager(program: Path, layout: Layout, kubeconfig: Path) -> list[str]:
    """Run the controllers, except those that look after nodes."""
    return [
        str(program),
        f"--kubeconfig={kubeconfig}",
        f"--cert-dir={layout.certificates}",
        "--bind-address=127.0.0.1",
        f"--secure-port={layout.manager_port}",
        f"--service-account-private-key-file={layout.signing_key}",
        f"--root-ca-file={layout.api_ca}",  # pods trust it: ConfigMap kube-root-ca.crt
        "--use-service-account-credentials=true",
        "--leader-elect=false",
        "--controllers=*,-nodeipam,-nodelifecycle,-bootstrapsigner",
    ]
