"""What is measured: a relay between the applications and the provider, or nothing between them."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from lab.controlplane.process import Process
from tools.bench.loop_lag import Lag
from tools.bench.usage import tree_cpu_seconds


class NotAtHandError(Exception):
    """A relay cannot be run on this machine; the message says what it lacks."""


@dataclass(frozen=True, slots=True)
class Login:
    """What an application logs in with, and whom it sends as."""

    username: str
    password: str = field(repr=False)
    sender: str


@dataclass(frozen=True, slots=True)
class Relay:
    """One that takes mail of applications by STARTTLS and AUTH, and passes it on by the same.

    Attributes:
        name: As the tables have it.
        port: Where it takes mail, on 127.0.0.1; its certificate is for localhost.
        certificates: PEM of the authority of its certificate.
        logins: Those that it knows.
        processes: The programs whose processor time counts, with all their children.
        lag: Reads how late its event loop was; None where it does not say.
    """

    name: str
    port: int
    certificates: str
    logins: Sequence[Login]
    processes: Sequence[Process]
    lag: Callable[[], Awaitable[Lag]] | None = None

    def cpu_seconds(self) -> float:
        """Return the processor time that it took so far."""
        return sum(tree_cpu_seconds(each.pid) for each in self.processes)

    def check(self) -> None:
        """Make sure that it runs.

        Raises:
            ProcessError: It ended; the message has the end of its log.
        """
        for each in self.processes:
            each.check()

    def tails(self) -> str:
        """Quote the ends of its logs."""
        return "\n".join(each.tail() for each in self.processes)
