"""The section about the gateway that applications send through."""

from typing import Annotated

from pydantic import Field

from mailbox_operator.decide.sending.binding import GatewayAddress
from mailbox_operator.settings.values import Port, Section


class GatewaySection(Section):
    """Where applications reach the gateway; there is none unless `host` is set.

    Attributes:
        host: Its name inside the cluster, which is on its certificate. The operator writes it into the
            Secret of each Sender.
        port: Of STARTTLS.
        tls_port: Of TLS from the first byte.
    """

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]+$", max_length=253)] | None = None
    port: Port = 587
    tls_port: Port = 465

    @property
    def address(self) -> GatewayAddress | None:
        """Hand the address on; None where there is no gateway."""
        return GatewayAddress(self.host, self.port, self.tls_port) if self.host else None
