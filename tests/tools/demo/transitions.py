"""Tells each transition of the demo's Mailboxes, as kubectl sees it."""

import json
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Any, Final

from lab.controlplane.kubectl import Kubectl
from lab.controlplane.process import Process
from tools.demo.places import MAILBOXES

LINE: Final = r'jsonpath={.metadata.name}{" "}{.status.conditions}{"\n"}'
WATCH: Final = ("get", "mailboxes", f"--namespace={MAILBOXES}", "--watch", f"--output={LINE}")
AGAIN_SECONDS: Final = 0.5


@dataclass(frozen=True, slots=True)
class State:
    """What the conditions say of a Mailbox.

    Attributes:
        standing: In a word or two, for people.
        reason: Of Ready.
        message: Of Ready.
    """

    standing: str
    reason: str = ""
    message: str = ""


@dataclass(frozen=True, slots=True)
class Transition:
    """A Mailbox came into another state at a time of the monotonic clock."""

    at: float
    name: str
    state: State


@dataclass(slots=True)
class Transitions:
    """All states so far, and those to come.

    Attributes:
        states: The last one of each Mailbox.
    """

    states: dict[str, State] = field(default_factory=dict)
    _seen: "SimpleQueue[Transition]" = field(default_factory=SimpleQueue)

    def next(self, within_seconds: float) -> Transition | None:
        """Wait for the next one; None if there is none in that time."""
        deadline = time.monotonic() + within_seconds
        while (left := deadline - time.monotonic()) > 0:
            try:
                seen = self._seen.get(timeout=left)
            except Empty:
                return None
            if self.states.get(seen.name) != seen.state:
                self.states[seen.name] = seen.state
                return seen
        return None

    def take(self, line: str) -> None:
        """Take in a line of kubectl's."""
        name, _, conditions = line.rstrip("\n").partition(" ")
        found = json.loads(conditions) if conditions else []
        self._seen.put(Transition(time.monotonic(), name, state_of(found)))


@dataclass(slots=True)
class Watch:
    """Reads what kubectl tells, and starts it anew when the API server ends the watch."""

    kubectl: Kubectl
    log: Path
    transitions: Transitions = field(default_factory=Transitions)
    _stopping: Event = field(default_factory=Event)
    _program: Process | None = None

    @classmethod
    @contextmanager
    def running(cls, kubectl: Kubectl, log: Path) -> Iterator[Transitions]:
        """Watch for as long as the block."""
        watch = cls(kubectl, log)
        thread = Thread(target=watch.read, name="watch", daemon=True)
        thread.start()
        try:
            yield watch.transitions
        finally:
            watch.stop(thread)

    def read(self) -> None:
        """Take in lines until told to stop."""
        command = [str(self.kubectl.program), *WATCH]
        while not self._stopping.is_set():
            self._program = Process(command, self.log, self.kubectl.environ, is_spoken_to=True)
            with self._program as program:
                for line in program.output:
                    self.transitions.take(line)
            self._stopping.wait(AGAIN_SECONDS)

    def stop(self, thread: Thread) -> None:
        """End kubectl, and with it the thread."""
        self._stopping.set()
        while thread.is_alive():
            if self._program is not None:
                self._program.signal(signal.SIGTERM)
            thread.join(AGAIN_SECONDS)


def state_of(conditions: list[dict[str, Any]]) -> State:
    """Sum up conditions; none at all say that the operator has not looked yet."""
    by_type = {each["type"]: each for each in conditions}
    ready = by_type.get("Ready")
    if ready is None:
        return State("created")
    return State(standing(ready["status"], by_type), ready["reason"], ready["message"])


def standing(ready: str, conditions: dict[str, dict[str, Any]]) -> str:
    """Say in a word or two how things stand."""
    if ready == "True":
        return "connected"
    if "Stalled" in conditions:
        return "needs a person"
    working = conditions.get("Reconciling", {}).get("reason")
    words = {"ProgressingWithRetry": "retrying", "DependencyNotReady": "waiting"}
    return words.get(str(working), "connecting")
