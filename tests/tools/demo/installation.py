"""Puts into the cluster what the demo needs, and takes it out of a cluster that goes on living."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import yaml

from lab.controlplane.plane import ControlPlane
from lab.controlplane.programs import Program as Tool
from lab.stand.installation import rendered_rights
from tools.demo.places import INFRASTRUCTURE, MAILBOXES, PLATFORM

CRDS: Final = Path(__file__).parents[3] / "crds"
KINDS: Final = ("mailboxes.mailbox-operator.io", "managedinfrastructures.mailbox-operator.io")


class NotAloneError(Exception):
    """The cluster has Mailboxes already, and the demo must not touch them."""


@dataclass(frozen=True, slots=True)
class Installation:
    """The demo in a cluster.

    Attributes:
        kubeconfig: Acts as the operator's ServiceAccount.
    """

    plane: ControlPlane
    kubeconfig: Path

    def apply(self, namespace: str, manifests: Sequence[Mapping[str, Any]]) -> None:
        """Apply manifests; those that name no namespace go to this one."""
        text = yaml.safe_dump_all(manifests)
        self.plane.kubectl("apply", f"--namespace={namespace}", "--filename=-", input=text)

    def mailboxes(self) -> str:
        """Return what `kubectl get mailboxes` prints."""
        return self.plane.kubectl("get", "mailboxes", f"--namespace={MAILBOXES}")

    def consent_link(self, mailbox: str) -> str:
        """Read where the owner of a Mailbox gives consent."""
        path = "--output=jsonpath={.status.consentURL}"
        return self.plane.kubectl("get", "mailbox", mailbox, "--namespace", MAILBOXES, path)


@contextmanager
def installed(plane: ControlPlane) -> Iterator[Installation]:
    """Install for as long as the block.

    Raises:
        NotAloneError: There are Mailboxes of somebody else's.
    """
    mine = () if plane.servers else files(without=present(plane))
    rights = rendered_rights(plane.assets.locate(Tool.HELM), PLATFORM)
    namespaces = [namespace(name) for name in (MAILBOXES, PLATFORM)]
    if plane.servers is None:
        make_sure_to_be_alone(plane)
    try:
        plane.kubectl("apply", "--server-side", *files())
        plane.kubectl("wait", "--for=condition=Established", "--timeout=60s", *files())
        plane.apply(*namespaces, *rights)
        yield Installation(plane, plane.kubeconfig_for(PLATFORM, PLATFORM))
    finally:
        if plane.servers is None:
            remove(plane, [*rights, *namespaces], mine)


def files(without: Sequence[str] = ()) -> list[str]:
    """Name the files of the CRDs for kubectl."""
    found = sorted(CRDS.glob("*.yaml"))
    return [f"--filename={path}" for path in found if path.stem not in without]


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


def namespace(name: str) -> dict[str, Any]:
    """Make a namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
