"""The Mailboxes of the demo: those of docs/examples, and a few that go wrong, at local servers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from lab.servers.smtp import Security
from tools.demo.examples import FOLDER, Example, Manifest, documents
from tools.demo.places import INFRASTRUCTURE, PLATFORM

CONNECTED: Final = "Connected"
AWAITING: Final = "AwaitingConsent"
REPAIRED: Final = "wrong-password"
YOURS: Final = "yours-to-click"
SENDING: Final = "google-managed"
TEAM: Final = ("google-private", "outlook-private", "smtp-private")


@dataclass(frozen=True, slots=True)
class Doors:
    """The ports of the loopback that the samples name.

    Attributes:
        submission: STARTTLS.
        tls: TLS from the first byte.
        closed: Nothing listens there, but something does at the other customary port.
    """

    submission: int
    tls: int
    closed: int


@dataclass(frozen=True, slots=True)
class Sample:
    """One Mailbox of the demo.

    Attributes:
        first: The reason it settles at by itself.
        telling: Words that its message then has.
    """

    example: Example
    first: str = CONNECTED
    telling: str = ""


def samples(doors: Doors, authority: str, service_account: str) -> Sequence[Sample]:
    """Make all of them.

    Args:
        doors: Where the local servers listen.
        authority: The certificate of who signed theirs.
        service_account: The key file of a service account.
    """
    starttls = local(doors.submission, Security.STARTTLS)
    tls = local(doors.tls, Security.TLS) | {"caSecretRef": {"name": "acme-ca"}}
    delegated = example("google-private-service-account", "google-service-account")
    yours = managed("google-managed", YOURS).specified(address="you@acme.example")
    return (
        Sample(example("smtp-private").specified(smtp=starttls)),
        Sample(example("smtp-private-ca").holding(ca_crt=authority).specified(smtp=tls)),
        Sample(managed("smtp-managed")),
        Sample(example("google-private")),
        Sample(delegated.holding(service_account_json=service_account)),
        Sample(managed("google-managed"), AWAITING),
        Sample(example("outlook-private")),
        Sample(example("outlook-private-app-only", "outlook-app-only")),
        Sample(managed("outlook-managed"), AWAITING),
        Sample(yours, AWAITING),
        *failing(doors),
    )


def failing(doors: Doors) -> Sequence[Sample]:
    """Make those that go wrong, as people's mailboxes do."""
    password = example("smtp-private", REPAIRED).holding(password="mistyped")
    starttls = local(doors.submission, Security.STARTTLS)
    app_password = managed("smtp-managed", "app-password-needed")
    elsewhere = {"tenant": "contoso.example", "cloud": "USGovernment"}
    return (
        Sample(password.specified(smtp=starttls), "InvalidCredentials", "Secret wrong-password"),
        Sample(
            example("smtp-private", "wrong-port").specified(smtp=dead_end(doors)),
            "ConnectionRefused",
            "answers: use that",
        ),
        Sample(
            app_password.specified(
                address="support@acme.example", smtp={"preset": "AcmeWebmail"}
            ).holding(password="of the account"),
            "AppPasswordRequired",
            "https://accounts.webmail.example/app-passwords",
        ),
        Sample(
            example("outlook-private", "consent-incomplete").specified(outlook=elsewhere),
            "ConsentIncomplete",
            "click Allow on every screen",
        ),
    )


def sender() -> Manifest:
    """Make the Sender of an application, which names the Google mailbox of the demo."""
    (found,) = documents(FOLDER / "sender.yaml")
    return {**found, "spec": {"mailboxes": {"names": [SENDING]}}}


def campaign() -> Manifest:
    """Make the Sender of a campaign, which selects its Mailboxes by their labels."""
    (found,) = documents(FOLDER / "sender.yaml")
    selector = {"matchLabels": {"team": "sales"}}
    spec = {"mailboxes": {"selector": selector}, "choose": "ByRecipient", "from": "Rewrite"}
    return {**found, "metadata": {"name": "spring"}, "spec": spec}


def example(file: str, name: str = "") -> Example:
    """Take an example, under the name of its file unless told."""
    return Example.read(file).named(name or file)


def managed(file: str, name: str = "") -> Example:
    """Take an example that uses the platform's part of the demo."""
    return example(file, name).specified(managedInfrastructureName=INFRASTRUCTURE)


def local(port: int, security: Security) -> dict[str, Any]:
    """Name a server on the loopback."""
    return {"host": "localhost", "port": port, "security": security.value}


def dead_end(doors: Doors) -> dict[str, Any]:
    """Name the port where nobody is; its usual kind of security goes without saying."""
    return {"host": "localhost", "port": doors.closed}


def platform(doors: Doors) -> Sequence[Manifest]:
    """Make what the platform team of the demo provides."""
    *secrets, infrastructure = documents(FOLDER / "managed-infrastructure.yaml")
    there = {"host": "localhost", "port": doors.submission}
    spec = infrastructure["spec"]
    spec["relay"] |= there
    spec["presets"] = [{**preset, **there} for preset in spec["presets"]]
    infrastructure["metadata"]["name"] = INFRASTRUCTURE
    for secret in secrets:
        secret["metadata"]["namespace"] = PLATFORM
    return (*secrets, infrastructure)
