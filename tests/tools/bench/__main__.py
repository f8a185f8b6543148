"""`make bench`: N Mailboxes on a real API server, beside a bare loop that does the same logins.

N=10000 is the large one; OUT=file or -o file keeps all figures as JSON. It measures and judges, but
always ends with 0: machines differ, and this one may be busy.
"""

import asyncio
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path

from lab.controlplane.assets import Assets
from lab.controlplane.plane import ControlPlane
from lab.stand.cluster import Cluster
from lab.stand.definitions import define
from tools.bench import rendering
from tools.bench.cluster import ApiServer, Watch
from tools.bench.processes import Mail
from tools.bench.report import as_json, details, rows, table
from tools.bench.rounds import Figures, Rounds
from tools.bench.sizes import NAMESPACES, Options
from tools.bench.stand import Stand, described, install

Say = Callable[[str], None]


def main() -> int:
    """Measure, and print what came of it."""
    if not Path("/proc/self/status").exists():
        print("The bench reads /proc, which only Linux has.", file=sys.stderr)
        return 1
    options, began = Options.read(), time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)

    print(f"Limits: {described()}.")
    figures = measured(options, say)
    found = list(rows(figures, options.size))
    print(f"\n{details(figures)}\n\n{table(found)}")
    if options.output is not None:
        options.output.write_text(json.dumps(as_json(figures, found), indent=2) + "\n")
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
        with Mail.running(plane.directory, options.size) as mail:
            return figures | asyncio.run(observed(options, plane, mail, say))


async def observed(options: Options, plane: ControlPlane, mail: Mail, say: Say) -> Figures:
    """Measure under the eyes of a watch."""
    async with (
        Cluster.of(plane) as cluster,
        ApiServer.of(plane.kubeconfig) as api,
        Watch.of(api) as watch,
    ):
        installation = await install(cluster, *(f"bench-{n}" for n in range(NAMESPACES)))
        stand = Stand(options, plane, api, watch, mail, installation)
        return await Rounds(stand, say).run()


if __name__ == "__main__":
    sys.exit(main())
