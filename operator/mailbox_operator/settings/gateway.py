"""The section about the gateway that applications send through."""

from typing import Annotated, Final, Self

from pydantic import Field, model_validator

from mailbox_operator.decide.sending.binding import GatewayAddress
from mailbox_operator.settings.values import Port, Section

HostName = Annotated[str, Field(pattern=r"^[A-Za-z0-9*.:-]+$", max_length=253)]
MIB: Final = 1024 * 1024


class GatewayCertificateSection(Section):
    """The certificate that applications verify the gateway by.

    Attributes:
        secret_name: Of a Secret of type kubernetes.io/tls that the platform brings; without one the
            operator makes a certificate, and a small authority that signs it.
        names: What that is for beside `gateway.host`.
        cluster_domain: The domain of the cluster, at the end of the whole name of a Service.
    """

    secret_name: Annotated[str, Field(pattern=r"^([a-z0-9]([-a-z0-9.]*[a-z0-9])?)?$")] = ""
    names: tuple[HostName, ...] = ()
    cluster_domain: HostName = "cluster.local"


class GatewayListenSection(Section):
    """Where the gateway's own process listens, behind its Service; port 0 takes a free one."""

    address: str = "::"  # IPv4 as well: applications come from other pods
    port: Annotated[int, Field(ge=0, le=65535)] = 2587
    tls_port: Annotated[int, Field(ge=0, le=65535)] = 2465


class GatewaySection(Section):
    """Where applications reach the gateway; there is none unless `host` is set.

    Attributes:
        host: Its name inside the cluster, which is on its certificate. The operator writes it into the
            Secret of each Sender.
        port: Of STARTTLS.
        tls_port: Of TLS from the first byte.
        max_connections: Of applications, to one replica.
        max_connections_per_source: Of these, from one address, without a login.
        max_message_bytes: Of one message.
        max_memory_bytes: Of all messages that one replica holds.
        relay_sessions: At one relay, of one replica.
    """

    host: Annotated[str, Field(pattern=r"^[A-Za-z0-9.:-]+$", max_length=253)] | None = None
    port: Port = 587
    tls_port: Port = 465
    max_connections: Annotated[int, Field(ge=1, le=100_000)] = 500
    max_connections_per_source: Annotated[int, Field(ge=1, le=100_000)] = 200
    max_message_bytes: Annotated[int, Field(ge=64 * 1024)] = 35 * MIB
    max_memory_bytes: Annotated[int, Field(ge=MIB)] = 256 * MIB
    relay_sessions: Annotated[int, Field(ge=1, le=100)] = 5
    listen: GatewayListenSection = GatewayListenSection()
    tls: GatewayCertificateSection = GatewayCertificateSection()

    @model_validator(mode="after")
    def _has_room_for_a_message(self) -> Self:
        if self.max_memory_bytes < 2 * self.max_message_bytes:
            raise ValueError("maxMemoryBytes must be at least 2 * maxMessageBytes")
        return self

    @property
    def address(self) -> GatewayAddress | None:
        """Hand the address on; None where there is no gateway."""
        return GatewayAddress(self.host, self.port, self.tls_port) if self.host else None
