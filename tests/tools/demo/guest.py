"""Puts into the cluster what the demo needs, and takes it out of a cluster that goes on living."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from lab.controlplane.plane import ControlPlane
from lab.controlplane.programs import Program as Tool
from lab.stand.definitions import define, files
from lab.stand.installation import rendered_rights
from lab.stand.manifests import RECONNECT, new_namespace
from tools.demo.places import INFRASTRUCTURE, MAILBOXES, PLATFORM

KINDS: Final = tuple(
    f"{kind}.mailbox-operator.io" for kind in ("mailboxes", "managedinfrastructures", "senders")
)
WITH_GATEWAY: Final = ("--set", "gateway.enabled=true")


class NotAloneError(Exception):
    """The cluster has Mailboxes already, and the demo must not touch them."""


@dataclass(frozen=True, slots=True)
class Guest:
    """The demo in a cluster, which may be somebody's.

    Attributes:
        kubeconfig: Acts as the operator's ServiceAccount.
        gateway: Acts as the gateway's.
    """

    plane: ControlPlane
    kubeconfig: Path
    gateway: Path

    def apply(self, namespace: str, manifests: Sequence[Mapping[str, Any]]) -> None:
        """Apply manifests; those that name no namespace go to this one."""
        text = yaml.safe_dump_all(manifests)
        self.plane.kubectl("apply", f"--namespace={namespace}", "--filename=-", input=text)

    def mailboxes(self) -> str:
        """Return what `kubectl get mailboxes` prints."""
        return self.plane.kubectl("get", "mailboxes", f"--namespace={MAILBOXES}")

    def wait_for_sender(self) -> None:
        """Wait until the application of the demo can send."""
        ready = ("wait", "sender/shop", "--for=condition=Ready", "--timeout=30s")
        self.plane.kubectl(*ready, f"--namespace={MAILBOXES}")

    def ask_again(self, mailbox: str) -> None:
        """Have the operator look at a Mailbox now."""
        asked = f"{RECONNECT}={time.time_ns()}"
        named = ("annotate", "--overwrite", "mailbox", mailbox, asked)
        self.plane.kubectl(*named, f"--namespace={MAILBOXES}")

    def consent_link(self, mailbox: str) -> str:
        """Read where the owner of a Mailbox gives consent."""
        path = "--output=jsonpath={.status.consentURL}"
        return self.plane.kubectl("get", "mailbox", mailbox, "--namespace", MAILBOXES, path)


@contextmanager
def installed(plane: ControlPlane) -> Iterator[Guest]:
    """Install for as long as the block.

    Raises:
        NotAloneError: There are Mailboxes of somebody else's.
    """
    mine = () if plane.servers else files(without=present(plane))
    rights = rendered_rights(plane.assets.locate(Tool.HELM), PLATFORM, *WITH_GATEWAY)
    namespaces = [new_namespace(name) for name in (MAILBOXES, PLATFORM)]
    if plane.servers is None:
        make_sure_to_be_alone(plane)
    try:
        define(plane)
        plane.apply(*namespaces, *rights)
        accounts = (PLATFORM, f"{PLATFORM}-gateway")
        yield Guest(plane, *(plane.kubeconfig_for(PLATFORM, each) for each in accounts))
    finally:
        if plane.servers is None:
            remove(plane, [*rights, *namespaces], mine)


def present(plane: ControlPlane) -> list[str]:
    """List which of the kinds the cluster knows already, by the names of their files."""
    asked = ("get", "customresourcedefinitions", "--ignore-not-found", "--output=name")
    found = plane.kubectl(*asked, *KINDS)
    return [line.partition("/")[2].partition(".")[0] for line in found.splitlines()]


def make_sure_to_be_alone(plane: ControlPlane) -> None:
    """Refuse a cluster in use: this operator would try its Mailboxes against local servers."""
    if "mailboxes" not in present(plane):
        return
    found = plane.kubectl(
        "get", "mailboxes", "-A", "--output=jsonpath={.items[*].metadata.namespace}"
    )
    others = set(found.split()) - {MAILBOXES}
    if others:
        raise NotAloneError(
            f"This cluster has Mailboxes in {', '.join(sorted(others))}, and the demo's operator would"
            " try them against its local servers. Unset KUBECONFIG, or name a cluster without any."
        )


def remove(plane: ControlPlane, objects: Sequence[Mapping[str, Any]], crds: Sequence[str]) -> None:
    """Take everything out again; CRDs only where the demo brought them."""
    gone = ("delete", "--ignore-not-found", "--wait")
    plane.kubectl(*gone, "managedinfrastructure", INFRASTRUCTURE)
    plane.kubectl(*gone, "--filename=-", input=yaml.safe_dump_all(objects))
    if crds:
        plane.kubectl(*gone, *crds)
