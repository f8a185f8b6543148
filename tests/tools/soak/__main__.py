"""`make soak`: two replicas, Mailboxes of all six combinations, and a fault each few seconds.

SECONDS=600 MAILBOXES=2000 SEED=7 in the environment, or --seconds, --mailboxes and --seed. The seed is
drawn unless given, and draws the faults. It ends with 1 if anything was found.
"""

import asyncio
import shutil
import sys
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path

from lab.controlplane.assets import Assets
from lab.controlplane.plane import ControlPlane
from lab.stand.cluster import Cluster
from lab.stand.definitions import define
from tools.soak.campaign import Campaign
from tools.soak.options import Options
from tools.soak.report import report
from tools.soak.stand import Stand


def main() -> int:
    """Play, and print what came of it."""
    if not Path("/proc/self/status").exists():
        print("The soak reads /proc, which only Linux has.", file=sys.stderr)
        return 1
    options = Options.read()
    if shutil.which("cc") is None:
        print("There is no C compiler here: no clock is stepped, and no resolver breaks.")
    own = Assets.from_environment().environ
    # A control plane of its own in any case: nobody else's API server is to be killed.
    assets = Assets({name: value for name, value in own.items() if name != "KUBECONFIG"})
    with ThreadPoolExecutor(1) as hands, ControlPlane.start(assets=assets) as plane:
        define(plane)
        campaign = asyncio.run(played(options, plane, hands))
        if campaign.found:
            plane.keep()
            print(f"\nThe logs stay in {plane.directory}")
    return 1 if campaign.found else 0


async def played(options: Options, plane: ControlPlane, hands: Executor) -> Campaign:
    """Set everything up, play, and say what was found."""
    began = time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)

    async with Cluster.of(plane) as cluster, Stand.of(options, cluster, hands) as stand:
        campaign = Campaign(stand, say)
        await campaign.run()
    print(*report(campaign.faults.played, campaign.figures, campaign.found), sep="\n")
    asked = f"SECONDS={options.seconds} MAILBOXES={options.mailboxes} SEED={options.seed}"
    print(f"\n{asked}: {time.monotonic() - began:.0f} s in all", flush=True)
    return campaign


if __name__ == "__main__":
    sys.exit(main())
