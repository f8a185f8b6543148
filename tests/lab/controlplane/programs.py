"""The programs of a control plane and of its clients, and the Go packages they are built from.

The go.mod files beside this module are the only place that names a version.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent


class Program(StrEnum):
    """A program, under the name of its file."""

    ETCD = "etcd"
    API_SERVER = "kube-apiserver"
    CONTROLLER_MANAGER = "kube-controller-manager"
    KUBECTL = "kubectl"
    HELM = "helm"
    KUBECONFORM = "kubeconform"
    KUBE_STATE_METRICS = "kube-state-metrics"
    KIND = "kind"
    ACTIONLINT = "actionlint"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a program comes from.

    Attributes:
        folder: The folder with the go.mod that pins it.
        module: The Go module whose version is the version of the program.
        package: The Go package to build.
        takes: How long the first build takes, in words for a person who waits.
        stamps: Variables to set at link time; `{version}`, `{major}` and `{minor}` are filled in.
    """

    folder: Path
    module: str
    package: str
    takes: str
    stamps: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        """Read the pinned version, such as `v1.37.2`."""
        pinned = (self.folder / "go.mod").read_text()
        found = re.search(rf"^\s*{re.escape(self.module)} (v\S+)", pinned, re.MULTILINE)
        if found is None:
            raise LookupError(f"{self.folder / 'go.mod'} does not require {self.module}")
        return found[1]

    @property
    def linker_flags(self) -> str:
        """Strip the symbols, and stamp the version a release would carry."""
        major, minor, *_ = self.version.removeprefix("v").split(".")
        stamps = (s.format(version=self.version, major=major, minor=minor) for s in self.stamps)
        return " ".join(["-s", "-w", *(f"-X {stamp}" for stamp in stamps)])


def kubernetes(command: str, takes: str) -> Source:
    """Describe a program of the Kubernetes repository."""
    version = "k8s.io/component-base/version."
    return Source(
        folder=HERE / "kubernetes",
        module="k8s.io/kubernetes",
        package=f"k8s.io/kubernetes/cmd/{command}",
        takes=takes,
        stamps=(
            f"{version}gitVersion={{version}}",
            f"{version}gitMajor={{major}}",
            f"{version}gitMinor={{minor}}",
        ),
    )


SOURCES: Final[Mapping[Program, Source]] = {
    Program.ETCD: Source(
        folder=HERE / "tools",
        module="go.etcd.io/etcd/server/v3",
        package="go.etcd.io/etcd/server/v3",
        takes="about half a minute",
    ),
    Program.API_SERVER: kubernetes("kube-apiserver", "about 10 minutes"),
    Program.CONTROLLER_MANAGER: kubernetes("kube-controller-manager", "about 3 minutes"),
    Program.KUBECTL: kubernetes("kubectl", "about a minute"),
    Program.HELM: Source(
        folder=HERE / "tools",
        module="helm.sh/helm/v4",
        package="helm.sh/helm/v4/cmd/helm",
        takes="about 3 minutes",
        stamps=("helm.sh/helm/v4/internal/version.version={version}",),
    ),
    Program.KUBECONFORM: Source(
        folder=HERE / "kubeconform",
        module="github.com/yannh/kubeconform",
        package="github.com/yannh/kubeconform/cmd/kubeconform",
        takes="half a minute",
        stamps=("main.version={version}",),
    ),
    Program.KUBE_STATE_METRICS: Source(
        folder=HERE / "kube_state_metrics",
        module="k8s.io/kube-state-metrics/v2",
        package="k8s.io/kube-state-metrics/v2",
        takes="about 2 minutes",
        stamps=("github.com/prometheus/common/version.Version={version}",),
    ),
    Program.KIND: Source(
        folder=HERE / "kind",
        module="sigs.k8s.io/kind",
        package="sigs.k8s.io/kind",
        takes="half a minute",
    ),
    Program.ACTIONLINT: Source(
        folder=HERE / "actionlint",
        module="github.com/rhysd/actionlint",
        package="github.com/rhysd/actionlint/cmd/actionlint",
        takes="half a minute",
    ),
}
