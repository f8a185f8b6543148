"""Reads the CustomResourceDefinitions as they lie in `crds/`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Self

import yaml

FOLDER: Final = Path(__file__).parents[3] / "crds"
FILES: Final = tuple(
    FOLDER / f"{name}.yaml" for name in ("mailboxes", "managedinfrastructures", "senders")
)
SERVED_BY_KUBERNETES: Final = "metadata"  # a CRD may not describe it


@dataclass(frozen=True, slots=True)
class Node:
    """One place in a schema, with the way to it, such as `spec.presets[].host`."""

    path: str
    schema: Mapping[str, Any]

    @property
    def messages(self) -> list[str]:
        """List what the CEL rules of this place answer."""
        return [rule["message"] for rule in self.schema.get("x-kubernetes-validations", ())]

    @property
    def is_bounded(self) -> bool:
        """Say whether a value here has a largest size. Enumerations and times have one anyway."""
        schema = self.schema
        match schema["type"]:
            case "string":
                limited = {"maxLength", "enum"} & schema.keys()
                return bool(limited) or schema.get("format") == "date-time"
            case "array":
                return "maxItems" in schema
            case "object":
                return "properties" in schema or "maxProperties" in schema
            case kind:
                return kind in {"integer", "boolean"}

    def below(self) -> Iterator[Self]:
        """Walk over this place and every place below it."""
        yield self
        for path, schema in self._children():
            yield from type(self)(path, schema).below()

    def _children(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name, schema in self.schema.get("properties", {}).items():
            if self.path or name != SERVED_BY_KUBERNETES:
                yield f"{self.path}.{name}".lstrip("."), schema
        for keyword, mark in (("items", "[]"), ("additionalProperties", "{}")):
            if keyword in self.schema:
                yield f"{self.path}{mark}", self.schema[keyword]


def definition(file: Path) -> dict[str, Any]:
    """Read one definition."""
    loaded: dict[str, Any] = yaml.safe_load(file.read_text())
    return loaded


def version(file: Path) -> dict[str, Any]:
    """Return the one version a definition serves."""
    (only,) = definition(file)["spec"]["versions"]
    served: dict[str, Any] = only
    return served


def nodes(file: Path) -> list[Node]:
    """List every place of a definition's schema, the root with an empty path first."""
    return list(Node("", version(file)["schema"]["openAPIV3Schema"]).below())


def messages(file: Path) -> list[str]:
    """List what the CEL rules of a definition answer."""
    return [message for node in nodes(file) for message in node.messages]
