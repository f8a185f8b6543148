"""A sign-in service in Google's place that takes each refresh token once, and a mail server with it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self

from playwright.async_api import Browser

from lab.browser.person import Person
from lab.controlplane.ports import free_ports
from lab.servers.authority import Authority
from lab.servers.certified import LIFETIME_SECONDS, Certified
from lab.servers.smtp import Behaviour, SmtpServer
from lab.stand.consents import with_page
from lab.stand.manifests import ADDRESS
from lab.stand.world import World


@dataclass(frozen=True, slots=True)
class StrictGoogle:
    """Both, and where people consent.

    Attributes:
        certified: Signs in, and issues tokens.
        mail: Asks it about each token.
        page_port: Of the consent page that people come back to.
    """

    certified: Certified
    mail: SmtpServer
    page_port: int

    @classmethod
    @asynccontextmanager
    async def running(
        cls, authority: Authority, lifetime_seconds: int = LIFETIME_SECONDS
    ) -> AsyncIterator[Self]:
        """Run them as long as the block lasts.

        Args:
            authority: Signs their certificates.
            lifetime_seconds: Of an access token.
        """
        (port,) = free_ports(1)
        back = f"http://localhost:{port}/callback"
        async with (
            Certified.running(authority, back, lifetime_seconds=lifetime_seconds) as certified,
            SmtpServer(authority.server_context(), Behaviour(), certified.token_valid) as mail,
        ):
            yield cls(certified, mail, port)

    def configuration(self, world: World, **more: Any) -> Mapping[str, Any]:
        """Configure an operator that has a consent page, and knows these as Google."""
        return with_page(world, self.page_port, google=self._place, **more)

    def configuration_of_another(self, world: World, **more: Any) -> Mapping[str, Any]:
        """Configure one more replica; people reach the page of the first."""
        return with_page(world, public_port=self.page_port, google=self._place, **more)

    @property
    def _place(self) -> Mapping[str, Any]:
        smtp = {"host": "localhost", "port": self.mail.port}
        return {**self.certified.settings, "smtp": smtp}


async def consents(browser: Browser, link: str) -> None:
    """Have the owner click through."""
    async with Person.of(browser) as person:
        await person.begins(link)
        await person.signs_in(ADDRESS)
        await person.sees("Connected")
