"""Starts and stops the three servers of a control plane, in the order they need each other."""

import functools
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from lab.controlplane import audit, commands, kubeconfig
from lab.controlplane.assets import Assets
from lab.controlplane.commands import Layout
from lab.controlplane.health import answers
from lab.controlplane.kubeconfig import Endpoint, Login
from lab.controlplane.process import Process
from lab.controlplane.programs import Program


@dataclass(frozen=True, slots=True)
class Servers:
    """The servers of one control plane.

    Attributes:
        layout: Where they listen and keep their files.
        admin: The administrator's kubeconfig; there once the API server is ready.
    """

    layout: Layout
    admin: Path
    etcd: Process
    api_server: Process
    controller_manager: Process

    @classmethod
    def start(cls, layout: Layout, assets: Assets, admin: Path) -> Self:
        """Start all three and wait until each is ready; if one is not, stop them all."""
        servers = cls.prepare(layout, assets, admin)
        try:
            servers.start_etcd()
            servers.start_api_server()
            kubeconfig.write(admin, servers.endpoint, Login("admin", layout.admin_token))
            servers.start_controller_manager()
        except BaseException:
            servers.stop()
            raise
        return servers

    @classmethod
    def prepare(cls, layout: Layout, assets: Assets, admin: Path) -> Self:
        """Find the programs and write the files they expect."""
        layout.certificates.mkdir(parents=True, exist_ok=True)
        kubeconfig.write_private(layout.signing_key, new_key())
        admin_user = f'{layout.admin_token},admin,admin,"system:masters"\n'
        kubeconfig.write_private(layout.tokens, admin_user)
        layout.audit_policy.write_text(audit.POLICY)

        etcd, api_server, manager = (
            assets.locate(program)
            for program in (Program.ETCD, Program.API_SERVER, Program.CONTROLLER_MANAGER)
        )
        logged = layout.directory.joinpath
        return cls(
            layout,
            admin,
            Process(commands.etcd(etcd, layout), logged("etcd.log")),
            Process(commands.api_server(api_server, layout), logged("api-server.log")),
            Process(
                commands.controller_manager(manager, layout, admin),
                logged("controller-manager.log"),
            ),
        )

    @property
    def endpoint(self) -> Endpoint:
        """Say where the API server listens."""
        return Endpoint(f"https://127.0.0.1:{self.layout.api_port}", self.layout.api_ca)

    def start_etcd(self) -> None:
        """Start etcd and wait until it serves."""
        self.etcd.start()
        self.etcd.wait_until(functools.partial(answers, self.layout.etcd_port, "/health"))

    def start_api_server(self) -> None:
        """Start the API server and wait until it is ready, RBAC's own roles included."""
        self.api_server.start()
        self.api_server.wait_until(functools.partial(self.is_ready, self.layout.api_port))

    def another_api_server(self, port: int) -> Process:
        """Prepare one more API server of the same etcd, with the same certificate and tokens."""
        layout = replace(self.layout, api_port=port)
        log = f"--audit-log-path={layout.directory / f'audit-{port}.log'}"
        program = Path(self.api_server.command[0])
        return Process(
            [*commands.api_server(program, layout), log],
            layout.directory / f"api-server-{port}.log",
        )

    def is_ready(self, port: int) -> bool:
        """Tell whether an API server of this etcd is ready."""
        layout = self.layout
        return answers(port, "/readyz", ca=layout.api_ca, token=layout.admin_token)

    def start_controller_manager(self) -> None:
        """Start the controller manager and wait until it is healthy."""
        layout = self.layout
        healthy = functools.partial(answers, layout.manager_port, "/healthz", ca=layout.manager_ca)
        self.controller_manager.start()
        self.controller_manager.wait_until(healthy)

    def stop(self) -> None:
        """Stop what runs, the last one started first."""
        self.controller_manager.stop()
        self.api_server.stop()
        self.etcd.stop()


def new_key() -> str:
    """Make the key that signs the tokens of ServiceAccounts.

    The API server reads the public half from the same file, and does so from no PKCS 8.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return private.decode()
