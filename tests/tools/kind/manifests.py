"""What is put into the cluster: namespaces, a Mailbox, and pods that knock at a port."""

import json
from collections.abc import Mapping
from typing import Any, Final

from lab.stand import manifests
from lab.stand.manifests import PRIVATE_SMTP, new_namespace, secret
from lab.stand.specs import JANE

Object = Mapping[str, Any]

HOME: Final = "mail"
TENANT: Final = "acme"
SCRAPER: Final = "monitoring"
PYTHON: Final = "/opt/mailbox-operator/bin/python"
KNOCK: Final = """
import socket, sys

host, port, wanted = sys.argv[1], int(sys.argv[2]), sys.argv[3]
address = socket.gethostbyname(host)
try:
    socket.create_connection((address, port), 5).close()
    seen = "open"
except OSError as error:
    seen = "closed"
    print(error)
print(address, seen)
sys.exit(seen != wanted)
"""


def values(image: str) -> dict[str, Any]:
    """Return the values of the operator's chart, with an image that the nodes have."""
    repository, _, tag = image.rpartition(":")
    return {
        "image": {"repository": repository, "tag": tag, "pullPolicy": "Never"},
        "gateway": {"enabled": True},
    }


def namespaces() -> list[Object]:
    """Make the namespaces; that of the operator admits restricted pods alone."""
    strict = {"pod-security.kubernetes.io/enforce": "restricted"}
    labels: Mapping[str, Mapping[str, str]] = {HOME: strict, TENANT: strict, SCRAPER: {}}
    return [
        new_namespace(name) | {"metadata": {"name": name, "labels": dict(found)}}
        for name, found in labels.items()
    ]


def mailbox() -> Object:
    """Declare a Mailbox on a server that no name service knows."""
    made = manifests.mailbox(JANE | PRIVATE_SMTP | {"smtp": {"host": "smtp.acme.invalid"}})
    return made | {"metadata": made["metadata"] | {"namespace": TENANT}}


def credentials() -> Object:
    """Make the Secret of the Mailbox."""
    return secret({"password": "not-a-real-one"}, namespace=TENANT)


def knocking(image: str, namespace: str, service: str, port: int, wanted: str) -> Object:
    """Make a pod that succeeds if a port of the operator is as wanted: `open` or `closed`."""
    host = f"{service}.{HOME}.svc"
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": f"knock-{port}-{wanted}", "namespace": namespace},
        "spec": {
            "restartPolicy": "Never",
            "automountServiceAccountToken": False,
            "securityContext": {
                "runAsNonRoot": True,
                "runAsUser": 65532,
                "seccompProfile": {"type": "RuntimeDefault"},
            },
            "containers": [
                {
                    "name": "knock",
                    "image": image,
                    "imagePullPolicy": "Never",
                    "command": [PYTHON, "-c", KNOCK, host, str(port), wanted],
                    "securityContext": {
                        "allowPrivilegeEscalation": False,
                        "capabilities": {"drop": ["ALL"]},
                    },
                }
            ],
        },
    }


def written(*objects: Object) -> str:
    """Write objects as kubectl reads them."""
    return json.dumps({"apiVersion": "v1", "kind": "List", "items": list(objects)})
