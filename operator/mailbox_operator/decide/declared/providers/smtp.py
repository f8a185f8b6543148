"""SMTP: mailboxes of any other server, by username and password."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from mailbox_operator.decide.declared.fields import Fields, Mistake
from mailbox_operator.decide.declared.providers.access import (
    Access,
    Declaration,
    SpecRule,
    mistakes,
)
from mailbox_operator.decide.declared.server import Server, read_server
from mailbox_operator.decide.texts.shapes import PRESET_NAME
from mailbox_operator.decide.words import Infrastructure, Provider


@dataclass(frozen=True, slots=True)
class SmtpAccess(Server, Access):
    """The owner's own words about its server; what they leave out is None."""

    provider: ClassVar[Provider] = Provider.SMTP
    preset: str | None = None
    ca_secret: str | None = None

    def mistakes(self, *, managed: bool) -> Iterator[Mistake]:
        """Name what breaks a rule of this provider."""
        return mistakes(SPEC_RULES, self, managed=managed)

    def destination(self, domain: str) -> str:
        """Name what is dialled, as far as the spec tells."""
        return (self.host or self.preset or domain).lower().rstrip(".")

    def server_from(self, infrastructure: Infrastructure) -> Infrastructure:
        """Say who names the server: the tenant, unless it leaves that to the platform."""
        return Infrastructure.PRIVATE if self.host is not None else infrastructure

    @property
    def secrets(self) -> tuple[str, ...]:
        """The Secret with the server's own authority."""
        return (self.ca_secret,) if self.ca_secret else ()


SPEC_RULES: Final[tuple[SpecRule[SmtpAccess], ...]] = (
    SpecRule("smtp", "state host or preset",
             lambda asked, managed: not (managed or asked.host or asked.preset)),
    SpecRule("smtp.preset", "state host or preset, not both",
             lambda asked, _: bool(asked.host and asked.preset)),
    SpecRule("smtp", "port and security go with host, a preset brings its own",
             lambda asked, _: not asked.host and bool(asked.port or asked.security)),
    SpecRule("smtp.caSecretRef", "it goes with infrastructure Private only",
             lambda asked, managed: managed and asked.ca_secret is not None),
)  # fmt: skip


def read(block: Fields) -> SmtpAccess:
    """Read the block of a Mailbox."""
    server = read_server(block)
    return SmtpAccess(
        host=server.host,
        port=server.port,
        security=server.security,
        preset=block.text_or_none("preset", PRESET_NAME),
        ca_secret=block.reference_or_none("caSecretRef"),
    )


SMTP: Final = Declaration("SMTP", ("host", "port", "security", "preset", "caSecretRef"), read)
