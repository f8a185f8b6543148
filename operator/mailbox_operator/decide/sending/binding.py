"""What the binding Secret of a Sender contains, as the Service Binding specification names it.

An application needs host, port, username and password; the other keys spare it to be told by hand.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import quote

BINDING_TYPE: Final = "servicebinding.io/smtp"
"""Type of the Secret, which is immutable at the API server."""

PROVIDER: Final = "mailbox-operator"


@dataclass(frozen=True, slots=True)
class GatewayAddress:
    """Where applications reach the gateway.

    Attributes:
        host: Its name, which is on its certificate.
        port: Of STARTTLS.
        tls_port: Of TLS from the first byte.
    """

    host: str
    port: int
    tls_port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}:{self.tls_port}"


@dataclass(frozen=True, slots=True)
class Binding:
    """What one application is told.

    Attributes:
        sender: Address that it sends from.
        certificates: PEM of the authorities of the gateway's certificate; empty for public ones.
    """

    gateway: GatewayAddress
    user_name: str
    password: str = field(repr=False)
    sender: str
    certificates: bytes = b""

    @property
    def content(self) -> Mapping[str, bytes]:
        """Write the keys of the Secret.

        Source:
            Service Binding Specification 1.1, Well-known Secret Entries.
        """
        texts = {
            "type": "smtp",
            "provider": PROVIDER,
            "host": self.gateway.host,
            "port": str(self.gateway.port),
            "tls-port": str(self.gateway.tls_port),
            "username": self.user_name,
            "password": self.password,
            "uri": self._uri,
            "from": self.sender,
        }
        found = {name: text.encode() for name, text in texts.items()}
        return found | ({"certificates": self.certificates} if self.certificates else {})

    @property
    def _uri(self) -> str:
        host = f"[{self.gateway.host}]" if ":" in self.gateway.host else self.gateway.host
        login = f"{quote(self.user_name, safe='')}:{quote(self.password, safe='')}"
        return f"smtp://{login}@{host}:{self.gateway.port}"
