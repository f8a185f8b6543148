"""Wraps a spec into an object of any kind."""

import json
from typing import Final

from lab.stand.specs import Spec

MAILBOX: Final = "Mailbox"
INFRASTRUCTURE: Final = "ManagedInfrastructure"
SENDER: Final = "Sender"
DRY: Final = ("create", "--dry-run=server", "--namespace=default", "--filename=-")


def manifest(kind: str, spec: Spec, name: str = "jane") -> str:
    """Write an object down for kubectl."""
    return json.dumps(
        {
            "apiVersion": "mailbox-operator.io/v1alpha1",
            "kind": kind,
            "metadata": {"name": name},
            "spec": spec,
        }
    )
