"""What a decision depends on: an object, what its status says, and what is remembered of it."""

from dataclasses import dataclass, field
from datetime import datetime

from mailbox_operator.decide.declared.kinds import Subject
from mailbox_operator.decide.failure.reasons import HEALTHY, Reason
from mailbox_operator.decide.machine import inputs
from mailbox_operator.decide.machine.selection import Selection
from mailbox_operator.decide.status.conditions import Standing, Status


@dataclass(frozen=True, slots=True)
class Known:
    """What the operator remembers of a mailbox beside its status; lost at a restart, without harm.

    Attributes:
        failures: Failed attempts in a row, on the same spec and inputs.
        reason: Of the last failure; None after a success.
        repeats: How often in a row it was that reason.
        checked: When the last attempt ended; None where this replica made none yet.
        connected: When the last successful one did.
        judged: Stamp of the inputs that the last verdict was about.
        since: When the first of the failures in a row ended; None after a success.
    """

    failures: int = 0
    reason: Reason | None = None
    repeats: int = 0
    checked: datetime | None = None
    connected: datetime | None = None
    judged: str = ""
    since: datetime | None = None

    def after(self, reason: Reason, now: datetime, judged: str, *, afresh: bool) -> "Known":
        """Remember one attempt more.

        Args:
            reason: What came of it.
            now: Aware, UTC.
            judged: Stamp of the inputs it was made with.
            afresh: It was the first one on this spec and these inputs.
        """
        if reason in HEALTHY:
            return Known(checked=now, connected=now, judged=judged)
        failures = 0 if afresh else self.failures
        repeats = self.repeats if self.reason is reason and not afresh else 0
        return Known(failures + 1, reason, repeats + 1, now, self.connected, judged)


@dataclass(frozen=True, slots=True)
class Seen:
    """One mailbox and all that a decision about it depends on.

    Attributes:
        status: The status as last written or watched, whichever is newer.
        version: Opaque digest of the versions of its inputs: Secrets and ManagedInfrastructure.
        contents: Keyed digest of what is used of them; empty if not all of them were read.
        held_by_another: Whether another Mailbox holds the address under Managed, or the address
            waits for that one to be created again.
        selection: The mailboxes that a Sender names; None of other kinds.
        is_disturbed: Whether the Secret that was written for it is not as it was left.
    """

    subject: Subject
    status: Status
    version: str
    known: Known = Known()
    contents: bytes = field(default=b"", repr=False)
    held_by_another: bool = False
    selection: Selection | None = None
    is_disturbed: bool = False

    def binding_after(self, reason: Reason) -> str:
        """Name the Secret with a Sender's login after an attempt that ended so; empty without one.

        It is written before mailboxes are looked at, and stays while something else is in trouble.
        """
        match reason:
            case Reason.AVAILABLE | Reason.MAILBOX_NOT_CONNECTED:
                return self.subject.binding
            case Reason.SECRET_NAME_TAKEN:
                return ""
            case _:
                return self.status.binding

    @property
    def is_freed(self) -> bool:
        """Whether the status says that another Mailbox holds the address, and none does any more."""
        return self.status.reason == Reason.ALREADY_CLAIMED and not self.held_by_another

    @property
    def stamp(self) -> str:
        """What the status says of these inputs."""
        return inputs.stamp(self.version, self.contents)

    def has_inputs_of(self, other: "Seen") -> bool:
        """Say whether the other has the same inputs."""
        same = bool(self.contents) and self.contents == other.contents
        return self.version == other.version or same

    @property
    def is_stamped(self) -> bool:
        """Whether the status was concluded from these inputs."""
        return inputs.is_stamped_by(self.status.secret_version, self.version, self.contents)

    @property
    def _is_remembered(self) -> bool:
        """Whether the last verdict was; the status may tell of it later."""
        return inputs.is_stamped_by(self.known.judged, self.version, self.contents)

    @property
    def is_judged(self) -> bool:
        """Whether the status holds a verdict, and on this very spec and these very inputs."""
        status = self.status
        return (
            status.standing not in (None, Standing.PROGRESSING)
            and status.observed_generation == self.subject.generation
            and (self.is_stamped or self._is_remembered)
        )
