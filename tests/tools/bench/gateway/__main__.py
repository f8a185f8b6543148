"""`make bench-gateway`: what a message costs, beside Haraka and Postfix in the same run.

Messages of 10 KB, TLS and AUTH on both sides, sessions warm. MESSAGES, ROUNDS and CROWD set the size,
MAILBOXES adds a Sender that chooses among so many;
OUT=file keeps the figures, beside those of the other bench. It always ends with 0 unless a process
died: machines differ, and this one may be busy.
"""

import asyncio
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from lab.controlplane.assets import Assets
from lab.controlplane.plane import ControlPlane
from lab.servers.authority import Authority
from lab.stand.cluster import Cluster
from lab.stand.definitions import define
from tools.bench.figures import Figures
from tools.bench.gateway import haraka, postfix
from tools.bench.gateway.options import CONNECTIONS, Options
from tools.bench.gateway.provider import PASSWORD, Provider
from tools.bench.gateway.relay import Login, NotAtHandError, Relay
from tools.bench.gateway.rounds import Rounds
from tools.bench.gateway.stand import serving
from tools.bench.record import Record, save
from tools.bench.runs import GATEWAY, text_of
from tools.bench.sizes import address
from tools.bench.vigil import concluded

Say = Callable[[str], None]


def main() -> int:
    """Measure, and print what came of it."""
    options, began = Options.read(), time.monotonic()

    def say(text: str) -> None:
        print(f"{time.monotonic() - began:7.1f} s  {text}", flush=True)

    record = Record.begin(options.sizes)
    record = replace(record, figures=measured(options, say))
    print(f"\n{text_of(GATEWAY, record)}")
    if options.save is not None:
        save(options.save, GATEWAY, record)
    return 0


def measured(options: Options, say: Say) -> Figures:
    """Start what is needed, measure, and take it down again."""
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
) -> Figures:
    """Measure, with a gateway and its operator."""
    say(f"connecting {options.crowd} Mailboxes, with a Sender each")
    async with (
        Cluster.of(plane) as cluster,
        serving(cluster, provider, options) as served,
    ):
        chosen = [provider.direct, served.relay, *served.limited, *relays]
        return await Rounds(options, provider, chosen, plane.directory, say).run(served)


if __name__ == "__main__":
    sys.exit(concluded(main))
