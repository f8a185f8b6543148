"""What checkov finds in the charts and is right as it is, each with the reason."""

from collections.abc import Mapping
from typing import Final

ACCEPTED: Final[Mapping[str, str]] = {
    "CKV_K8S_8 Pod": "the check of `helm test` ends by itself; nothing is to be restarted",
    "CKV_K8S_9 Pod": "nobody sends requests to the check of `helm test`",
    "CKV_K8S_15 Deployment": "a version is pushed once, so a node that has the image needs no registry",
    "CKV_K8S_15 Pod": "the same image as the Deployment's",
    "CKV_K8S_21 Role": "Events about objects without a namespace are written to `default`",
    "CKV_K8S_21 RoleBinding": "it gives that right in `default`",
    "CKV_K8S_40 Pod": "OpenShift's namespace assigns a high user; a fixed one would be refused",
    "CKV_K8S_43 Deployment": "image.digest is for whoever pushed the image; the chart cannot know it",
    "CKV_K8S_43 Pod": "the same image as the Deployment's",
}
"""By the check's id and the kind of the object that does not pass it."""
