"""Mail servers of Debian that `.ci/mail-servers` has unpacked, beside whatever the machine has.

The users that a program insists on do not exist: bubblewrap shows it lists of users and groups that
name them, and empty directories where it wants to write.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

INSTALL: Final = ".ci/mail-servers"
UNPACKED: Final = Path(
    os.environ.get("MAIL_SERVERS", "/var/cache/mailbox-operator-tests/mail-servers")
)
ALONE: Final = ("--unshare-pid", "--unshare-uts", "--hostname", "mail.test")
MACHINE: Final = ("--dev-bind", "/", "/")
NOTHING: Final[Mapping[str, Path]] = {}
LISTS: Final = {"passwd": "{name}:x:{id}:{id}::/:/bin/false", "group": "{name}:x:{id}:"}


def unpacked(server: str, path: str) -> Path:
    """Find a file of a server.

    Raises:
        RuntimeError: It is not there.
    """
    found = UNPACKED / path
    if not found.exists():
        raise RuntimeError(f"{server} is missing: {INSTALL}")
    return found


def environment() -> Mapping[str, str]:
    """Return our environment, with the libraries that were unpacked as well."""
    libraries = ":".join(str(each) for each in UNPACKED.glob("usr/lib/*-linux-gnu"))
    return {**os.environ, "LD_LIBRARY_PATH": libraries}


def boxed(
    command: Iterable[str],
    directory: Path,
    users: Mapping[str, int],
    empty: Iterable[str] = (),
    system: Path | None = None,
    files: Mapping[str, Path] = NOTHING,
) -> tuple[str, ...]:
    """Put a program into a box where its users exist; they die together.

    Args:
        command: The program and its arguments.
        directory: Of the test; the lists of users are written there.
        users: Their ids by name; each has a group of its own.
        empty: Directories that the program sees empty, whatever the machine has there.
        system: An unpacked system to see in place of the machine's.
        files: More that it sees, by their places there.
    """
    box = ["bwrap", "--die-with-parent", *ALONE, *(_within(system) if system else MACHINE)]
    box += "--bind", str(directory), str(directory)
    shown = dict(files)
    for kind, line in LISTS.items():
        entries = "".join(f"{line}\n".format(name=name, id=each) for name, each in users.items())
        (directory / kind).write_text(Path("/etc", kind).read_text() + entries)
        shown[f"/etc/{kind}"] = directory / kind
    for place, file in shown.items():
        box += "--ro-bind", str(file), place
    for place in empty:
        box += "--tmpfs", place
    return (*box, *command)


def _within(system: Path) -> tuple[str, ...]:
    programs = ("--ro-bind", str(system / "usr"), "/usr")
    links = ("--symlink", "usr/lib", "/lib", "--symlink", "usr/lib64", "/lib64")
    return (*programs, *links, "--symlink", "/run", "/var/run", "--dev", "/dev", "--proc", "/proc")
