"""How long Helm takes to render a tenant's rollout."""

import subprocess
import time
from pathlib import Path
from typing import Final

import yaml

from lab.controlplane.assets import Assets
from lab.controlplane.programs import Program

CHART: Final = Path(__file__).parents[3] / "helm" / "mailbox-tenant"
TENANTS_MAILBOXES: Final = 500
TIMES: Final = 5


def measured(assets: Assets) -> dict[str, float]:
    """Render a few times, and keep the median."""
    took = sorted(rendered(assets.locate(Program.HELM), values()) for _ in range(TIMES))
    return {"tenant_render_seconds": took[TIMES // 2]}


def rendered(helm: Path, text: str) -> float:
    """Render once; return the seconds it took."""
    command = [str(helm), "template", "mailboxes", str(CHART), "--values=-"]
    began = time.monotonic()
    subprocess.run(command, input=text, check=True, stdout=subprocess.DEVNULL, text=True)
    return time.monotonic() - began


def values() -> str:
    """Write the values of a tenant with many mailboxes."""
    shared = {"provider": "SMTP", "infrastructure": "Managed"}
    mailboxes = {
        f"person-{number}": {
            "address": f"person-{number}@acme.example",
            "credentialsSecretRef": {"name": f"person-{number}"},
        }
        for number in range(TENANTS_MAILBOXES)
    }
    return yaml.safe_dump({"defaults": shared, "mailboxes": mailboxes})
