"""Applications that know one Secret, and the gateway's part of the configuration."""

from typing import Any

from lab.clients.programs import Login
from lab.stand.gateway_process import (
    HOST,
    SECTION,
    Application,
    Gateway,
    login_of as read_login,
)
from lab.stand.scene import Scene


def gateway_section() -> dict[str, Any]:
    """Write the part of the configuration; each gateway listens where a port is free."""
    return dict(SECTION)


async def application_of(scene: Scene, gateway: Gateway, name: str = "app-smtp") -> Application:
    """Make an application that connects to a gateway, by the Secret of a Sender."""
    port, _ = await gateway.ports()
    return Application(await login_of(scene, name), port)


async def login_of(scene: Scene, name: str = "app-smtp") -> dict[str, str]:
    """Read the Secret of a Sender."""
    return await read_login(scene.cluster, scene.namespace, name)


async def known_of(application: Application, gateway: Gateway) -> Login:
    """Tell what programs are given to connect to a gateway as this application."""
    port, tls_port = await gateway.ports()
    known = application.login
    return Login(
        *(HOST, port, tls_port),
        *(known["username"], known["password"], known["from"], known["certificates"]),
    )
