"""The kinds of the Prometheus Operator, out of its own Go module: no copy of them lies here.

The go.mod in tests/lab/controlplane/prometheus_operator/ names the version, its go.sum the hash.
"""

import json
import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from lab.controlplane.assets import Assets
from lab.controlplane.build import BuildError, find_go, go_settings

PIN: Final = Path(__file__).parents[2] / "lab" / "controlplane" / "prometheus_operator"
MODULE: Final = "github.com/prometheus-operator/prometheus-operator"
CRDS: Final = Path("example", "prometheus-operator-crd")
KINDS: Final = tuple(
    f"monitoring.coreos.com/v1/{kind}"
    for kind in ("ServiceMonitor", "PodMonitor", "PrometheusRule")
)
"""What the operator's chart may render of them, as Helm spells it."""


@cache
def definitions() -> tuple[Mapping[str, Any], ...]:
    """Read the CustomResourceDefinitions of `KINDS`."""
    folder = download(PIN, Assets.from_environment().environ) / CRDS
    names = [f"{kind.rpartition('/')[2].lower()}s" for kind in KINDS]
    files = (folder / f"monitoring.coreos.com_{name}.yaml" for name in names)
    return tuple(yaml.safe_load(file.read_text()) for file in files)


def download(pin: Path, environ: Mapping[str, str]) -> Path:
    """Have Go fetch the module, unless it has it, and hold it against the hash.

    Returns:
        The folder of the module's files.

    Raises:
        BuildError: There is no Go, or no such module, or the hash is another.
    """
    settings = go_settings(environ)
    command = [find_go(pin, settings), "mod", "download", "-json", MODULE]
    done = subprocess.run(
        command, cwd=pin, env=settings, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise BuildError(f"{MODULE} cannot be had:\n{done.stderr or done.stdout}")
    return Path(json.loads(done.stdout)["Dir"])
