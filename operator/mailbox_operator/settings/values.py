"""The kinds of value that the configuration file holds."""

import re
from datetime import timedelta
from typing import Annotated, Any, Final

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    IPvAnyNetwork,
    WithJsonSchema,
)
from pydantic.alias_generators import to_camel

from mailbox_operator.decide.declared.fields import sum_of
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security

DURATION_PART: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)(ms|s|m|h)")


def _duration(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    parts = DURATION_PART.findall(value)
    if not parts or "".join(map("".join, parts)) != value:
        raise ValueError("write a duration such as 30s, 10m or 1h30m")
    return sum_of(parts)


Duration = Annotated[
    timedelta,
    BeforeValidator(_duration),
    Field(gt=timedelta()),
    WithJsonSchema({"type": "string", "pattern": rf"^({DURATION_PART.pattern})+$"}),
]
Cidr = Annotated[
    IPvAnyNetwork, WithJsonSchema({"type": "string", "pattern": r"^[0-9A-Fa-f.:]+(/\d{1,3})?$"})
]
NamespaceName = Annotated[str, Field(pattern=r"^[a-z0-9]([a-z0-9-]*[a-z0-9])?$", max_length=63)]
DOMAIN_PATTERN: Final = (
    r"^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?$"
)
HeloName = Annotated[
    str, Field(pattern=rf"{DOMAIN_PATTERN}|^\[(IPv6:[0-9A-Fa-f:.]+|[0-9.]+)\]$", max_length=253)
]
"""A domain or an address literal (RFC 5321 section 4.1.4)."""

Port = Annotated[int, Field(ge=1, le=65535)]
Url = Annotated[str, Field(pattern=r"^https://[^\s?#]+$")]
WebUrl = Annotated[
    str,
    Field(
        pattern=r"^(https://[^\s?#/]+|http://(localhost|127\.0\.0\.1)(:\d+)?)(/[^\s?#]*[^\s?#/])?$"
    ),
]
"""Where a browser goes; it keeps plain HTTP on the loopback as safe as TLS elsewhere."""

CollectorUrl = Annotated[str, Field(pattern=r"^https?://[^\s?#@/]+/[^\s?#]+$")]
"""Where traces go: with the path, and without credentials, for logs may name it."""


ProxyUrl = Annotated[
    str,
    Field(pattern=r"^https?://([^\s?#@/]+@)?[^\s?#@/]+/?$"),
]
"""Where an HTTP proxy is, with its user name and password before an `@`, percent-encoded."""


def _spelled(name: str) -> str:
    """Spell a field as Kubernetes does, acronyms in capitals."""
    return to_camel(name).replace("Url", "URL").replace("Uri", "URI")


class Section(BaseModel):
    """A part of the file: immutable, and no unknown field passes."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", alias_generator=_spelled, populate_by_name=True
    )


class ServerSection(Section):
    """A mail server the platform names."""

    host: str
    port: Port = 587
    security: Security = Security.STARTTLS

    @property
    def endpoint(self) -> Endpoint:
        """The server, as connectors dial it."""
        return Endpoint(self.host, self.port, self.security)
