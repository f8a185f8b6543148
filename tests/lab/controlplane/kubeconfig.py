"""Kubeconfig files: writes one for a user with a token, and reads what one says of its cluster."""

import base64
from dataclasses import dataclass, field
from pathlib import Path

import yaml


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an API server listens, and who vouches for it.

    Attributes:
        url: Such as `https://127.0.0.1:6443`.
        ca: A PEM file with the authority that signed the server's certificate.
    """

    url: str
    ca: Path


@dataclass(frozen=True, slots=True)
class Login:
    """A user of a cluster, and the namespace meant when none is named."""

    name: str
    token: str = field(repr=False)
    namespace: str = "default"


def write(path: Path, endpoint: Endpoint, login: Login) -> Path:
    """Write a kubeconfig that needs no other file, readable by its owner alone."""
    authority = base64.b64encode(endpoint.ca.read_bytes()).decode()
    cluster = {"server": endpoint.url, "certificate-authority-data": authority}
    context = {"cluster": "tests", "user": login.name, "namespace": login.namespace}
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "tests", "cluster": cluster}],
        "users": [{"name": login.name, "user": {"token": login.token}}],
        "contexts": [{"name": "tests", "context": context}],
        "current-context": "tests",
    }
    return write_private(path, yaml.safe_dump(content, sort_keys=False))


def adopt(path: Path, flattened: str) -> Endpoint:
    """Write a kubeconfig with one cluster that somebody else made, and its authority beside it.

    Raises:
        LookupError: It names no authority.
    """
    cluster = yaml.safe_load(flattened)["clusters"][0]["cluster"]
    if "certificate-authority-data" not in cluster:
        raise LookupError("the cluster of KUBECONFIG has no certificate-authority")
    authority = path.with_suffix(".crt")
    authority.write_bytes(base64.b64decode(cluster["certificate-authority-data"]))
    write_private(path, flattened)
    return Endpoint(cluster["server"], authority)


def write_private(path: Path, text: str) -> Path:
    """Write a file that nobody but its owner can read, at no moment."""
    path.touch(mode=0o600)
    path.write_text(text)
    return path
