"""The consent page on the loopback, on the stage of the fakes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self

from lab.controlplane.ports import free_ports
from lab.serving_site import serving
from mailbox_operator.consent.cookies import Cookies
from mailbox_operator.consent.pages import Pages
from mailbox_operator.consent.web import BOUNDS, Site
from unit.consent.stage import JANE, Stage


@dataclass(slots=True)
class Served:
    """A running page.

    Attributes:
        base: Path below which it is served.
        secure: Whether its cookies are those of a page behind TLS.
        ready: Whether the cluster is known.
    """

    stage: Stage = field(default_factory=Stage)
    base: str = ""
    secure: bool = False
    ready: bool = True
    port: int = field(default_factory=lambda: free_ports(1)[0])

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://localhost:{self.port}{self.base}"

    @property
    def link(self) -> str:
        """Where Jane gives consent."""
        return f"{self.url}/mailboxes/{JANE.uid}"

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Self]:
        """Serve as long as the block lasts."""
        ports = self.stage.ports
        cookies = Cookies(self.secure, ports.draw)
        site = Site(ports, Pages(self.base), cookies, self.url, lambda: self.ready)
        async with serving(site.application(), BOUNDS, self.port):
            yield self
