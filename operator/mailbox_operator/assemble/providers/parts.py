"""What every connector of a provider of tokens is made of."""

from dataclasses import dataclass

from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.oauth.bearer import Bearers
from mailbox_operator.connect.oauth.idtoken import IdTokens
from mailbox_operator.connect.oauth.proxies import Proxies
from mailbox_operator.connect.ports import Grants, Secrets
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.settings.values import ServerSection


@dataclass(frozen=True, slots=True)
class OAuthParts:
    """The parts that the connectors share."""

    trust: Trust
    bearers: Bearers
    secrets: Secrets
    grants: Grants
    id_tokens: IdTokens
    proxies: Proxies


def endpoint_of(server: ServerSection) -> Endpoint:
    """Name a mail server of the configuration."""
    return Endpoint(server.host, server.port, server.security)
