"""Objects that the scenarios put into the cluster."""

from collections.abc import Mapping
from typing import Any, Final

from lab.servers.smtp import SmtpServer
from lab.stand.specs import CREDENTIALS, JANE, Spec

GROUP: Final = "mailbox-operator.io"
RECONNECT: Final = f"{GROUP}/reconnect-requested-at"
ADDRESS: Final = JANE["address"]
PRIVATE_SMTP: Final[Spec] = CREDENTIALS | {"provider": "SMTP", "infrastructure": "Private"}

Manifest = dict[str, Any]


def mailbox(spec: Spec, name: str = "jane") -> Manifest:
    """Declare a mailbox."""
    return {
        "apiVersion": f"{GROUP}/v1alpha1",
        "kind": "Mailbox",
        "metadata": {"name": name},
        "spec": spec,
    }


def infrastructure(name: str, spec: Spec) -> Manifest:
    """Declare what the platform provides."""
    return mailbox(spec, name) | {"kind": "ManagedInfrastructure"}


def new_namespace(name: str) -> Manifest:
    """Declare a namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def sender(*mailboxes: str, name: str = "app", **more: Any) -> Manifest:
    """Declare an application's right to send."""
    return mailbox({"mailboxes": {"names": list(mailboxes)}, **more}, name) | {"kind": "Sender"}


def secret(content: Mapping[str, str], name: str = "jane", namespace: str = "") -> Manifest:
    """Write a Secret."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name} | ({"namespace": namespace} if namespace else {}),
        "stringData": dict(content),
    }


def at(server: SmtpServer, host: str = "localhost", **more: Any) -> Spec:
    """Ask for a mailbox with a password at a server of the tests."""
    security = server.behaviour.security.value
    settings = {"host": host, "port": server.port, "security": security}
    return JANE | PRIVATE_SMTP | {"smtp": settings} | more


def password(word: str = "right") -> Manifest:
    """Write the Secret of a mailbox with a password."""
    return secret({"password": word})
