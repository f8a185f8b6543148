"""An installation with the gateway: its Service as an application finds it, and a tenant that sends."""

import asyncio
import base64
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Final, Self

from lab.controlplane.kubectl import KubectlError
from lab.node.pod import Pod
from lab.node.policy import Peer, Workload
from lab.node.service import served
from lab.servers.authority import Authority, PemPair
from lab.servers.smtp import SmtpServer
from lab.stand.cluster import Object
from lab.stand.eventually import eventually
from lab.stand.manifests import new_namespace, secret
from lab.stand.standings import Summary, summary
from lab.stand.world import ADDRESS
from system.rollout.courier import Courier
from system.rollout.helm import OPERATOR, Outcome
from system.rollout.site import API_SERVER, RELEASE, Site, Tenant

SENDS: Final = {"mail.platform.example/sends": "true"}
APPLICATION: Final = Peer("10.244.9.7", Workload("shop", {"app": "shop"}, SENDS))
CERTIFICATE: Final = "gateway-tls"
GOOGLE_ADDRESS: Final = "ana@acme.example"
GRANT: Final = "ana-grant"
KINDS: Final = (
    *("deployments", "services", "serviceaccounts", "poddisruptionbudgets", "networkpolicies"),
    *("roles", "rolebindings", "clusterroles", "clusterrolebindings"),
    *("validatingadmissionpolicies", "validatingadmissionpolicybindings"),
)
WAIT: Final = ("--wait", "--timeout=90s")
QUICK: Final[Mapping[str, Any]] = {
    "replicaCount": 1,
    "readinessProbe": {"periodSeconds": 1},
    "startupProbe": {"periodSeconds": 1},
}
"""So that a rollout takes less time."""
GATEWAY: Final[Mapping[str, Any]] = {
    "enabled": True,
    "from": [{"namespaceSelector": {"matchLabels": SENDS}}],
    "tls": {"secretName": CERTIFICATE},
}
NARROW: Final[Mapping[str, Any]] = {
    "apiServer": {"to": [{"ipBlock": {"cidr": f"{API_SERVER}/32"}}]},
    "dns": {
        "to": [
            {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "kube-system"}}}
        ]
    },
}


