"""Makes ordinary objects; a test names only what matters to it."""

from datetime import UTC, datetime
from typing import Any, Final, assert_never

from mailbox_operator.decide.declared.infrastructure import Offer, ReadableInfrastructure
from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.declared.mailbox import ReadableMailbox, UnreadableMailbox
from mailbox_operator.decide.declared.providers.access import Access, App
from mailbox_operator.decide.declared.providers.google import GoogleAccess
from mailbox_operator.decide.declared.providers.outlook import ANY_TENANT, OutlookAccess, OutlookApp
from mailbox_operator.decide.declared.providers.smtp import SmtpAccess
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.sender import ReadableSender, Sending
from mailbox_operator.decide.declared.server import Server
from mailbox_operator.decide.declared.spec import Spec
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.seen import Known, Seen
from mailbox_operator.decide.status.conditions import Endpoint, Status
from mailbox_operator.decide.words import Infrastructure, Kind, Provider, Security

NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOST: Final = "smtp.acme.example"
ENDPOINT: Final = Endpoint(HOST, 587, Security.STARTTLS)
EMPTY: Final = Status()
STRANGER: Final = Known()
OFFER: Final = Offer()
SENDING: Final = Sending(("jane",))
BY_PASSWORD: Final[dict[str, Any]] = {
    "address": "jane@acme.example",
    "provider": Provider.SMTP,
    "infrastructure": Infrastructure.PRIVATE,
    "secret": "jane",
    "smtp": SmtpAccess(HOST),
}
METADATA: Final[dict[str, Any]] = {
    "uid": "8f3c1e52",
    "generation": 1,
    "version": "7",
    "reconnect": "",
    "status": EMPTY,
}
INVALID: Final = Fault(Reason.INVALID_SPEC, facts={"field": "spec", "problem": "it is wrong"})
BLOCKS: Final[dict[Provider, tuple[str, ...]]] = {
    Provider.GOOGLE: ("grant",),
    Provider.OUTLOOK: ("grant", "tenant", "cloud", "login_name"),
}
"""What a test may name of a provider's block, beside what concerns every mailbox."""


def key(name: str = "jane") -> Key:
    """Name a Mailbox."""
    return Key(Kind.MAILBOX, "mail", name)


def spec(**changes: Any) -> Spec:
    """Make the spec of a Private SMTP mailbox, less or more these fields."""
    return spec_of(BY_PASSWORD | changes)


def spec_of(content: dict[str, Any]) -> Spec:
    """Make a spec of these fields; those of a provider's block go with that provider only."""
    rest = dict(content)
    provider, smtp = rest.pop("provider"), rest.pop("smtp", SmtpAccess())
    block = {name: rest.pop(name) for name in BLOCKS.get(provider, ()) if name in rest}
    return Spec(access=access(provider, smtp, **block), **rest)


def access(provider: Provider, smtp: SmtpAccess, **block: Any) -> Access:
    """Make the access of a provider."""
    match provider:
        case Provider.GOOGLE:
            return GoogleAccess(**block)
        case Provider.OUTLOOK:
            return OutlookAccess(**block)
        case Provider.SMTP:
            return smtp
        case _:
            assert_never(provider)


def offer(google: str = "", outlook: str = "", tenant: str = "", **changes: Any) -> Offer:
    """Make an offer of these apps, by the names of their Secrets."""
    apps: dict[Provider, App] = {Provider.GOOGLE: App(google)} if google else {}
    if outlook:
        apps[Provider.OUTLOOK] = OutlookApp(outlook, tenant or ANY_TENANT)
    return Offer(apps, **changes)


def oauth_spec(**changes: Any) -> Spec:
    """Make the spec of a Private Google mailbox, less or more these fields."""
    return spec(**({"provider": Provider.GOOGLE, "smtp": SmtpAccess()} | changes))


def mailbox(asked: Spec | None = None, **changes: Any) -> ReadableMailbox:
    """Make a Mailbox with this spec, or the ordinary one."""
    return ReadableMailbox(**(METADATA | {"key": key(), "spec": asked or spec()} | changes))


def unreadable(**changes: Any) -> UnreadableMailbox:
    """Make a Mailbox whose spec cannot be read."""
    return UnreadableMailbox(**(METADATA | {"key": key(), "problem": INVALID} | changes))


def infrastructure(offer: Offer = OFFER, **changes: Any) -> ReadableInfrastructure:
    """Make a ManagedInfrastructure that offers this."""
    named = {"key": Key(Kind.INFRASTRUCTURE, "", "default"), "uid": "2f60c94a", "spec": offer}
    return ReadableInfrastructure(**(METADATA | named | changes))


def sender(asked: Sending = SENDING, **changes: Any) -> ReadableSender:
    """Make a Sender that names the ordinary Mailbox, or with another spec."""
    named = {"key": Key(Kind.SENDER, "mail", "app"), "uid": "51d7a0c3", "spec": asked}
    return ReadableSender(**(METADATA | named | changes))


def seen(
    subject: Subject | None = None,
    status: Status = EMPTY,
    version: str = "v1",
    known: Known = STRANGER,
) -> Seen:
    """Make what is seen of an object, by default of a new Mailbox."""
    return Seen(subject or mailbox(), status, version, known)


def server(host: str = HOST, port: int | None = None, security: Security | None = None) -> Server:
    """Make a server as somebody states it."""
    return Server(host, port, security)
