"""The customizations as they lie in docs/argocd/, in the layout of argo-cd's own."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from system.argocd.interpreter import run

DOCS: Final = Path(__file__).parents[3] / "docs" / "argocd"
GROUP: Final = "mailbox-operator.io"
KINDS: Final = ("Mailbox", "ManagedInfrastructure", "Sender")
RECONNECT: Final = f"{GROUP}/reconnect-requested-at"

Manifest = dict[str, Any]


def folder(kind: str) -> Path:
    """Name the folder of a kind."""
    return DOCS / GROUP / kind


def read(path: Path) -> Any:
    """Read a file of YAML."""
    return yaml.safe_load(path.read_text())


def health(obj: Mapping[str, Any]) -> Mapping[str, str]:
    """Run the health script of an object's kind: its status and message."""
    found: Mapping[str, str] = run((folder(obj["kind"]) / "health.lua").read_text(), obj)
    return found


def actions(obj: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Run the discovery of an object's kind, and list the actions as the API of Argo CD does."""
    script = (folder(obj["kind"]) / "actions" / "discovery.lua").read_text()
    return [{"name": name} | found for name, found in run(script, obj).items()]


def act(action: str, obj: Mapping[str, Any]) -> Manifest:
    """Run an action: the object it makes of this one."""
    script = folder(obj["kind"]) / "actions" / action / "action.lua"
    made: Manifest = run(script.read_text(), obj)
    return made


def scripts(kind: str) -> Iterator[str]:
    """Name the actions that have a script."""
    yield from sorted(path.parent.name for path in folder(kind).glob("actions/*/action.lua"))
