"""The sections about where each provider of tokens is; its connector reads them as they are."""

from typing import Final

from pydantic import Field

from mailbox_operator.decide.words import Cloud
from mailbox_operator.settings.values import Section, ServerSection, Url, WebUrl


class GoogleSection(Section):
    """Where Google is.

    Attributes:
        issuer: Who signs its id_tokens.
    """

    issuer: Url = "https://accounts.google.com"
    authorization_endpoint: WebUrl = "https://accounts.google.com/o/oauth2/v2/auth"
    token_endpoint: Url = "https://oauth2.googleapis.com/token"
    revocation_endpoint: Url = "https://oauth2.googleapis.com/revoke"
    jwks_uri: Url = "https://www.googleapis.com/oauth2/v3/certs"
    smtp: ServerSection = ServerSection(host="smtp.gmail.com")


class OutlookCloud(Section):
    """Where one of Microsoft's clouds is.

    Attributes:
        authority: The sign-in service, without a tenant.
        sign_in_page: The same for browsers, where that is another address.
        resource: Owner of the delegated scope SMTP.Send.
        app_resource: Owner of the app permission SMTP.SendAsApp.
    """

    authority: Url
    sign_in_page: WebUrl | None = None
    resource: Url
    app_resource: Url
    smtp: ServerSection


CLOUDS: Final = {
    Cloud.GLOBAL: OutlookCloud(
        authority="https://login.microsoftonline.com",
        resource="https://outlook.office.com",
        app_resource="https://outlook.office365.com",
        smtp=ServerSection(host="smtp.office365.com"),
    ),
    Cloud.US_GOVERNMENT: OutlookCloud(
        authority="https://login.microsoftonline.us",
        resource="https://outlook.office365.us",
        app_resource="https://outlook.office365.us",
        smtp=ServerSection(host="smtp.office365.us"),
    ),
    Cloud.CHINA: OutlookCloud(
        authority="https://login.chinacloudapi.cn",
        resource="https://partner.outlook.cn",
        app_resource="https://partner.outlook.cn",
        smtp=ServerSection(host="smtp.partner.outlook.cn"),
    ),
}


class OutlookSection(Section):
    """Microsoft's clouds; one that is named here replaces the built-in one."""

    clouds: dict[Cloud, OutlookCloud] = Field(default_factory=dict)
