"""`make bench`: N Mailboxes on a real API server, beside a bare loop that does the same logins.

N=10000 is the large one. CONTENDED=1 also measures with two burning processes beside, REPEAT=3 the
waits three times in a row, REPLICAS=1,2,4 the checks a second with so many operator processes.
OUT=file keeps the figures; `python -m tools.bench.table FILE` makes README's table of them. It measures
and judges, but ends with 0 unless a process died: machines differ, and this one may be busy.
"""

import asyncio
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Final

from lab.controlplane.assets import Assets
from lab.controlplane.plane import ControlPlane
from lab.stand.cluster import Cluster
from lab.stand.definitions import define
from lab.stand.program import tree
from tools.bench import rendering
from tools.bench.cluster import ApiServer, Watch
from tools.bench.figures import Figures
from tools.bench.options import Options
from tools.bench.processes import Mail
from tools.bench.record import Record, save
from tools.bench.report import details
from tools.bench.rounds import Rounds
from tools.bench.runs import OPERATOR, text_of
from tools.bench.sizes import NAMESPACES
from tools.bench.stand import Stand, described, install
from tools.bench.vigil import concluded, watched

Say = Callable[[str], None]
IMAGE: Final = "image"


def main() -> int:
    """Measure, and print what came of it."""
    if not Path("/proc/self/status").exists():
        print("The bench reads /proc, which only Linux has.", file=sys.stderr)
        return 1
    options, began = Options.read(), time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)

    print(f"Limits: {described()}.")
    record = Record.begin({"Mailboxes": options.size})
    record = replace(record, figures=measured(options, say))
    print(f"\n{details(record.figures)}\n\n{text_of(OPERATOR, record)}")
    if options.save is not None:
        save(options.save, OPERATOR, record)
    return 0


def measured(options: Options, say: Say) -> Figures:
    """Start what is needed, measure, and take it down again."""
    own = Assets.from_environment().environ
    # A control plane of its own in any case: the figures are about that, not about a cluster in use.
    assets = Assets({name: value for name, value in own.items() if name != "KUBECONFIG"})
    say(f"rendering a tenant of {rendering.TENANTS_MAILBOXES} mailboxes; starting a control plane")
    figures = rendering.measured(assets)
    with ControlPlane.start(assets=assets) as plane:
        define(plane)
        tree(plane.directory / IMAGE, os.environ)
        with Mail.running(plane.directory, options.accounts) as mail:
            return figures | asyncio.run(observed(options, plane, mail, say))


async def observed(options: Options, plane: ControlPlane, mail: Mail, say: Say) -> Figures:
    """Measure under the eyes of a watch; a server that dies ends it."""
    async with (
        Cluster.of(plane) as cluster,
        ApiServer.of(plane.kubeconfig) as api,
        Watch.of(api) as watch,
    ):
        installation = await install(cluster, *(f"bench-{n}" for n in range(NAMESPACES)))
        image = plane.directory / IMAGE
        stand = Stand(options, plane, api, watch, mail, installation, image)
        async with watched(*stand.servers.values()):
            return await Rounds(stand, say).run()


if __name__ == "__main__":
    sys.exit(concluded(main))
