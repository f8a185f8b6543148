"""`make docs`: writes docs/api.md from the definitions in crds/."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

ROOT: Final = Path(__file__).parents[3]
PAGE: Final = ROOT / "docs" / "api.md"
KINDS: Final = ("mailboxes", "senders", "managedinfrastructures")
PART: Final = re.compile(r"(<!-- api -->\n).*?(<!-- /api -->)", re.DOTALL)
MARKUP: Final = re.compile(r"([\\*|])")
PARAGRAPH: Final = "\n\n"

Schema = Mapping[str, Any]


def page(text: str) -> str:
    """Put the kinds into the page."""
    made = "\n".join(line for name in KINDS for line in kind(definition(name)))
    return PART.sub(lambda found: f"{found[1]}{made}\n{found[2]}", text)


def definition(name: str) -> Schema:
    """Read the definition of a kind."""
    read: Schema = yaml.safe_load((ROOT / "crds" / f"{name}.yaml").read_text())["spec"]
    return read


def kind(crd: Schema) -> Iterator[str]:
    """Describe a kind."""
    (version,) = crd["versions"]
    schema, name = version["schema"]["openAPIV3Schema"], crd["names"]["kind"]
    scope = "in a namespace" if crd["scope"] == "Namespaced" else "for the whole cluster"
    yield f"\n## {name}\n"
    yield f"{prose(schema['description'], PARAGRAPH)}\n"
    yield f"`{crd['group']}/{version['name']}`, {scope}. Short name: `{crd['names']['shortNames'][0]}`."
    for part in ("spec", "status"):
        yield f"\n### {name}: {part}\n"
        yield "| field | type | default | meaning |\n|---|---|---|---|"
        yield from rows(part, schema["properties"][part])
    yield f"\n### {name}: rules\n"
    yield "The API server refuses what breaks one of these, with this sentence:\n"
    yield from (f"- {place}: {prose(message)}" for place, message in rules("", schema))
    yield f"\n### {name}: columns\n"
    yield from columns(version["additionalPrinterColumns"])


def rows(path: str, schema: Schema) -> Iterator[str]:
    """Describe the fields of an object, and those within them."""
    required = schema.get("required", ())
    for name, field in schema.get("properties", {}).items():
        is_list = field["type"] == "array"
        inner, place = field["items"] if is_list else field, f"{path}.{name}"
        default = f"`{json.dumps(field['default'])}`" if "default" in field else ""
        needed = ", required" if name in required else ""
        cells = (f"`{place}`", f"{type_of(field)}{needed}", default, prose(field["description"]))
        yield f"| {' | '.join(cells)} |"
        yield from rows(f"{place}[]" if is_list else place, inner)


def type_of(field: Schema) -> str:
    """Name the type of a field."""
    match field:
        case {"enum": list(words)}:
            return " or ".join(f"`{word}`" for word in words)
        case {"type": "array", "items": item}:
            return f"list of {type_of(item)}"
        case {"additionalProperties": dict(value)}:
            return f"map to {type_of(value)}"
        case {"format": "date-time"}:
            return "time"
        case _:
            return str(field["type"])


def rules(path: str, schema: Schema) -> Iterator[tuple[str, str]]:
    """Name the rules of an object and of its fields, each with where it holds."""
    for rule in schema.get("x-kubernetes-validations", ()):
        yield f"`{path}`" if path else "the object", rule["message"]
    for name, field in schema.get("properties", {}).items():
        yield from rules(f"{path}.{name}".lstrip("."), field)
    if "items" in schema:
        yield from rules(f"{path}[]", schema["items"])


def columns(printed: Any) -> Iterator[str]:
    """Name the columns that kubectl shows."""
    for more, what in ((0, "`kubectl get`"), (1, "`--output wide` adds")):
        names = [each["name"] for each in printed if each.get("priority", 0) == more]
        if names:
            yield f"{what}: {', '.join(names)}.\n"


def prose(text: str, between: str = "<br>") -> str:
    """Write a description as Markdown, its paragraphs apart."""
    escaped = MARKUP.sub(r"\\\1", text).replace("<", "&lt;")
    return between.join(line for line in escaped.splitlines() if line)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
