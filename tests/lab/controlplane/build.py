"""Builds a program with Go, once for everybody who shares the folder."""

import fcntl
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from lab.controlplane.programs import SOURCES, Program, Source

OLDEST_GO: Final = (1, 26)
SPEAK_EVERY: Final = timedelta(seconds=15)
NEEDS_GO: Final = """\
The control plane of the tests is built with Go 1.26 or newer, and {found}.
Do one of these:
  - install Go (https://go.dev/doc/install) and put `go` on the PATH;
  - set KUBEBUILDER_ASSETS to a folder with etcd, kube-apiserver, kube-controller-manager, kubectl
    and helm;
  - set KUBECONFIG to reach a cluster of your own; it needs kubectl and helm on the PATH."""


class BuildError(Exception):
    """A program cannot be built; the message says what to do about it."""


def build(program: Program, folder: Path, environ: Mapping[str, str]) -> Path:
    """Build a program unless the folder has it by now.

    Args:
        program: What to build.
        folder: Where it goes. Other runs may use the folder at the same time.
        environ: The environment for Go; its PATH is where `go` is looked for.

    Raises:
        BuildError: Go is missing, too old, or failed.
    """
    target = folder / program
    folder.mkdir(parents=True, exist_ok=True)
    with only_run(folder, program):
        if not target.exists():
            with tempfile.TemporaryDirectory(dir=folder, prefix=".build-") as scratch:
                built = Path(scratch, program)
                go_build(program, built, environ)
                built.replace(target)
    return target


@contextmanager
def only_run(folder: Path, name: str) -> Iterator[None]:
    """Wait for other runs that build here, and make them wait for this one."""
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say(f"waiting for {name}: another run builds in {folder}")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def go_build(program: Program, output: Path, environ: Mapping[str, str]) -> None:
    """Run `go build`, and tell every now and then that it still goes on."""
    source = SOURCES[program]
    settings = go_settings(environ)
    go = find_go(source.folder, settings)
    flags = ["-ldflags", source.linker_flags, "-o", str(output)]
    with subprocess.Popen(
        [go, "build", *flags, source.package],
        cwd=source.folder,
        env=settings,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as running:
        complaints = follow(running, program, source)
    if running.returncode:
        tail = "\n".join(complaints.splitlines()[-20:])
        raise BuildError(f"go build {source.package} failed:\n{tail}")


def follow(running: subprocess.Popen[str], program: Program, source: Source) -> str:
    """Wait for Go to end, and return what it wrote."""
    began = time.monotonic()
    try:
        while True:
            minutes, seconds = divmod(round(time.monotonic() - began), 60)
            elapsed = f"{minutes}m{seconds:02}s"
            say(f"building {program} (first run only, {source.takes} on 2 cores): {elapsed}")
            try:
                return running.communicate(timeout=SPEAK_EVERY.total_seconds())[1]
            except subprocess.TimeoutExpired:
                continue
    finally:
        running.kill()


def go_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """Make the build the same everywhere: pinned modules, no C compiler, no local paths."""
    return {
        **environ,
        "CGO_ENABLED": "0",
        "GOFLAGS": "-mod=readonly -trimpath",
        "GOWORK": "off",
    }


def find_go(folder: Path, environ: Mapping[str, str]) -> str:
    """Find a Go that is new enough for the module in a folder.

    Raises:
        BuildError: There is none. The message names every way out.
    """
    go = shutil.which("go", path=environ.get("PATH", ""))
    if go is None:
        raise BuildError(NEEDS_GO.format(found="there is no `go` on the PATH"))
    # Asked in the module's folder, an older Go may answer for a newer one that it downloads.
    asked = subprocess.run(
        [go, "env", "GOVERSION"],
        cwd=folder,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )
    release = re.search(r"go(\d+)\.(\d+)", asked.stdout)
    if release is None or (int(release[1]), int(release[2])) < OLDEST_GO:
        answer = (asked.stdout or asked.stderr).strip()
        raise BuildError(NEEDS_GO.format(found=f"{go} answers: {answer}"))
    return go


def say(line: str) -> None:
    """Speak to the person who waits; standard output belongs to the answer."""
    print(line, file=sys.stderr, flush=True)
