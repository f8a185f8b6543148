"""Mailboxes that wait for a person, and operators that have a page for her."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from lab.controlplane.ports import free_ports
from lab.stand.manifests import infrastructure, mailbox, secret
from lab.stand.scene import Scene
from lab.stand.specs import MANAGED_GOOGLE, MANAGED_OUTLOOK, Spec
from lab.stand.standings import waiting
from lab.stand.world import World

APP: Final = {"client-id": "app", "client-secret": "hush"}
OFFERS: Final[Mapping[str, Spec]] = {
    "Google": {"google": {"clientSecretRef": {"name": "app"}}},
    "Outlook": {"outlook": {"clientSecretRef": {"name": "app"}, "tenant": "organizations"}},
}
SPECS: Final[Mapping[str, Spec]] = {"Google": MANAGED_GOOGLE, "Outlook": MANAGED_OUTLOOK}


def with_page(world: World, port: int = 0, public_port: int = 0, **more: Any) -> Mapping[str, Any]:
    """Configure an operator that has a consent page, and providers that ask before they allow."""
    port = port or free_ports(1)[0]
    url = f"http://localhost:{public_port or port}"
    known = world.oauth.behaviour
    world.oauth.behaviour = replace(known, screens=True, redirect_uris=[f"{url}/callback"])
    page = {"publicURL": url, "address": "127.0.0.1", "port": port}
    return world.configuration(consent={**page, "startsPerLink": 100}, **more)


async def awaiting(scene: Scene, provider: str = "Google", **spec: Any) -> str:
    """Declare a Managed mailbox of a provider; return the link for its owner."""
    await scene.apply(
        secret(APP, "app", scene.platform_namespace),
        infrastructure(scene.namespace, OFFERS[provider]),
        mailbox(SPECS[provider] | {"managedInfrastructureName": scene.namespace} | spec),
    )
    return await link(scene)


async def link(scene: Scene, reason: str = "AwaitingConsent") -> str:
    """Wait until a mailbox waits for consent; return the link for its owner."""
    found = await scene.until(waiting(reason))
    url: str = found["status"]["consentURL"]
    return url
