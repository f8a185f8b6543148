"""The charts, with every set of values that lies beside them."""

import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import yaml

from system.chart.prometheus import KINDS

HELM: Final = Path(__file__).parents[3] / "helm"
FOREIGN: Final[Mapping[str, str]] = {
    "external-secrets.io/v1/ExternalSecret": "External Secrets Operator",
    "gateway.networking.k8s.io/v1/HTTPRoute": "the Gateway API",
}
"""Kinds in the charts whose schemas are not here, and the project each comes from."""


@dataclass(frozen=True, slots=True)
class Rendering:
    """One chart with one set of values.

    Attributes:
        values: The file with them; None for the chart's own.
    """

    chart: Path
    values: Path | None = None

    @classmethod
    def every(cls) -> list[Self]:
        """List each chart with its own values, and with each file in its `ci` folder."""
        charts = sorted(found.parent for found in HELM.glob("*/Chart.yaml"))
        sets = [(chart, [None, *sorted(chart.glob("ci/*.yaml"))]) for chart in charts]
        return [cls(chart, values) for chart, several in sets for values in several]

    def __str__(self) -> str:
        return f"{self.chart.name}-{self.values.stem if self.values else 'defaults'}"

    def text(self, helm: Path, kubernetes: str) -> str:
        """Render it for a version of Kubernetes, such as `1.37.0`, with all other projects there."""
        options = [f"--kube-version={kubernetes}", "--namespace=mail"]
        options += [f"--api-versions={kind}" for kind in (*FOREIGN, *KINDS)]
        if self.values:
            options.append(f"--values={self.values}")
        command = [str(helm), "template", self.chart.name, str(self.chart), *options]
        return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout

    def objects(self, helm: Path, kubernetes: str) -> Iterator[dict[str, Any]]:
        """Render it, and take the objects out of the lists that hold some."""
        for found in yaml.safe_load_all(self.text(helm, kubernetes)):
            if found:
                yield from found.get("items", [found])
