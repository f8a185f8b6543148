"""Applications that know one Secret, and the gateway's part of the configuration."""

import base64
from typing import Any

from lab.stand.gateway_process import HOST, Application, Gateway
from lab.stand.scene import Scene


def gateway_section() -> dict[str, Any]:
    """Write the part of the configuration; each gateway listens where a port is free."""
    listen = {"address": "127.0.0.1", "port": 0, "tlsPort": 0}
    return {"host": HOST, "listen": listen}


async def application_of(scene: Scene, gateway: Gateway, name: str = "app-smtp") -> Application:
    """Make an application that connects to a gateway, by the Secret of a Sender."""
    port, _ = await gateway.ports()
    return Application(await login_of(scene, name), port)


async def login_of(scene: Scene, name: str = "app-smtp") -> dict[str, str]:
    """Read the Secret of a Sender."""
    found = await scene.cluster.find("Secret", name, scene.namespace)
    assert found is not None
    return {key: base64.b64decode(value).decode() for key, value in found["data"].items()}
