"""The provider: takes mail over STARTTLS after a login, notes when it came, and forgets it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from lab.controlplane.process import Process
from lab.servers.authority import Authority
from tools.bench.gateway.programs import built
from tools.bench.gateway.relay import Login, Relay
from tools.bench.speech import ask

PASSWORD: Final = "correct-horse"
USER: Final = "relay@bench.example"


@dataclass(frozen=True, slots=True)
class Seen:
    """What came in.

    Attributes:
        messages, logins, connections: Since its start.
        open: Connections now.
        p50, p99: Milliseconds from the first command of an application until the whole message was
            here, of the messages since it was told to forget those before.
        last_at: When the last message came, in nanoseconds since 1970.
    """

    messages: int
    logins: int
    connections: int
    open: int
    p50: float
    p99: float
    last_at: int


@dataclass(frozen=True, slots=True)
class Provider:
    """A running one.

    Attributes:
        bundle: PEM file with the authority of its certificate.
    """

    process: Process
    port: int
    bundle: Path

    @classmethod
    @contextmanager
    def running(cls, directory: Path, authority: Authority) -> Iterator[Self]:
        """Run it for as long as the block."""
        pair, bundle = directory / "provider.pem", directory / "authority.pem"
        authority.certificate().write(pair)
        bundle.write_bytes(authority.ca_pem)
        command = [str(built("sink")), "-certificate", str(pair), "-password", PASSWORD]
        with Process(command, directory / "provider.log", is_spoken_to=True) as process:
            line = process.output.readline()
            process.check()
            yield cls(process, int(line.split(":")[1].strip(" }\n")), bundle)

    @property
    def direct(self) -> Relay:
        """The way to it without a relay."""
        login = Login(USER, PASSWORD, USER)
        return Relay("direct", self.port, self.bundle.read_text(), [login], ())

    async def seen(self, *, forgetting: bool = False) -> Seen:
        """Ask what came in.

        Args:
            forgetting: Whether the latencies begin again.
        """
        told = await ask(self.process, "forget" if forgetting else "")
        return Seen(**{name: told[name] for name in Seen.__slots__})