@dataclass(slots=True)
class Sending:
    """The gateway of the chart in its cluster.

    Attributes:
        server: The provider of the Mailbox that the Sender `shop` sends through.
        tenant: Has the Mailboxes and Senders.
        pairs: Certificates that were brought for the gateway, oldest first.
    """

    site: Site
    tenant: Tenant
    server: SmtpServer
    authority: Authority = field(default_factory=Authority)
    pairs: list[PemPair] = field(default_factory=list)

    @classmethod
    @asynccontextmanager
    async def open(cls, site: Site) -> AsyncIterator[Self]:
        """Install the operator with a gateway whose certificate was brought, and a tenant."""
        site.world.grant(GRANT, GOOGLE_ADDRESS)
        async with site.world.server() as server:
            sending = cls(site, site.tenant(), server)
            await site.cluster.apply(new_namespace(site.operator.namespace))
            await sending.bring_certificate()
            (await site.install(gateway=GATEWAY, networkPolicy=NARROW, **QUICK)).well()
            (await sending.tenant.install(sending.mailboxes("shop"), *WAIT)).well()
            yield sending

    @property
    def host(self) -> str:
        """Name the Service as applications know it."""
        return f"{RELEASE}-gateway.{self.site.operator.namespace}.svc"

    def mailboxes(self, *senders: str) -> dict[str, Any]:
        """Write the tenant's values: a Mailbox with a password, one of Google's, and their Senders."""
        client = {"client-id": "app", "client-secret": "hush", "refresh-token": GRANT}
        place = {"host": "localhost", "port": self.server.port, "security": "STARTTLS"}
        jane = {"address": ADDRESS, "provider": "SMTP", "smtp": place}
        ana = {"address": GOOGLE_ADDRESS, "provider": "Google", "credentials": client}
        return {
            "defaults": {"infrastructure": "Private"},
            "mailboxes": {"jane": jane | {"credentials": {"password": "right"}}, "ana": ana},
            "senders": {"crm": {"mailboxes": ["ana"]}}
            | {name: {"mailboxes": ["jane"]} for name in senders},
        }

    async def bring_certificate(self) -> PemPair:
        """Put a new certificate where cert-manager would."""
        pair = self.authority.certificate(self.host)
        content = {
            "tls.crt": pair.cert.decode(),
            "tls.key": pair.key.decode(),
            "ca.crt": self.authority.ca_pem.decode(),
        }
        manifest = secret(content, CERTIFICATE, self.site.operator.namespace)
        await self.site.cluster.apply(manifest | {"type": "kubernetes.io/tls"})
        self.pairs.append(pair)
        return pair

    async def upgrade(self, **values: Any) -> Outcome:
        """Upgrade the operator's release to other values."""
        wanted = self.site.values(**{"gateway": GATEWAY, "networkPolicy": NARROW, **QUICK} | values)
        return (await self.site.operator.upgrade(OPERATOR, wanted, *WAIT)).well()

    def port(
        self, name: str = "submission", source: Peer = APPLICATION
    ) -> AbstractAsyncContextManager[int]:
        """Have a port of the Service on this machine, as a peer finds it."""
        place = self.site.operator.namespace, f"{RELEASE}-gateway"
        return served(self.site.node, *place, name, source)

    async def login(self, sender: str = "shop") -> Mapping[str, str]:
        """Read the Secret of a Sender, once there is one."""

        async def look() -> Mapping[str, str]:
            return decoded(await self.secret(sender))

        return await eventually(look, tell=self.site.logs)

    async def secret(self, sender: str) -> Object:
        """Find the Secret of a Sender; empty if there is none."""
        namespace = self.tenant.helm.namespace
        return await self.site.cluster.find("Secret", f"{sender}-smtp", namespace) or {}

    async def courier(self, port: int, sender: str = "shop", *, is_tls: bool = False) -> Courier:
        """Make an application with the login of a Sender."""
        return Courier(await self.login(sender), port, is_tls)

    async def until(self, sender: str, expected: Summary) -> None:
        """Wait until a Sender stands so."""

        async def look() -> Summary:
            found = await self.site.cluster.find("Sender", sender, self.tenant.helm.namespace)
            return summary(found)

        await eventually(look, lambda seen: seen == expected, 30, self.site.logs)

    async def installed(self) -> list[str]:
        """Name what there is in the cluster for the gateway alone, access tokens included."""
        home = self.site.operator.namespace
        order = ("get", ",".join(KINDS), "--output=name", f"--namespace={home}")
        found = await asyncio.to_thread(self.site.cluster.plane.kubectl, *order)
        objects = [each for each in found.split() if each.endswith(("-gateway", "-logins"))]
        secrets = [x["metadata"]["name"] for x in await self.site.cluster.list("Secret", home)]
        return [*objects, *(each for each in secrets if each.startswith("mailbox-access-"))]

    def may_write_secrets(self) -> bool:
        """Tell whether the operator may create Secrets of the tenant."""
        account = f"system:serviceaccount:{self.site.operator.namespace}:{RELEASE}"
        who = (f"--as={account}", f"--namespace={self.tenant.helm.namespace}", "--quiet")
        try:
            self.site.cluster.plane.kubectl("auth", "can-i", "create", "secrets", *who)
        except KubectlError:
            return False
        return True

    async def until_gone(self, old: Sequence[Pod]) -> None:
        """Wait until none of these pods is left."""
        uids = {pod.spec.uid for pod in old}

        async def left() -> set[str]:
            return uids & {pod.spec.uid for pod in self.site.gateways()}

        await eventually(left, lambda found: not found, within=60, tell=self.site.logs)


def decoded(found: Object) -> Mapping[str, str]:
    """Read the content of a Secret."""
    return {key: base64.b64decode(value).decode() for key, value in found.get("data", {}).items()}
