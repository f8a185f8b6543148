"""What manifests declare, held to what the API server demands of them. Nothing is dialled here.

It knows the kinds that an attempt needs, and names every mistake of all files at once.
"""

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from mailbox_operator.decide.declared.fields import Fields, read_all
from mailbox_operator.decide.declared.kinds import KINDS, Subject
from mailbox_operator.decide.declared.resource import Key, Unreadable
from mailbox_operator.decide.declared.secret import Secret, decode_secret
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.texts.shapes import NAME, NAMESPACE
from mailbox_operator.decide.words import Kind

OWN_VERSION: Final = "mailbox-operator.io/v1alpha1"
CORE: Final = "v1"
VERSIONS: Final[Mapping[str, str]] = {
    **dict.fromkeys(Kind, OWN_VERSION),
    "Secret": CORE,
    "Namespace": CORE,
}
TOP: Final = ("apiVersion", "kind", "metadata")
BLOCKS: Final[Mapping[str, tuple[str, ...]]] = {
    "Secret": ("data", "stringData", "type", "immutable"),
}
METADATA: Final = (
    "name", "namespace", "labels", "annotations", "generateName", "finalizers", "ownerReferences",
    "uid", "resourceVersion", "generation", "creationTimestamp", "managedFields", "selfLink",
    "deletionTimestamp", "deletionGracePeriodSeconds",
)  # fmt: skip
MOST_SECRET_KEYS: Final = 4096
SECRET_KEY: Final = re.compile(r"[-._a-zA-Z0-9]{1,253}")


@dataclass(frozen=True, slots=True)
class Document:
    """One object of a file.

    Attributes:
        file: As it was given; empty for the standard input.
        line: Where the object begins, from 1.
    """

    content: dict[str, Any] = field(repr=False)
    file: str = ""
    line: int = 1

    @property
    def place(self) -> str:
        """Where it is, for people."""
        return f"{self.file or 'standard input'}:{self.line}"


@dataclass(frozen=True, slots=True)
class Declared:
    """All that the files declare.

    Attributes:
        objects: Mailboxes and ManagedInfrastructures.
        documents: Where each of them is.
        secrets: By namespace and name; a text says why the API server refuses that Secret.
        labels: Those of each namespace that is declared.
        skipped: How often each kind was met that no attempt needs.
        mistakes: What makes it pointless to try anything.
    """

    objects: dict[Key, Subject] = field(default_factory=dict)
    documents: dict[Key, Document] = field(default_factory=dict)
    secrets: dict[tuple[str, str], Secret | str] = field(default_factory=dict, repr=False)
    labels: dict[str, dict[str, str]] = field(default_factory=dict)
    skipped: Counter[str] = field(default_factory=Counter)
    mistakes: list[str] = field(default_factory=list)

    @property
    def all_mistakes(self) -> list[str]:
        """List all that is wrong: with the objects as such, with specs, and with Secrets."""
        specs = [
            f"{self.documents[key].place}: {key.kind} {key}: {_told(found.problem)}"
            for key, found in self.objects.items()
            if isinstance(found, Unreadable)
        ]
        return [*self.mistakes, *specs, *self.refused_secrets]

    @property
    def refused_secrets(self) -> list[str]:
        """Say of each Secret that the API server refuses why it does."""
        return [
            f"Secret {namespace}/{name}: {found}"
            for (namespace, name), found in self.secrets.items()
            if isinstance(found, str)
        ]


def read_declared(documents: Iterable[Document], namespace: str) -> Declared:
    """Read what documents declare.

    Args:
        documents: Objects of any kind; lists are taken apart by now.
        namespace: Of the objects that name none.
    """
    declared, seen = Declared(), dict[tuple[str, str, str], dict[str, Any]]()
    for document in documents:
        kind = str(document.content.get("kind") or "document without a kind")
        if _is_foreign(kind, document.content.get("apiVersion")):
            declared.skipped[kind] += 1
            continue
        try:
            name, place = read_all(document.content, "", (*TOP, *_blocks(kind)), _identity)
        except Fault as fault:
            declared.mistakes.append(f"{document.place}: {kind}: {_told(fault)}")
            continue
        place = place or namespace
        if seen.setdefault((kind, place, name), document.content) != document.content:
            declared.mistakes.append(f"{document.place}: {kind} {name}: it is declared twice")
        _take(declared, document, name, place)
    return declared


