"""Real mail servers as providers of Mailboxes: Postfix with Dovecot, Exim, and chasquid."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

from lab.servers.chasquid import Chasquid
from lab.servers.exim import Exim
from lab.servers.mail_server import MailServer
from lab.servers.postfix import RealMailServer
from lab.servers.smtp import Behaviour, SmtpServer
from lab.stand.manifests import PRIVATE_SMTP, Manifest, mailbox, secret, sender
from lab.stand.specs import GOOGLE, Spec
from lab.stand.world import World

WORD: Final = "right"
RECIPIENT: Final = "joe@acme.example"
NAMES: Final = ("plain", "token", "exim", "chasquid")
"""What a Mailbox, its Secret and its Sender are called, by its login and its provider."""
ADDRESSES: Final = {name: f"{name}@acme.example" for name in NAMES}
USERS: Final = dict.fromkeys((*ADDRESSES.values(), RECIPIENT), WORD)
EXIM: Final = ("acl_smtp_data = recipient", "queue_only")
KEPT: Final = "kept"


@dataclass(frozen=True, slots=True)
class Providers:
    """Running servers, and where each keeps what it took.

    Attributes:
        behind: What Postfix hands all mail on to.
    """

    postfix: RealMailServer
    behind: SmtpServer
    exim: MailServer
    chasquid: MailServer
    directories: Mapping[str, Path]

    @classmethod
    @asynccontextmanager
    async def running(cls, world: World) -> AsyncIterator[Self]:
        """Run them as long as the block lasts."""
        async with AsyncExitStack() as stack:
            places = {
                name: Path(stack.enter_context(TemporaryDirectory(prefix=f"{name}-")))
                for name in ("postfix", "exim", "chasquid")
            }
            taking = Behaviour(senders=tuple(ADDRESSES.values()), proxied=True)
            behind = await stack.enter_async_context(
                SmtpServer(world.authority.server_context(), taking)
            )
            postfix = RealMailServer.start(
                *(places["postfix"], world.authority, USERS, f"{world.oauth.url}/introspect"),
                {KEPT: (f"content_filter = smtp:[127.0.0.1]:{behind.port}",)},
            )
            exim = Exim.start(places["exim"], world.authority, USERS, EXIM)
            chasquid = Chasquid.start(places["chasquid"], world.authority, USERS)
            yield cls(
                await stack.enter_async_context(postfix),
                behind,
                await stack.enter_async_context(exim),
                await stack.enter_async_context(chasquid),
                places,
            )

    def at(self, name: str) -> MailServer:
        """Find the server of a Mailbox."""
        servers = {"exim": self.exim, "chasquid": self.chasquid}
        return servers.get(name, self.postfix.variants[KEPT])

    def configuration(self, world: World, **more: Any) -> Mapping[str, Any]:
        """Lead an operator and a gateway here."""
        usual = world.configuration()
        dialled = [*usual["egress"]["allowedPorts"]]
        dialled += [self.at(name).submission_port for name in NAMES]
        gmail = {"smtp": {"host": "localhost", "port": self.at("token").submission_port}}
        return world.configuration(
            egress=usual["egress"] | {"allowedPorts": dialled},
            google=usual["google"] | gmail,
            **more,
        )

    def manifests(self, world: World, name: str) -> Iterator[Manifest]:
        """Declare a Mailbox, its Secret and its Sender."""
        own: Spec = {"address": ADDRESSES[name], "credentialsSecretRef": {"name": name}}
        if name == "token":
            world.grant("1//token", ADDRESSES[name])
            app = {"client-id": "app", "client-secret": "hush", "refresh-token": "1//token"}
            yield from (secret(app, name), mailbox(GOOGLE | own, name))
        else:
            port = self.at(name).submission_port
            at = {"smtp": {"host": "localhost", "port": port, "security": "STARTTLS"}}
            yield from (secret({"password": WORD}, name), mailbox(PRIVATE_SMTP | own | at, name))
        yield sender(name, name=name)

    def arrived(self) -> bytes:
        """Read all that they took; of Exim's, the headers."""
        exim, chasquid = self.directories["exim"], self.directories["chasquid"]
        files = (*(exim / "spool/input").rglob("*-H"), *(chasquid / "mail").iterdir())
        return b"\n".join([*self.behind.messages, *(each.read_bytes() for each in files)])

    def log(self) -> str:
        """Read what Postfix says of its clients."""
        return (self.directories["postfix"] / "log").read_text(errors="replace")
