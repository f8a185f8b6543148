"""The Mailboxes and Senders of the bench: one each, with a limit, and many of one Sender."""

import base64
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from lab.stand.cluster import Cluster
from lab.stand.manifests import mailbox, secret, sender
from tools.bench.gateway.options import CONNECTIONS, Options
from tools.bench.gateway.provider import PASSWORD, Provider
from tools.bench.gateway.relay import Login
from tools.bench.sizes import address
from tools.bench.stand import logging_in, place

OWN: Final = "gateway"
WITH_LIMIT: Final = "gateway, with a limit"
LIMITED: Final = "bench-limited"
SEVERAL: Final = "bench-several"
PER_DAY: Final = 1_000_000
"""No message reaches it, and each is counted."""

CAMPAIGN: Final = {
    "mailboxes": {"selector": {}},
    "choose": "ByRecipient",
    "from": "Rewrite",
}

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Group:
    """Some Mailboxes, and those that send by them.

    Attributes:
        name: Of the relay.
        mailboxes: Where each is.
        first: Number of the address of the first.
        is_limited: Whether what they send is counted.
        campaign: The one Sender of all; None if each has its own.
    """

    name: str
    mailboxes: Sequence[Place]
    first: int = 0
    is_limited: bool = False
    campaign: Place | None = None

    @property
    def senders(self) -> Sequence[Place]:
        """Say where the Senders are."""
        return [self.campaign] if self.campaign else self.mailboxes

    def added(
        self, cluster: Cluster, provider: Provider
    ) -> Iterator[Callable[[], Awaitable[None]]]:
        """Create all of it, piece by piece."""
        for number, where in enumerate(self.mailboxes, self.first):
            namespace, name = where
            asked = logging_in(address(number), name, provider.port)
            limit = {"sending": {"perDay": PER_DAY}} if self.is_limited else {}
            objects = [secret({"password": PASSWORD}, name), mailbox(asked | limit, name)]
            if not self.campaign:
                objects.append(sender(name, name=name))
            yield partial(_apply, cluster, namespace, objects)
        if self.campaign:
            namespace, name = self.campaign
            yield partial(_apply, cluster, namespace, [sender(name=name) | {"spec": CAMPAIGN}])

    async def logins(self, cluster: Cluster) -> tuple[Sequence[Login], str]:
        """Read the Secrets of the Senders: the logins, and the authority of the gateway."""
        found, authority = list[Login](), ""
        for namespace, name in self.senders:
            binding = await cluster.find("Secret", f"{name}-smtp", namespace)
            assert binding is not None
            content = binding["data"].items()
            each = {key: base64.b64decode(value).decode() for key, value in content}
            by = each.get("from") or address(self.first)
            found.append(Login(each["username"], each["password"], by))
            authority = each["certificates"]
        return found, authority


def groups(options: Options) -> Sequence[Group]:
    """Say what is measured of the gateway: first those with a Sender each, without a limit."""
    size, many = options.crowd, options.mailboxes
    limited = [(LIMITED, f"limited-{number}") for number in range(CONNECTIONS)]
    found = [
        Group(OWN, [place(number) for number in range(size)]),
        Group(WITH_LIMIT, limited, size, is_limited=True),
    ]
    if many:
        boxes = [(SEVERAL, f"several-{number}") for number in range(many)]
        name, at = f"gateway, with a limit, {many} mailboxes", (SEVERAL, "campaign")
        found.append(Group(name, boxes, size + CONNECTIONS, is_limited=True, campaign=at))
    return found


async def _apply(cluster: Cluster, namespace: str, objects: Sequence[Mapping[str, Any]]) -> None:
    for each in objects:
        metadata = each["metadata"] | {"namespace": namespace}
        await cluster.apply(dict(each) | {"metadata": metadata})
