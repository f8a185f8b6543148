"""What stands in the status of a Mailbox or ManagedInfrastructure, and how a standing is written there.

Conditions follow the Kubernetes API conventions and kstatus: `Reconciling` and `Stalled` exist only
while True, never both; `lastTransitionTime` moves only when a condition's status flips.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Any, Final, NamedTuple

from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.status.capacity import CAPACITY, Capacity
from mailbox_operator.decide.words import Security

TIME_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
LONGEST_MESSAGE: Final = 1024


class MatrixRow(NamedTuple):
    """The statuses of a mailbox's conditions.

    Attributes:
        explaining: The condition that explains the others; None where none does.
        explanation: That one's reason; an empty one repeats the reason of the others.
    """

    ready: str
    connected: str
    error: str
    explaining: str | None
    explanation: str


class Standing(Enum):
    """Where a mailbox stands: one row of the condition matrix each."""

    PROGRESSING = MatrixRow("Unknown", "Unknown", "False", "Reconciling", "Progressing")
    CONNECTED = MatrixRow("True", "True", "False", None, "")
    RETRYING = MatrixRow("False", "False", "True", "Reconciling", "ProgressingWithRetry")
    WAITING = MatrixRow("False", "False", "True", "Reconciling", "DependencyNotReady")
    STALLED = MatrixRow("False", "False", "True", "Stalled", "")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A mail server to submit to."""

    host: str
    port: int
    security: Security

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host  # RFC 3986 section 3.2.2
        return f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class MailboxCount:
    """How many mailboxes a Sender names, and how many of them are connected."""

    selected: int
    connected: int

    @property
    def summary(self) -> str:
        """Both in a few characters, for a column."""
        return f"{self.connected}/{self.selected}"


@dataclass(frozen=True, slots=True)
class Condition:
    """One entry of `status.conditions`, as metav1.Condition has it."""

    type: str
    status: str
    reason: str
    message: str
    observed_generation: int
    last_transition_time: str


@dataclass(frozen=True, slots=True)
class Status:
    """The status as the cluster holds it; everything the operator must know again after a restart.

    Attributes:
        observed_generation: -1 until the operator looked.
        secret_version: Opaque digest of the inputs (Secrets, ManagedInfrastructure) of the verdict.
        last_handled_reconnect_at: The reconnect annotation's value that was last acted upon.
        granted_identity: The account's stable identifier at its provider, once proved.
        claimed_at: Since when it holds its address under Managed; empty while it does not.
        unproved_since: Since when that claim is not proved; empty while it is, or without one.
        binding: Name of the Secret with the login of a Sender; empty while there is none.
        mailboxes: Of a Sender.
        capacity: Of what is limited, as far as it was counted.
    """

    observed_generation: int = -1
    conditions: tuple[Condition, ...] = ()
    consent_url: str = ""
    granted_identity: str = ""
    claimed_at: str = ""
    unproved_since: str = ""
    secret_version: str = ""
    last_handled_reconnect_at: str = ""
    endpoint: Endpoint | None = None
    binding: str = ""
    mailboxes: MailboxCount | None = None
    capacity: Capacity | None = None

    def says_as_much_as(self, other: "Status") -> bool:
        """Say whether the other differs in nothing but the inputs it was concluded from."""
        return replace(self, secret_version=other.secret_version) == other

    def condition(self, kind: str) -> Condition | None:
        """Return the condition of that type, or None."""
        for found in self.conditions:
            if found.type == kind:
                return found
        return None

    @property
    def standing(self) -> Standing | None:
        """Read the standing back; None where nothing was written yet."""
        ready = self.condition("Ready")
        if ready is None:
            return None
        if self.condition("Stalled") is not None:
            return Standing.STALLED
        if ready.status == "True":
            return Standing.CONNECTED
        reconciling = self.condition("Reconciling")
        return {
            Standing.RETRYING.value.explanation: Standing.RETRYING,
            Standing.WAITING.value.explanation: Standing.WAITING,
        }.get(reconciling.reason if reconciling else "", Standing.PROGRESSING)

    @property
    def reason(self) -> str:
        """Return the reason of Ready; empty where nothing was written yet."""
        ready = self.condition("Ready")
        return ready.reason if ready else ""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said of a mailbox."""

    standing: Standing
    reason: Reason
    message: str


def conditions(
    verdict: Verdict, generation: int, before: Status, now: datetime, *, connects: bool
) -> tuple[Condition, ...]:
    """Write one row of the matrix as conditions; what was counted stays beside it.

    Args:
        verdict: What is said.
        generation: The `metadata.generation` it is about.
        before: The status before; transition times of what does not flip are kept from it.
        now: Aware, UTC.
        connects: Whether it is about a connection; what is not has no `Connected`.
    """
    message = verdict.message[:LONGEST_MESSAGE]

    def written() -> Iterator[Condition]:
        for name, status, why in _row(verdict, connects=connects):
            old = before.condition(name)
            kept = old.last_transition_time if old and old.status == status else ""
            since = kept or now.strftime(TIME_FORMAT)
            yield Condition(name, status, why, message, generation, since)
        if counted := before.condition(CAPACITY):
            yield replace(counted, observed_generation=generation)

    return tuple(written())


def _row(verdict: Verdict, *, connects: bool) -> Iterator[tuple[str, str, str]]:
    reason, row = verdict.reason, verdict.standing.value
    yield "Ready", row.ready, reason
    if connects:
        yield "Connected", row.connected, reason
    yield "Error", row.error, reason
    if row.explaining is not None:
        yield row.explaining, "True", row.explanation or reason


def read_time(text: str) -> datetime | None:
    """Read a time as a status holds it; None where it holds none."""
    try:
        return datetime.strptime(text, TIME_FORMAT).replace(tzinfo=UTC)
    except ValueError:
        return None


def render_status(status: Status) -> dict[str, Any]:
    """Write a status as the API server wants it; empty fields are left out."""
    endpoint, mailboxes, capacity = status.endpoint, status.mailboxes, status.capacity
    fields: dict[str, Any] = {
        "observedGeneration": status.observed_generation,
        "conditions": [_rendered(condition) for condition in status.conditions],
        "consentURL": status.consent_url,
        "grantedIdentity": status.granted_identity,
        "claimedAt": status.claimed_at,
        "unprovedSince": status.unproved_since,
        "secretVersion": status.secret_version,
        "lastHandledReconnectAt": status.last_handled_reconnect_at,
        "endpoint": endpoint
        and {"host": endpoint.host, "port": endpoint.port, "security": endpoint.security.value},
        "binding": status.binding and {"name": status.binding},
        "mailboxes": mailboxes
        and {
            "selected": mailboxes.selected,
            "connected": mailboxes.connected,
            "summary": mailboxes.summary,
        },
        "capacity": capacity and _counted(capacity),
    }
    return {name: value for name, value in fields.items() if value}


def _counted(capacity: Capacity) -> dict[str, Any]:
    counted = {
        "limit": capacity.limit,
        "used": capacity.used,
        "available": capacity.available,
    }
    return counted | ({"nextAt": capacity.next_at} if capacity.next_at else {})


def _rendered(condition: Condition) -> dict[str, Any]:
    return {
        "type": condition.type,
        "status": condition.status,
        "reason": condition.reason,
        "message": condition.message,
        "observedGeneration": condition.observed_generation,
        "lastTransitionTime": condition.last_transition_time,
    }
