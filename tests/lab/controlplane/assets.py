"""Finds the programs of the control plane, and builds what is missing.

The first of these that applies:

1. `KUBECONFIG`: that cluster is used and none is started; kubectl and helm come from the PATH.
2. `KUBEBUILDER_ASSETS`: a folder with the programs.
3. The cache, `${XDG_CACHE_HOME:-~/.cache}/mailbox-operator/controlplane/<module>-<digest>/`.

Whatever the first two lack is built into the cache. Each Go module has a folder of its own there, so
that a new version of one program builds no other.
"""

import argparse
import hashlib
import os
import platform
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from lab.controlplane.build import BuildError, build
from lab.controlplane.programs import SOURCES, Program

SERVERS: Final = (Program.ETCD, Program.API_SERVER, Program.CONTROLLER_MANAGER)
CLIENTS: Final = (Program.KUBECTL, Program.HELM)


@dataclass(frozen=True, slots=True)
class Assets:
    """Where the programs are, as one environment has it.

    Attributes:
        environ: The environment that decides, and that the programs are started with.
    """

    environ: Mapping[str, str] = field(repr=False)

    @classmethod
    def from_environment(cls) -> Self:
        """Take the environment of this process. Nothing else in this folder reads it."""
        return cls(os.environ)

    @property
    def external(self) -> bool:
        """Tell whether a cluster is there already, so that none is to be started."""
        return bool(self.environ.get("KUBECONFIG"))

    @property
    def programs(self) -> tuple[Program, ...]:
        """Name the programs of a cluster: the clients alone, or the control plane too."""
        return CLIENTS if self.external else (*SERVERS, *CLIENTS)

    def cache(self, program: Program) -> Path:
        """Name the folder a program is built into; its name changes with what goes into it."""
        home = Path(self.environ.get("HOME") or Path.home())
        caches = Path(self.environ.get("XDG_CACHE_HOME") or home / ".cache")
        module = SOURCES[program].folder
        return caches / "mailbox-operator" / "controlplane" / f"{module.name}-{digest(module)}"

    def find(self, program: Program) -> Path | None:
        """Look for a program without building it."""
        given = self.environ.get("PATH" if self.external else "KUBEBUILDER_ASSETS")
        places = os.pathsep.join(filter(None, [given, str(self.cache(program))]))
        found = shutil.which(program, path=places)
        return Path(found).absolute() if found else None

    def locate(self, program: Program) -> Path:
        """Find a program; build it, which takes minutes, if there is none.

        Raises:
            BuildError: It is nowhere and cannot be built.
        """
        return self.find(program) or build(program, self.cache(program), self.environ)


def digest(module: Path) -> str:
    """Sum up what shapes a module's programs: sources, versions, flags, this machine's kind."""
    seen = hashlib.sha256(f"{platform.system()} {platform.machine()}".encode())
    for source in SOURCES.values():
        if source.folder == module:
            seen.update(f"{source.package} {source.linker_flags}".encode())
    seen.update((module / "go.mod").read_bytes())
    seen.update((module / "go.sum").read_bytes())
    return seen.hexdigest()[:16]


def main() -> int:
    """Build what is missing and say where everything is."""
    asked = arguments()
    assets = Assets.from_environment()
    try:
        found = {name: assets.locate(name) for name in asked.program or assets.programs}
    except BuildError as error:
        print(error, file=sys.stderr)
        return 1
    if asked.print:
        print(os.pathsep.join(dict.fromkeys(str(path.parent) for path in found.values())))
    else:
        print("\n".join(f"{program:<24}{path}" for program, path in found.items()))
    return 0


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="lab.controlplane.assets", description=main.__doc__)
    parser.add_argument(
        "--print", action="store_true", help="print the folders only, in the way PATH is written"
    )
    parser.add_argument(
        "program", nargs="*", type=Program, help="what to find; by default all that a cluster needs"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
