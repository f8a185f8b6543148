"""A tenant that tries passwords for an account, and what the operator keeps of that."""

import asyncio
import base64
import json
from dataclasses import dataclass, replace
from typing import Final

from lab.servers.smtp import Behaviour, SmtpServer
from lab.stand.manifests import at, mailbox, secret
from lab.stand.scene import Scene
from lab.stand.world import GOOD
from mailbox_operator.cluster.refusal_record import RECORD_NAME
from mailbox_operator.decide.refusals.refused import OPEN

GUESSES: Final = 12


@dataclass(frozen=True, slots=True)
class Guesser:
    """A tenant that tries passwords for an account by creating and deleting Mailboxes."""

    scene: Scene
    server: SmtpServer
    username: str

    async def guess(self, turn: str, times: int = GUESSES) -> None:
        """Try so many passwords, and delete the Mailboxes once each was looked at."""
        names = [f"{turn}-{number}" for number in range(times)]
        await self.scene.apply(
            *(secret({"username": self.username, "password": f"guess {n}"}, n) for n in names)
        )
        await self.scene.apply(
            *(mailbox(at(self.server) | {"credentialsSecretRef": {"name": n}}, n) for n in names)
        )
        await asyncio.gather(*(self.scene.until_attempted(1, n, within=40) for n in names))
        for name in names:
            await self.scene.cluster.delete("Mailbox", name, self.scene.namespace)


def serving(*addresses: str) -> Behaviour:
    """Have a server know these accounts."""
    return replace(GOOD, accounts=dict.fromkeys(addresses, "right"), senders=None)


async def kept(scene: Scene) -> list[list[object]]:
    """Read what is kept of refused logins; empty before the first one."""
    return [row for row in await _rows(scene) if not str(row[0]).endswith(OPEN)]


async def under_way(scene: Scene) -> int:
    """Read how many logins are under way, or were when their replica was killed."""
    return len(await _rows(scene)) - len(await kept(scene))


async def _rows(scene: Scene) -> list[list[object]]:
    found = await scene.cluster.find("Secret", RECORD_NAME, scene.platform_namespace)
    return json.loads(base64.b64decode(found["data"]["refusals"])) if found else []
