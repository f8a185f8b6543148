"""A submission server as a manifest states it, and what is customary on its ports (RFC 8314)."""

from dataclasses import dataclass
from sys import intern
from typing import Final

from mailbox_operator.decide.declared.fields import Fields
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.texts.shapes import HOST
from mailbox_operator.decide.words import Security

TLS_PORTS: Final = frozenset({465, 2465})
STARTTLS_PORTS: Final = frozenset({587, 2525, 2587})
RELAYING_PORT: Final = 25


@dataclass(frozen=True, slots=True)
class Server:
    """Somebody's own words about a server; what they leave out is None."""

    host: str | None = None
    port: int | None = None
    security: Security | None = None

    @property
    def endpoint(self) -> Endpoint:
        """What is meant: the customary values in place of those left out. It takes a host."""
        assert self.host is not None
        port = self.port or (465 if self.security is Security.TLS else 587)
        usual = Security.TLS if port in TLS_PORTS else Security.STARTTLS
        return Endpoint(self.host, port, self.security or usual)


def read_server(fields: Fields) -> Server:
    """Read host, port and security; port and security that cannot work together are refused."""
    port = fields.port_or_none("port")
    security = fields.word_or_none("security", Security)
    if port == RELAYING_PORT:
        problem = "port 25 is for relaying between servers: use 587 with STARTTLS or 465 with TLS"
        fields.refuse("port", problem)
    if port in TLS_PORTS and security is Security.STARTTLS:
        fields.refuse("security", f"port {port} speaks TLS from its first byte: use TLS")
    if port in STARTTLS_PORTS and security is Security.TLS:
        fields.refuse("security", f"port {port} starts in the clear: use STARTTLS")
    host = fields.text_or_none("host", HOST)
    return Server(host and intern(host), port, security)
