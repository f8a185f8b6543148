"""Makes ordinary objects; a test names only what matters to it."""

from datetime import UTC, datetime
from typing import Any, Final

from mailbox_operator.decide.declared.infrastructure import ManagedInfrastructure, Offer
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.server import Server
from mailbox_operator.decide.declared.spec import SmtpSettings, Spec
from mailbox_operator.decide.machine.seen import Known, Seen, Subject
from mailbox_operator.decide.status.conditions import Endpoint, Status
from mailbox_operator.decide.words import Infrastructure, Kind, Provider, Security

NOON: Final = datetime(2026, 11, 23, 12, tzinfo=UTC)
HOST: Final = "smtp.acme.example"
ENDPOINT: Final = Endpoint(HOST, 587, Security.STARTTLS)
EMPTY: Final = Status()
STRANGER: Final = Known()
OFFER: Final = Offer()
BY_PASSWORD: Final[dict[str, Any]] = {
    "address": "jane@acme.example",
    "provider": Provider.SMTP,
    "infrastructure": Infrastructure.PRIVATE,
    "secret": "jane",
    "smtp": SmtpSettings(HOST),
}


def key(name: str = "jane") -> Key:
    """Name a Mailbox."""
    return Key(Kind.MAILBOX, "mail", name)


def spec(**changes: Any) -> Spec:
    """Make the spec of a Private SMTP mailbox, less or more these fields."""
    return Spec(**(BY_PASSWORD | changes))


def oauth_spec(**changes: Any) -> Spec:
    """Make the spec of a Private Google mailbox, less or more these fields."""
    return spec(**({"provider": Provider.GOOGLE, "smtp": SmtpSettings()} | changes))


def mailbox(asked: Spec | None = None, **changes: Any) -> Mailbox:
    """Make a Mailbox with this spec, or the ordinary one."""
    ordinary: dict[str, Any] = {
        "key": key(),
        "uid": "8f3c1e52",
        "generation": 1,
        "version": "7",
        "spec": asked or spec(),
        "problem": None,
        "reconnect": "",
        "status": EMPTY,
    }
    return Mailbox(**(ordinary | changes))


def infrastructure(offer: Offer = OFFER, **changes: Any) -> ManagedInfrastructure:
    """Make a ManagedInfrastructure that offers this."""
    ordinary: dict[str, Any] = {
        "key": Key(Kind.INFRASTRUCTURE, "", "default"),
        "uid": "2f60c94a",
        "generation": 1,
        "version": "7",
        "spec": offer,
        "problem": None,
        "reconnect": "",
        "status": EMPTY,
    }
    return ManagedInfrastructure(**(ordinary | changes))


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
