"""Google: mailboxes of Gmail and Google Workspace, by a person's consent or by a service account."""

from collections.abc import Iterator, Mapping
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
from mailbox_operator.decide.words import Grant, Provider

PERSONAL_DOMAINS: Final = frozenset({"gmail.com", "googlemail.com"})
PERSONAL: Final = Known(per_day=500)
WORKSPACE: Final = Known(per_day=2_000)
GRANTS: Final = (Grant.AUTHORIZATION_CODE, Grant.JWT_BEARER)
TESTING: Final = (
    "; if this recurs every seven days, the Google app is in Testing: have its owner publish it"
)


@dataclass(frozen=True, slots=True)
class GoogleAccess(OAuthAccess):
    """Access to a mailbox of Google."""

    provider: ClassVar[Provider] = Provider.GOOGLE

    def mistakes(self, *, managed: bool) -> Iterator[Mistake]:
        """Name what breaks a rule of this provider."""
        return mistakes(SPEC_RULES, self, managed=managed)

    def known_limits(self, domain: str) -> Known:
        """Say what Google takes: less from personal accounts than from those of Workspace.

        Source: https://support.google.com/mail/answer/22839 (500 a day);
            https://support.google.com/a/answer/166852 (2,000 a day).
        """
        return PERSONAL if domain in PERSONAL_DOMAINS else WORKSPACE

    @property
    def facts(self) -> Mapping[str, str]:
        """What a message can say: why grants of Google end by themselves."""
        return {"recurrence": TESTING}


SPEC_RULES: Final[tuple[SpecRule[GoogleAccess], ...]] = (
    SpecRule("google.grant", "JWTBearer needs a service account of your own: use Private",
             lambda asked, managed: managed and asked.grant is Grant.JWT_BEARER),
)  # fmt: skip


def read(block: Fields) -> GoogleAccess:
    """Read the block of a Mailbox."""
    return GoogleAccess(block.word("grant", GRANTS, Grant.AUTHORIZATION_CODE))


def read_app(block: Fields) -> App:
    """Read the block of a ManagedInfrastructure."""
    return App(block.reference("clientSecretRef"))


OAUTH: Final = OAuth(
    app_fields=("clientSecretRef",),
    read_app=read_app,
    permissions=(
        Permission("openid email", "See your email address", IDENTITY),
        Permission(
            "https://mail.google.com/",
            "Read, compose, send and permanently delete all your email from Gmail",
            "Google has no smaller permission for sending by SMTP. The connection only logs in and"
            " has your address accepted as the sender.",
        ),
    ),
    scope="https://mail.google.com/",
)
GOOGLE: Final = Declaration("Google", ("grant",), read, OAUTH)
