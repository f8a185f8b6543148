"""`make demo CHECK=1`, as anybody runs it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from lab.controlplane.plane import ControlPlane
from lab.controlplane.programs import Program
from tools.demo.places import MAILBOXES, PLATFORM

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(240)]

ROOT = Path(__file__).parents[3]
SHOWN = [
    "the operator, with metrics at http://127.0.0.1:",
    "Prometheus, with the chart's rules, at http://127.0.0.1:",
    "smtp-private            connected",
    "smtp-private-ca         connected",
    "smtp-managed            connected",
    "google-private          connected",
    "google-service-account  connected",
    "outlook-private         connected",
    "outlook-app-only        connected",
    "google-managed          waiting         AwaitingConsent",
    "google-managed          connected",
    "outlook-managed         connected",
    "yours-to-click          waiting         AwaitingConsent",
    "wrong-password          needs a person  InvalidCredentials",
    "wrong-password          connected",
    "wrong-port              retrying        ConnectionRefused",
    "app-password-needed     needs a person  AppPasswordRequired",
    "consent-incomplete      needs a person  ConsentIncomplete",
    "the gateway, at port ",
    "An application sends through google-managed, by what is in one Secret",
    "SMTPSenderRefused: (451, b'4.3.5 mailbox-demo/google-managed is not connected",
    "The owner clicks Allow again. Nothing changes in the application",
    "A campaign: 3 mailboxes, each limited to 2 recipients a day",
    "the application sends 8 messages",
    "to ben   250 2.0.0 Ok: queued by mailbox-demo/google-private",
    "to cleo  250 2.0.0 Ok: queued by mailbox-demo/outlook-private",
    "to gus   450 4.4.5 mailbox-demo/",
    " has reached its limit of 2 recipients ",
    "hours, next at ",
    "google-private    2       0",
    "The owner raises the limits to 10, and the rest goes out",
    "to gus   250 2.0.0 Ok: queued by mailbox-demo/",
    "Access to google-private is revoked, the mailbox that ben hears from",
    "to ben   250 2.0.0 Ok: queued by mailbox-demo/smtp-private",
    "to ben   450 4.3.2 a follow-up goes out by the recipient's own mailbox only:",
    "Every Mailbox is where it should be.",
    "Everything is torn down.",
]


def demo(environ: dict[str, str]) -> subprocess.CompletedProcess[str]:
    paths = f"{ROOT / 'operator'}:{ROOT / 'tests'}"
    return subprocess.run(
        [sys.executable, "-m", "tools.demo"],
        env={**environ, "PYTHONPATH": paths, "CHECK": "1"},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_demo_connects_what_it_can_and_explains_the_rest(
    plane: ControlPlane, helm: Path
) -> None:
    if plane.servers is None:
        pytest.skip("it would use the cluster that KUBECONFIG names, as the next test does")

    done = demo(dict(os.environ))

    assert done.returncode == 0, done.stdout + done.stderr
    assert [line for line in SHOWN if line not in done.stdout] == []


def test_the_demo_runs_without_a_prometheus_and_says_how_to_get_it(tmp_path: Path) -> None:
    ask = "from tools.demo.__main__ import *\nwith scraped(Path('.'), 1) as said: print(said)"
    paths = {"PYTHONPATH": f"{ROOT / 'operator'}:{ROOT / 'tests'}", "PATH": str(tmp_path)}

    done = subprocess.run(
        [sys.executable, "-c", ask], env=paths, capture_output=True, text=True, check=True
    )

    assert "apt-get install -y --no-install-recommends prometheus" in done.stdout


def test_the_demo_leaves_your_cluster_as_it_was(plane: ControlPlane, helm: Path) -> None:
    plane.kubectl("wait", "--for=delete", "mailboxes", "--all", "-A", "--timeout=60s")
    program = plane.assets.locate(Program.KUBECTL)
    places = os.pathsep.join([str(helm.parent), str(program.parent), os.environ["PATH"]])

    done = demo({**os.environ, "KUBECONFIG": str(plane.kubeconfig), "PATH": places})

    kinds = plane.kubectl("get", "crd", "-o", "name")
    rest = plane.kubectl("get", "namespaces,clusterroles,clusterrolebindings,minfra", "-o", "name")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "mailboxes.mailbox-operator.io" in kinds
    assert not any(name in rest for name in (MAILBOXES, PLATFORM))
