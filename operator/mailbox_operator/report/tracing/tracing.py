"""Traces attempts and messages, where a collector is named. Without one, this costs nothing."""

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.machine.seen import Seen
from mailbox_operator.decide.sending.delivery import Outcome, Route
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import MessagePhase, Phase
from mailbox_operator.settings.file import SettingsError
from mailbox_operator.settings.operator import TracingSection

LIBRARY: Final = "opentelemetry"
MISSING: Final = (
    "tracing.endpoint is set, but OpenTelemetry is not installed. Install mailbox-operator[tracing], "
    "or use the image, which has it."
)


class Tracing(Protocol):
    """Follows an attempt, or a message, through its phases."""

    def attempt(self, seen: Seen, /) -> AbstractContextManager[None]:
        """Trace an attempt, which lasts as long as the block."""

    def phase(
        self, phase: Phase | MessagePhase, server: Endpoint | None = None, /
    ) -> AbstractContextManager[None]:
        """Trace a phase of it, which lasts as long as the block; the server is whom it is about."""

    def attempted(self, outcome: Proof | Exception, /) -> str:
        """Say how the attempt at hand ended.

        Returns:
            The id of its trace; empty if it is not traced.
        """

    def message(self, sender: Key, route: Route, /) -> AbstractContextManager[None]:
        """Trace a message of a Sender on its way out, which lasts as long as the block."""

    def sent(self, outcome: Outcome, code: int, /) -> str:
        """Say what became of the message at hand, and the code that its application is told.

        Returns:
            The id of its trace; empty if it is not traced.
        """

    def close(self) -> None:
        """Deliver what is left, within seconds; blocks meanwhile."""


UNMARKED: Final = nullcontext()


@dataclass(frozen=True, slots=True)
class Untraced:
    """Traces nothing."""

    def attempt(self, _: Seen, /) -> AbstractContextManager[None]:
        """Let the block be."""
        return UNMARKED

    def phase(self, *_: object) -> AbstractContextManager[None]:
        """Let the block be."""
        return UNMARKED

    def attempted(self, _: Proof | Exception, /) -> str:
        """Tell no trace."""
        return ""

    def message(self, *_: object) -> AbstractContextManager[None]:
        """Let the block be."""
        return UNMARKED

    def sent(self, *_: object) -> str:
        """Tell no trace."""
        return ""

    def close(self) -> None:
        """Deliver nothing."""


UNTRACED: Final = Untraced()


def tracing(wanted: TracingSection, authorities: Path | None) -> Tracing:
    """Make what traces attempts.

    Args:
        wanted: Of the operator's configuration.
        authorities: PEM file of those that a collector is trusted by; None for the public ones.

    Raises:
        SettingsError: A collector is named, and the packages of the extra `tracing` are missing.
    """
    if wanted.endpoint is None:
        return Untraced()
    try:
        from mailbox_operator.report.tracing.spans import Spans  # noqa: PLC0415 - opentelemetry costs memory
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != LIBRARY:
            raise
        raise SettingsError(MISSING) from error

    return Spans.to(wanted.endpoint, wanted.sample_ratio, authorities)
