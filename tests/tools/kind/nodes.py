"""The nodes of kind: one for the oldest and one for the newest Kubernetes that the charts support."""

from collections.abc import Mapping
from typing import Final

NODES: Final[Mapping[str, str]] = {
    "oldest": "kindest/node:v1.32.11@sha256:5fc52d52a7b9574015299724bd68f183702956aa4a2116ae75a63cb574b35af8",
    "newest": "kindest/node:v1.37.0@sha256:a1ed56cfb0e7b93589bdf97c8cd566405a265939e3620fc4f5de89adff580ae5",
}
"""Images by the name of the leg. Renovate proposes newer ones of the same minor version."""
