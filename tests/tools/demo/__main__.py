"""`make demo`: a control plane, local mail and OAuth servers, the operator, and sample Mailboxes.

CHECK=1 in the environment ends it by itself: with 0 if every Mailbox came where it should, else 1.
"""

import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final, NoReturn

from lab.controlplane.build import BuildError
from lab.controlplane.health import answers
from lab.controlplane.kubectl import Kubectl, KubectlError
from lab.controlplane.plane import ControlPlane
from lab.controlplane.ports import free_ports
from lab.controlplane.process import Process, ProcessError
from lab.servers.prometheus import INSTALL, Prometheus, Target
from lab.stand.installation import write_configuration
from lab.stand.operator_process import process_of
from tools.demo import mail_world
from tools.demo.campaign import Campaign
from tools.demo.clicks import ClickError
from tools.demo.guest import Guest, NotAloneError, installed
from tools.demo.mail_world import MailWorld, NoPortError
from tools.demo.places import PLATFORM
from tools.demo.samples import YOURS
from tools.demo.screen import Screen
from tools.demo.story import Story, how_to_look
from tools.demo.transitions import Watch

INTERRUPTED: Final = 130
TROUBLES: Final = (
    BuildError,
    ClickError,
    KubectlError,
    NoPortError,
    NotAloneError,
    ProcessError,
)


def main() -> int:
    """Play the demo; return the exit status."""
    signal.signal(signal.SIGTERM, interrupt)
    screen, checking = Screen(), bool(os.environ.get("CHECK"))
    try:
        with ExitStack() as stack:
            status = played(screen, stack, checking=checking)
    except KeyboardInterrupt:
        status = INTERRUPTED
    except TROUBLES as trouble:
        print(f"\nThe demo failed: {trouble}", file=sys.stderr)
        return 1
    screen.paragraph("Everything is torn down.")
    return status


def played(screen: Screen, stack: ExitStack, *, checking: bool) -> int:
    """Play; an interruption is no failure, so nothing is kept to look into."""
    try:
        return 1 if demonstrate(screen, stack, checking=checking) else 0
    except KeyboardInterrupt:
        return INTERRUPTED


def interrupt(*_: int | FrameType | None) -> NoReturn:
    """Take a polite request to end like Ctrl-C."""
    raise KeyboardInterrupt


def demonstrate(screen: Screen, stack: ExitStack, *, checking: bool) -> list[str]:
    """Set the stage, play, and leave everything up until somebody has seen enough.

    Returns:
        What was not as expected.
    """
    screen.heading("mailbox-operator: a demo on this machine")
    plane = stack.enter_context(ControlPlane.start())
    screen.step(f"Kubernetes API server at {plane.url}")
    guest = stack.enter_context(installed(plane))
    screen.step("CRDs, and a ServiceAccount with the rights that the Helm chart gives")
    world = stack.enter_context(mail_world.running(plane.directory))
    screen.step("SMTP and OAuth servers with certificates of a throw-away authority")
    operator, port = operating(screen, stack, guest, world)
    kubectl = Kubectl.of(plane.assets, plane.kubeconfig)
    seen = stack.enter_context(Watch.running(kubectl, plane.directory / "watch.log"))
    story = Story(screen, guest, world, operator, seen)
    differing = [*story.play(), *Campaign(story).play()]
    story.end(differing)
    if differing:
        plane.keep()
        screen.paragraph(f"The logs stay in {plane.directory}")
    if not checking:
        invite(screen, kubectl, port, operator)
        screen.heading("One mailbox is yours to connect. Open this in a browser, and click Allow:")
        print(f"    {guest.consent_link(YOURS)}", flush=True)
        linger(story)
    return differing


def operating(
    screen: Screen, stack: ExitStack, guest: Guest, world: MailWorld
) -> tuple[Process, int]:
    """Start the operator and a gateway; return the operator, and the port of its metrics."""
    port, page, probes, starttls, tls = free_ports(5)
    gateway = {"host": "localhost", "port": starttls, "tlsPort": tls}
    operator = stack.enter_context(prepared(guest, world, port, page, gateway))
    sending = stack.enter_context(prepared_gateway(guest, world, probes, gateway))
    show(screen, stack, operator, port)
    sending.wait_until(lambda: answers(probes, "/readyz"))
    screen.step(f"the gateway, at port {starttls}: applications send through their Mailboxes")
    return operator, port


def prepared(
    guest: Guest, world: MailWorld, port: int, page: int, gateway: Mapping[str, Any]
) -> Process:
    """Give the operator the demo's configuration.

    Args:
        guest: The cluster.
        world: The mail world.
        port: For probes and metrics.
        page: For the consent page.
        gateway: Where applications reach it.
    """
    directory, url = guest.plane.directory, f"http://localhost:{page}"
    content = {
        **world.configuration(),
        "listen": {"address": "127.0.0.1", "port": port},
        "consent": {"publicURL": url, "address": "127.0.0.1", "port": page},
        "gateway": gateway,
        "intervals": {"capacity": "1s"},
    }
    configuration = write_configuration(directory / "operator.yaml", PLATFORM, content)
    return process_of(guest.kubeconfig, configuration, directory / "operator.log")


def prepared_gateway(
    guest: Guest, world: MailWorld, probes: int, gateway: Mapping[str, Any]
) -> Process:
    """Give the gateway its configuration: the operator's, but for where it listens.

    Args:
        guest: The cluster.
        world: The mail world.
        probes: The port for probes and metrics.
        gateway: Where applications reach it.
    """
    directory = guest.plane.directory
    ports = {"port": gateway["port"], "tlsPort": gateway["tlsPort"]}
    content = {
        **world.configuration(),
        "listen": {"address": "127.0.0.1", "port": probes},
        "gateway": {**gateway, "listen": {"address": "127.0.0.1", **ports}},
    }
    configuration = write_configuration(directory / "gateway.yaml", PLATFORM, content)
    return process_of(guest.gateway, configuration, directory / "gateway.log", part="gateway")


def show(screen: Screen, stack: ExitStack, operator: Process, port: int) -> None:
    """Wait until the operator is there, and say what can be seen of it."""
    operator.wait_until(lambda: answers(port, "/readyz"))
    screen.step(f"the operator, with metrics at http://127.0.0.1:{port}/metrics")
    screen.step(stack.enter_context(scraped(operator.log.parent, port)))


@contextmanager
def scraped(folder: Path, port: int) -> Iterator[str]:
    """Have a Prometheus look at the operator, where there is one; say where it is.

    Args:
        folder: For what it writes.
        port: That of the operator's metrics.
    """
    if shutil.which("prometheus") is None:
        yield f"no Prometheus beside it: {INSTALL}"
        return
    target = Target(f"127.0.0.1:{port}", "mailbox-operator")
    with Prometheus.running(folder, [target]) as prometheus:
        yield f"Prometheus, with the chart's rules, at {prometheus.url}/alerts"


def invite(screen: Screen, kubectl: Kubectl, port: int, operator: Process) -> None:
    """Say how to look around."""
    screen.heading("Everything stays up until Ctrl-C. In another terminal:")
    print(f"    {how_to_look(kubectl)}")
    print(f"    curl http://127.0.0.1:{port}/metrics")
    print(f"    tail -f {operator.log}", flush=True)


def linger(story: Story) -> None:
    """Go on telling transitions until Ctrl-C."""
    try:
        while True:
            story.tell()
    except KeyboardInterrupt:
        story.screen.heading("Thank you for watching.")


if __name__ == "__main__":
    sys.exit(main())
