"""Builds the paths of the API server that the operator reads and writes at, all of them.

In each of them an empty namespace stands for all namespaces, and an empty name for all objects.
"""

import re
from typing import Final

from mailbox_operator.decide.declared.kinds import KINDS
from mailbox_operator.decide.names import GROUP
from mailbox_operator.decide.words import Kind

VERSION: Final = "v1alpha1"
REVIEWS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
PATH: Final = re.compile(r"/(?:api/v1|apis/([^/]+)/[^/]+)(?:/namespaces/([^/]+))?/([a-z]+)$")
"""Reads group, namespace and resource off the path of a collection."""


def object_path(kind: Kind, namespace: str = "", name: str = "") -> str:
    """Return the path of an object of this operator's."""
    return _path(f"/apis/{GROUP}/{VERSION}", KINDS[kind].plural, namespace, name)


def secret_path(namespace: str, name: str = "") -> str:
    """Return the path of a Secret."""
    return _path("/api/v1", "secrets", namespace, name)


def event_path(namespace: str, name: str = "") -> str:
    """Return the path of an Event."""
    return _path("/api/v1", "events", namespace, name)


def lease_path(namespace: str, name: str = "") -> str:
    """Return the path of a Lease."""
    return _path("/apis/coordination.k8s.io/v1", "leases", namespace, name)


def namespace_path(name: str = "") -> str:
    """Return the path of a namespace."""
    return _path("/api/v1", "namespaces", "", name)


def workload_path(resource: str, namespace: str = "", name: str = "") -> str:
    """Return the path of a Deployment or a ReplicaSet, as `deployments` or `replicasets` says."""
    return _path("/apis/apps/v1", resource, namespace, name)


def pod_path(namespace: str = "", name: str = "") -> str:
    """Return the path of a pod."""
    return _path("/api/v1", "pods", namespace, name)


def configmap_path(namespace: str, name: str = "") -> str:
    """Return the path of a ConfigMap."""
    return _path("/api/v1", "configmaps", namespace, name)


def _path(group: str, resource: str, namespace: str, name: str) -> str:
    scope = f"/namespaces/{namespace}" if namespace else ""
    return f"{group}{scope}/{resource}{f'/{name}' if name else ''}"
