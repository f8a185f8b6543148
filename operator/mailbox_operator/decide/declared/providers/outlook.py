"""Outlook: mailboxes of Microsoft, by a person's consent or by an app that may send as them."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, Final

from mailbox_operator.decide.declared.fields import Fields, Mistake
from mailbox_operator.decide.declared.limits import Known
from mailbox_operator.decide.declared.providers.access import (
    IDENTITY,
    App,
    Declaration,
    OAuth,
    OAuthAccess,
    Permission,
    SpecRule,
    mistakes,
)
from mailbox_operator.decide.texts.shapes import ADDRESS, TENANT
from mailbox_operator.decide.words import Cloud, Grant, Provider

ANY_TENANT: Final = "organizations"
SHARED_TENANTS: Final = frozenset({"common", "organizations", "consumers"})
GRANTS: Final = (Grant.AUTHORIZATION_CODE, Grant.CLIENT_CREDENTIALS)


KNOWN: Final = Known(per_day=10_000, per_minute=30)


@dataclass(frozen=True, slots=True)
class OutlookAccess(OAuthAccess):
    """Access to a mailbox of Microsoft.

    Attributes:
        tenant: Microsoft's name of the organisation.
        login_name: The account that signs in (UPN), where it is not the address.
    """

    provider: ClassVar[Provider] = Provider.OUTLOOK
    tenant: str | None = None
    cloud: Cloud = Cloud.GLOBAL
    login_name: str | None = None

    def mistakes(self, *, managed: bool) -> Iterator[Mistake]:
        """Name what breaks a rule of this provider."""
        return mistakes(SPEC_RULES, self, managed=managed)

    def known_limits(self, domain: str) -> Known:  # noqa: ARG002 - one limit for every domain
        """Say what Exchange Online takes.

        Source: https://learn.microsoft.com/office365/servicedescriptions/exchange-online-service-description/exchange-online-limits
            (recipient rate limit 10,000 a day, message rate limit 30 a minute).
        """
        return KNOWN

    @property
    def user_name(self) -> str | None:
        """The account that signs in; None for the address itself."""
        return self.login_name


@dataclass(frozen=True, slots=True)
class OutlookApp(App):
    """An app registration at Microsoft, and whose accounts it signs in."""

    tenant: str = ANY_TENANT
    cloud: Cloud = Cloud.GLOBAL


SPEC_RULES: Final[tuple[SpecRule[OutlookAccess], ...]] = (
    SpecRule("outlook.grant", "ClientCredentials needs an app registration of your own: use Private",
             lambda asked, managed: managed and asked.grant is Grant.CLIENT_CREDENTIALS),
    SpecRule("outlook.tenant", "ClientCredentials needs one tenant: its id or a domain",
             lambda asked, _:
             asked.grant is Grant.CLIENT_CREDENTIALS and asked.tenant in SHARED_TENANTS),
    SpecRule("outlook.loginName", "with ClientCredentials the app logs in as the mailbox: remove it",
             lambda asked, _:
             asked.grant is Grant.CLIENT_CREDENTIALS and asked.login_name is not None),
    SpecRule("outlook", "under Managed the platform names tenant and cloud: remove them",
             lambda asked, managed: managed and (asked.tenant, asked.cloud) != (None, Cloud.GLOBAL)),
)  # fmt: skip


def read(block: Fields) -> OutlookAccess:
    """Read the block of a Mailbox."""
    return OutlookAccess(
        grant=block.word("grant", GRANTS, Grant.AUTHORIZATION_CODE),
        tenant=block.text_or_none("tenant", TENANT),
        login_name=block.text_or_none("loginName", ADDRESS),
        cloud=block.word("cloud", Cloud, Cloud.GLOBAL),
    )


def read_app(block: Fields) -> OutlookApp:
    """Read the block of a ManagedInfrastructure."""
    tenant = block.text("tenant", TENANT, ANY_TENANT)
    if tenant == "consumers":
        problem = "it shuts out every work and school account: use common or organizations"
        block.refuse("tenant", problem)
    secret = block.reference("clientSecretRef")
    return OutlookApp(secret, tenant, block.word("cloud", Cloud, Cloud.GLOBAL))


OAUTH: Final = OAuth(
    app_fields=("clientSecretRef", "tenant", "cloud"),
    read_app=read_app,
    permissions=(
        Permission("openid profile email", "View your basic profile", IDENTITY),
        Permission(
            "SMTP.Send",
            "Send emails from mailboxes using SMTP AUTH",
            "The connection logs in and has your address accepted as the sender.",
        ),
        Permission(
            "offline_access",
            "Maintain access to data you have given it access to",
            "So that you need not sign in again each hour.",
        ),
    ),
    scope="SMTP.Send",
)
OUTLOOK: Final = Declaration("Microsoft", ("grant", "tenant", "cloud", "loginName"), read, OAUTH)
