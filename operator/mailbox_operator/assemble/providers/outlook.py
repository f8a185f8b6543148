"""Builds what connects mailboxes of Microsoft."""

from mailbox_operator.assemble.providers.parts import OAuthParts, endpoint_of
from mailbox_operator.connect.outlook.connector import Outlook, OutlookEndpoints
from mailbox_operator.decide.words import Cloud
from mailbox_operator.settings.file import Settings


def outlook(settings: Settings, parts: OAuthParts) -> Outlook:
    """Build it, with the endpoints of every cloud that the configuration names."""
    return Outlook(
        {cloud: _endpoints(settings, cloud) for cloud in Cloud},
        parts.trust,
        parts.bearers,
        parts.secrets,
        parts.grants,
        parts.id_tokens,
        proxies=parts.proxies,
    )


def _endpoints(settings: Settings, cloud: Cloud) -> OutlookEndpoints:
    found = settings.cloud(cloud)
    return OutlookEndpoints(
        authority=found.authority,
        sign_in_page=found.sign_in_page or found.authority,
        resource=found.resource,
        app_resource=found.app_resource,
        smtp=endpoint_of(found.smtp),
    )
