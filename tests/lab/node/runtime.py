"""Containers, by bubblewrap: private root, user, network, processes; no capability at all.

Unlike in a real one, the program is not process 1, so a signal it does not handle ends it; all files
seem to belong to its user; the system's own folders are this machine's; and nothing is limited.
"""

import asyncio
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Self

from lab.node import sandbox
from lab.node.network import SOCKETS
from lab.node.spec import Security

HELPER: Final = "/.node"
SYSTEM: Final = ("/usr", "/bin", "/sbin", "/lib", "/lib64", "/etc/ld.so.cache", "/etc/ssl")
ETC: Final[Mapping[str, str]] = {
    "passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/:/usr/sbin/nologin\n",
    "group": "root:x:0:\nnogroup:x:65534:\n",
    "nsswitch.conf": "passwd: files\ngroup: files\nhosts: files dns\n",
    "resolv.conf": "nameserver 127.0.0.1\noptions attempts:1 timeout:1\n",
}
ALONE: Final = ("user", "net", "pid", "ipc", "uts")
BARE: Final = (
    *("bwrap", "--die-with-parent", "--new-session", "--clearenv", "--cap-drop", "ALL"),
    *(f"--unshare-{each}" for each in ALONE),
)
LEAST_SECONDS: Final = 2  # the kubelet grants as much to a container without any grace
PYTHON: Final = Path(sys.executable).resolve()


class RuntimeMissingError(Exception):
    """This machine runs no containers; the message says what to do."""


def check_runtime() -> None:
    """Start nothing in a sandbox, to see that it works.

    Raises:
        RuntimeMissingError: It does not.
    """
    if shutil.which("bwrap") is None:
        raise RuntimeMissingError("apt-get install -y bubblewrap")
    tried = subprocess.run(
        [*BARE, "--ro-bind", "/", "/", "/bin/true"], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        raise RuntimeMissingError(
            f"bubblewrap may not create user namespaces here: {tried.stderr.strip()}"
        )


@dataclass(frozen=True, slots=True)
class Mount:
    """A file or folder of this machine in a container."""

    inside: str
    outside: Path
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """What a container is started with.

    Attributes:
        wire: The folder of the pod's wire.
        names: Hosts that are found on its loopback, besides itself.
        ports: What it may dial.
    """

    hostname: str
    security: Security
    environ: Mapping[str, str]
    mounts: Sequence[Mount]
    wire: Path
    names: Sequence[str]
    ports: Sequence[int]
    command: Sequence[str]

    def arguments(self) -> Iterator[str]:
        """Write the command line of bubblewrap."""
        yield from BARE
        yield from ("--uid", str(self.security.user), "--gid", str(self.security.group))
        yield from ("--hostname", self.hostname, "--proc", "/proc", "--dev", "/dev")
        yield from ("--dir", "/tmp")  # noqa: S108 - of the container
        for mount in (*self._system(), *self.mounts):
            kind = "--bind" if mount.writable else "--ro-bind"
            yield from (kind, str(mount.outside), mount.inside)
        if self.security.read_only_root:
            yield from ("--remount-ro", "/")
        for name, value in self.environ.items():
            yield from ("--setenv", name, value)
        yield from ("--chdir", "/", "--", str(PYTHON), "-I", "-S")
        yield from (f"{HELPER}/sandbox.py", f"{HELPER}/wire", ",".join(map(str, self.ports)))
        yield from self.command

    def etc(self) -> Mapping[str, str]:
        """Write the files of /etc; there is no other service of names."""
        return {**ETC, "hosts": f"127.0.0.1 {' '.join(['localhost', *self.names])}\n"}

    def _system(self) -> Iterator[Mount]:
        yield from (Mount(each, Path(each)) for each in SYSTEM if Path(each).exists())
        yield Mount(sys.base_prefix, Path(sys.base_prefix))
        yield from (Mount(f"/etc/{name}", self.wire / "etc" / name) for name in self.etc())
        yield Mount(f"{HELPER}/sandbox.py", Path(sandbox.__file__))
        yield Mount(f"{HELPER}/wire", self.wire / SOCKETS, writable=True)


@dataclass(frozen=True, slots=True)
class Container:
    """One run of a program in a sandbox."""

    process: asyncio.subprocess.Process

    @classmethod
    async def start(cls, box: Box, log: Path) -> Self:
        """Start it; what it writes goes to a file."""
        etc = box.wire / "etc"
        etc.mkdir(exist_ok=True)
        for name, content in box.etc().items():
            (etc / name).write_text(content)
        with log.open("wb") as written:
            return cls(
                await asyncio.create_subprocess_exec(
                    *box.arguments(),
                    stdin=asyncio.subprocess.PIPE,
                    stdout=written,
                    stderr=written,
                    process_group=0,
                )
            )

    async def wait(self) -> int:
        """Wait for its end; return the exit status as a container runtime tells it."""
        code = await self.process.wait()
        return code if code >= 0 else 128 - code

    async def stop(self, grace_seconds: float, pause_seconds: float = 0) -> int:
        """Ask it to end, and kill it when its time is over; return the exit status."""
        pause = min(pause_seconds, grace_seconds)
        await asyncio.sleep(pause)
        self._send(signal.SIGTERM)
        try:
            async with asyncio.timeout(max(grace_seconds - pause, LEAST_SECONDS)):
                return await self.wait()
        except TimeoutError:
            self._send(signal.SIGKILL)
            return await self.wait()

    def kill(self) -> None:
        """End the sandbox with all that is in it."""
        if self.process.returncode is None:
            self.process.kill()

    def _send(self, which: signal.Signals) -> None:
        """Reach the program itself: a signal to bubblewrap would end the sandbox around it."""
        if self.process.stdin and not self.process.stdin.is_closing():
            self.process.stdin.write(f"{which.value}\n".encode())
