"""Reads Kubernetes manifests from files, folders and the standard input."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import yaml

STANDARD_INPUT: Final = "-"
Manifest = dict[str, Any]


class ManifestError(Exception):
    """A file cannot be read as manifests."""


def read_manifests(paths: Iterable[str]) -> list[Manifest]:
    """Read the documents of files and folders; `-` is the standard input.

    Raises:
        ManifestError: A file is not there, or is no YAML.
    """
    return [
        document
        for path in paths
        for name, text in _texts(path)
        for document in _documents(name, text)
    ]


def _texts(path: str) -> Iterator[tuple[str, str]]:
    if path == STANDARD_INPUT:
        yield "standard input", sys.stdin.read()
        return
    place = Path(path)
    files = sorted(place.glob("*.y*ml")) if place.is_dir() else [place]
    try:
        for file in files:
            yield str(file), file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ManifestError(f"{path}: {error}") from error


def _documents(name: str, text: str) -> Iterator[Manifest]:
    try:
        for document in yaml.safe_load_all(text):
            yield from _objects(name, document)
    except (yaml.YAMLError, ValueError) as error:  # a date that is none is a ValueError
        raise ManifestError(f"{name}: it is no YAML: {error}") from error


def _objects(name: str, document: Any) -> Iterator[Manifest]:
    if document is None:
        return
    if not isinstance(document, dict):
        raise ManifestError(f"{name}: a document is no mapping")
    if document.get("kind") != "List":
        yield document
        return
    items = document.get("items") or []
    if not isinstance(items, list):
        raise ManifestError(f"{name}: the items of a List are no list")
    for item in items:
        yield from _objects(name, item)
