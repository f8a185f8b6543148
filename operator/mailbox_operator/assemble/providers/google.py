"""Builds what connects mailboxes of Google."""

from mailbox_operator.assemble.providers.parts import OAuthParts, endpoint_of
from mailbox_operator.connect.google.connector import Google
from mailbox_operator.connect.google.endpoints import GoogleEndpoints
from mailbox_operator.settings.file import Settings


def google(settings: Settings, parts: OAuthParts) -> Google:
    """Build it, with the endpoints that the configuration names."""
    found = settings.google
    endpoints = GoogleEndpoints(
        issuer=found.issuer,
        authorization=found.authorization_endpoint,
        token=found.token_endpoint,
        revocation=found.revocation_endpoint,
        jwks=found.jwks_uri,
        smtp=endpoint_of(found.smtp),
    )
    return Google(
        endpoints,
        parts.trust,
        parts.bearers,
        parts.secrets,
        parts.grants,
        parts.id_tokens,
        proxies=parts.proxies,
    )
