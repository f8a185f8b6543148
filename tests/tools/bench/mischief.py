"""What a tenant with one namespace can do at its worst, as the bench of tenants plays it."""

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lab.stand.manifests import mailbox

EVIL: Final = "evil"
SECRET: Final = "login"
SPELLINGS: Final = ("localhost", "LOCALHOST", "Localhost", "lOcalhost", "loCalhost")
FORBIDDEN_PORT: Final = 587

Spec = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mischief:
    """Mailboxes of one tenant, and what it writes while others are watched.

    Attributes:
        boxes: How many Mailboxes.
        patches_per_second: How often the target is written.
        target: Path below the namespace.
        changes_password: Whether each write changes the password, or an annotation alone.
    """

    name: str
    what: str
    boxes: int
    patches_per_second: float
    target: str = f"secrets/{SECRET}"
    changes_password: bool = True

    def change(self) -> Mapping[str, Any]:
        """Make the next write; no two are the same."""
        value = str(time.time_ns())
        if self.changes_password:
            return {"stringData": {"password": value}}
        return {"metadata": {"annotations": {"x": value}}}

    def spec(self, number: int, silent_port: int) -> Spec:
        """Make the spec of one of its Mailboxes."""
        return {
            "address": f"{self.name}-{number}@evil.example",
            "provider": "SMTP",
            "infrastructure": "Private",
            "credentialsSecretRef": {"name": SECRET},
            "smtp": self._server(number, silent_port),
        }

    def _server(self, number: int, silent_port: int) -> Spec:
        match self.name:
            case "silent":
                host = SPELLINGS[number % len(SPELLINGS)]
                return {"host": host, "port": silent_port, "security": "STARTTLS"}
            case "names":
                return {"host": f"h{number}.hole.example"}
            case _:
                return {"host": f"10.0.0.{number}", "port": FORBIDDEN_PORT}


@dataclass(frozen=True, slots=True)
class Namesakes(Mischief):
    """Managed Mailboxes of one address; one of them is written."""

    def change(self) -> Mapping[str, Any]:
        """Make the next write: an annotation."""
        return {"metadata": {"annotations": {"x": str(time.time_ns())}}}

    def spec(self, number: int, silent_port: int) -> Spec:
        """Make the spec of one of its Mailboxes."""
        return {
            **Mischief.spec(self, number, silent_port),
            "address": "ceo@evil.example",
            "infrastructure": "Managed",
        }


MISCHIEFS: Final = (
    Mischief("storm", "a Secret of 20 refused Mailboxes changes 7 times a second", 20, 7),
    Mischief("many", "a Secret of 100 refused Mailboxes changes twice a second", 100, 2),
    Namesakes(
        "namesakes",
        "one of 62 Managed namesakes is written 5 times a second",
        62,
        5,
        "mailboxes/namesakes-0",
    ),
    Mischief("silent", "100 Mailboxes at a silent server, one Secret changed each 10 s", 100, 0.1),
    Mischief("names", "80 Mailboxes whose name servers do not answer", 80, 0.3),
)


def objects(mischief: Mischief, silent_port: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Make what the tenant creates, each with the path of its collection below the namespace."""
    for number in range(mischief.boxes):
        body = mailbox(dict(mischief.spec(number, silent_port)), f"{mischief.name}-{number}")
        yield "mailboxes", json.loads(json.dumps(body))