def _is_foreign(kind: str, version: object) -> bool:
    """Say whether no attempt needs it: another kind, or a namesake of Kubernetes' own."""
    needed = VERSIONS.get(kind)
    return needed is None or (needed == CORE and "/" in str(version))


def _blocks(kind: str) -> tuple[str, ...]:
    return BLOCKS.get(kind, ("spec", "status"))


def _identity(fields: Fields) -> tuple[str, str]:
    """Read name and namespace, the latter empty where none is stated."""
    kind = fields.raw("kind")
    if fields.raw("apiVersion") != VERSIONS[kind]:
        fields.refuse("apiVersion", f"it must be {VERSIONS[kind]}")
    metadata = fields.fields("metadata", METADATA)
    for block in ("labels", "annotations"):
        for key, value in metadata.mapping(block, MOST_SECRET_KEYS).items():
            if not isinstance(value, str):
                metadata.refuse(f"{block}.{key}", "it must be a string: put it in quotes")
    stated = metadata.raw("namespace") not in (None, "")
    return metadata.text("name", NAME), metadata.text("namespace", NAMESPACE) if stated else ""


def _take(declared: Declared, document: Document, name: str, namespace: str) -> None:
    content = document.content
    match content["kind"]:
        case "Secret":
            declared.secrets[namespace, name] = _secret(content, name)
            return
        case "Namespace":
            labels = content["metadata"].get("labels") or {}
            declared.labels[name] = {"kubernetes.io/metadata.name": name, **labels}
            return
        case kind:
            declaration = KINDS[Kind(kind)]
    place = namespace if declaration.namespaced else ""
    if place:
        declared.labels.setdefault(place, {"kubernetes.io/metadata.name": place})
    found = declaration.parse(_fresh(content, name, place))
    declared.objects[found.key] = found
    declared.documents[found.key] = document


def _fresh(content: dict[str, Any], name: str, namespace: str) -> dict[str, Any]:
    """Copy an object as it is right after its creation."""
    own = {"namespace": namespace, "uid": f"{namespace}/{name}", "generation": 1}
    metadata = {**content["metadata"], **own, "resourceVersion": "1"}
    return {**content, "metadata": metadata, "status": {}}


def _secret(content: dict[str, Any], name: str) -> Secret | str:
    try:
        data = read_all(content, "", (*TOP, *BLOCKS["Secret"]), _data)
    except Fault as fault:
        return _told(fault)
    return decode_secret(name, data)


def _data(fields: Fields) -> dict[str, str]:
    """Read a Secret's values, in base64; those of `stringData` win, as they do at the API server."""
    data = dict[str, str]()
    for key, value in fields.mapping("data", MOST_SECRET_KEYS).items():
        if value is not None and not _is_base64(value):
            fields.refuse(f"data.{key}", "it must be base64; plain text goes into stringData")
        data[key] = value or ""
    for key, value in fields.mapping("stringData", MOST_SECRET_KEYS).items():
        if value is not None and not isinstance(value, str):
            fields.refuse(f"stringData.{key}", "it must be a string: put it in quotes")
        data[key] = base64.b64encode(str(value or "").encode()).decode()
    for key in data:
        if SECRET_KEY.fullmatch(key) is None:
            fields.refuse(
                f"data.{key}", "a key must be letters, digits, hyphens, dots, underscores"
            )
    fields.flag("immutable")
    return data


def _is_base64(value: object) -> bool:
    """Say whether a value is base64 as Go reads it: padded, and line breaks do not count."""
    if not isinstance(value, str):
        return False
    try:
        base64.b64decode(re.sub(r"[\r\n]", "", value), validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _told(fault: Fault) -> str:
    return f"{fault.facts['field']}: {fault.facts['problem']}"
