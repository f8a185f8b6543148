"""Reads Kubernetes manifests from files, folders and the standard input, as kubectl reads them."""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import yaml

from mailbox_operator.decide.declared.documents import Document
from mailbox_operator.decide.texts.spelling import decoded

STANDARD_INPUT: Final = "-"
SUFFIXES: Final = frozenset({".json", ".yaml", ".yml"})
MERGE: Final = "tag:yaml.org,2002:merge"


class ManifestError(Exception):
    """A file cannot be read as manifests."""


class _Loader(yaml.SafeLoader):
    """Reads YAML as kubectl does: which words are numbers or booleans, and that keys are texts.

    A word such as `1e5` or `y` is no string for the API server, and `12:30` or a date is one.

    Source:
        resolve.go of sigs.k8s.io/yaml, which kubectl and Helm use.
    """

    yaml_implicit_resolvers: Any = {}  # noqa: RUF012 - PyYAML's own way to begin without any

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:  # noqa: FBT001, FBT002 - PyYAML's signature
        """Refuse a key that stands there twice: the last one would win without a word."""
        keys = [key.value for key, _ in node.value if key.tag != MERGE]
        twice = [key for place, key in enumerate(keys) if key in keys[:place]]
        if twice:
            raise yaml.constructor.ConstructorError(
                None, None, f"the field {twice[0]} must be there only once", node.start_mark
            )
        mapping = super().construct_mapping(node, deep)
        return {_text(key): value for key, value in mapping.items()}


for _tag, _pattern in (
    ("null", r"~|null|Null|NULL|"),
    ("bool", r"y|Y|yes|Yes|YES|true|True|TRUE|on|On|ON|n|N|no|No|NO|false|False|FALSE|off|Off|OFF"),
    ("int", r"[-+]?(0b[01_]+|0x[0-9a-fA-F_]+|0o?[0-7_]+|0|[1-9][0-9_]*)"),
    ("float", r"[-+]?(\.[0-9_]+|[0-9][0-9_]*(\.[0-9_]*)?)([eE][-+]?[0-9]+)?"),
    ("float", r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)"),
    ("merge", r"<<"),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"^(?:{_pattern})$"), None
    )


def _boolean(loader: _Loader, node: yaml.ScalarNode) -> bool:
    return str(loader.construct_scalar(node)).lower() in {"y", "yes", "true", "on"}


_Loader.add_constructor("tag:yaml.org,2002:bool", _boolean)


def read_manifests(paths: Iterable[str]) -> list[Document]:
    """Read the objects of files and folders, lists taken apart; `-` is the standard input.

    Raises:
        ManifestError: A file is not there, or is not YAML.
    """
    return [
        document
        for path in paths
        for name, text in _texts(path)
        for document in _documents(name, text)
    ]


def _texts(path: str) -> Iterator[tuple[str, str]]:
    if path == STANDARD_INPUT:
        yield "", sys.stdin.read()
        return
    place = Path(path)
    found = sorted(place.iterdir()) if place.is_dir() else []
    files = [file for file in found if file.suffix in SUFFIXES] if place.is_dir() else [place]
    try:
        for place in files:
            yield str(place), decoded("", place.read_bytes())
    except OSError as error:
        raise ManifestError(f"{place}: {error.strerror}") from error
    except ValueError as error:
        raise ManifestError(f"{place}: {error}") from error


def _documents(name: str, text: str) -> Iterator[Document]:
    loader = _Loader(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            assert node is not None
            content = loader.construct_document(node)
            if content is not None:
                yield from _objects(Document(content, name, node.start_mark.line + 1), node)
    except (yaml.YAMLError, ValueError, TypeError, RecursionError) as error:
        raise ManifestError(f"{name or 'standard input'}: not valid YAML: {error}") from error


def _objects(document: Document, node: yaml.Node) -> Iterator[Document]:
    """Take lists apart: `List`, and any `...List` that has items, such as a ResourceQuotaList."""
    content = document.content
    if not isinstance(content, dict):
        raise ManifestError(f"{document.place}: a document must be a mapping")
    kind = content.get("kind")
    if not (
        kind == "List" or (isinstance(kind, str) and kind[-4:] == "List" and "items" in content)
    ):
        yield document
        return
    items, nodes = content.get("items") or [], _item_nodes(node)
    if not isinstance(items, list):
        raise ManifestError(f"{document.place}: the items of a {kind} must be a list")
    inherited = (
        {"apiVersion": content.get("apiVersion"), "kind": kind[:-4]} if kind != "List" else {}
    )
    for item, place in zip(items, nodes, strict=True):
        whole = {**inherited, **item} if isinstance(item, dict) else item
        yield from _objects(Document(whole, document.file, place.start_mark.line + 1), place)


def _item_nodes(node: yaml.Node) -> list[yaml.Node]:
    found = [value for key, value in node.value if key.value == "items"]
    return list(found[0].value) if found and isinstance(found[0], yaml.SequenceNode) else []


def _text(key: Any) -> str:
    """Write a key as JSON has it: `yes` and `1` are texts there."""
    match key:
        case bool():
            return str(key).lower()
        case float():
            return f"{key:g}"
        case _:
            return str(key)
