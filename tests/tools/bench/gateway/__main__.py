"""`make bench-gateway`: what a message costs, beside Haraka and Postfix in the same run.

Messages of 10 KB, TLS and AUTH on both sides, sessions warm. MESSAGES, ROUNDS and CROWD set the size;
OUT=file or -o file keeps all figures as JSON. It always ends with 0 unless a process died: machines
differ, and this one may be busy.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.controlplane.assets import Assets
from lab.controlplane.build import BuildError
from lab.controlplane.plane import ControlPlane
from lab.controlplane.process import ProcessError
from lab.servers.authority import Authority
from lab.stand.cluster import Cluster
from lab.stand.definitions import define
from tools.bench.gateway import haraka, postfix, report
from tools.bench.gateway.options import CONNECTIONS, Options
from tools.bench.gateway.provider import PASSWORD, Provider
from tools.bench.gateway.relay import Login, NotAtHandError, Relay
from tools.bench.gateway.rounds import Figures, Rounds
from tools.bench.gateway.stand import serving
from tools.bench.report import table
from tools.bench.sizes import address

Say = Callable[[str], None]


def main() -> int:
    """Measure, and print what came of it."""
    options, began = Options.read(), time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)

    load = os.getloadavg()[0]
    try:
        figures, names = measured(options, say)
    except (BuildError, ProcessError, AssertionError) as error:
        print(f"The bench ends: {error}", file=sys.stderr)
        return 1
    found = list(report.rows(figures, options.crowd))
    print(f"\n{options.messages} messages, {options.rounds} rounds; load before: {load:.1f}")
    print(f"{report.comparison(figures, names)}\n{report.crowded(figures, options.crowd)}")
    print(f"\n{table(found)}")
    if options.output is not None:
        told = {"figures": figures, "goals": [asdict(each) for each in found]}
        options.output.write_text(json.dumps(told, indent=2) + "\n")
    return 0


def measured(options: Options, say: Say) -> tuple[Figures, list[str]]:
    """Start what is needed, measure, and take it down again; name what was measured."""
    own = Assets.from_environment().environ
    assets = Assets({name: value for name, value in own.items() if name != "KUBECONFIG"})
    authority = Authority()
    say("starting a provider, the other relays and a control plane")
    with (
        TemporaryDirectory(prefix="bench-") as name,
        Provider.running(Path(name), authority) as provider,
        others(Path(name), authority, provider, say) as relays,
        ControlPlane.start(assets=assets) as plane,
    ):
        define(plane)
        return asyncio.run(observed(options, plane, provider, relays, say))


@contextmanager
def others(
    directory: Path, authority: Authority, provider: Provider, say: Say
) -> Iterator[list[Relay]]:
    """Run the other relays that are at hand."""
    logins = [Login(address(each), PASSWORD, address(each)) for each in range(CONNECTIONS)]
    found = list[Relay]()
    begin = (
        haraka.running(directory, authority, provider, logins),
        postfix.running(authority, provider, logins),
    )
    with ExitStack() as stack:
        for each in begin:
            try:
                found.append(stack.enter_context(each))
            except NotAtHandError as error:
                say(f"left out: {error}")
        yield found


async def observed(
    options: Options, plane: ControlPlane, provider: Provider, relays: list[Relay], say: Say
) -> tuple[Figures, list[str]]:
    """Measure, with a gateway and its operator."""
    say(f"connecting {options.crowd} Mailboxes, with a Sender each")
    async with (
        Cluster.of(plane) as cluster,
        serving(cluster, provider, options.crowd, options.profile) as served,
    ):
        chosen = [provider.direct, served.relay, *relays]
        figures = await Rounds(options, provider, chosen, plane.directory, say).run(served)
    return figures, [each.name for each in chosen]


if __name__ == "__main__":
    sys.exit(main())
