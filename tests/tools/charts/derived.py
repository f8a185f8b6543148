"""What the charts repeat from elsewhere in the project, and how it is made: `make chart` writes it.

- The CRDs in the operator's chart are those of crds/.
- In its schema, `$defs` are made from the operator's own configuration and from the CRD.
- The dashboards are made by tools.dashboards.
- The table in each chart's README is made from the comments in its values.yaml.
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from mailbox_operator.settings.file import Settings
from tools.dashboards.fleet import fleet
from tools.dashboards.operator import operator
from tools.dashboards.panels import written

ROOT: Final = Path(__file__).parents[3]
CRDS: Final = ROOT / "crds"
OPERATOR: Final = ROOT / "helm" / "mailbox-operator"
CHARTS: Final = (OPERATOR, ROOT / "helm" / "mailbox-tenant")
TABLE: Final = re.compile(r"(<!-- values -->\n).*?(<!-- /values -->)", re.DOTALL)
DESCRIPTION: Final = re.compile(r"^\s*# -- (.*)$")
CONTINUATION: Final = re.compile(r"^\s*# (?!-- )(.*)$")
KEY: Final = re.compile(r"^(\s*)([\w-]+):")
PLAIN: Final = ("type", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum")
NOISE: Final = ("title", "description", "default", "format")


def derived() -> Mapping[Path, str]:
    """Return every derived file with what it has to contain."""
    copies = {OPERATOR / "files" / "crds" / path.name: path.read_text() for path in CRDS.iterdir()}
    schema = OPERATOR / "values.schema.json"
    pages = {chart / "README.md": readme(chart) for chart in CHARTS}
    boards = {
        OPERATOR / "files" / "dashboards" / f"{name}.json": written(made())
        for name, made in (("fleet", fleet), ("operator", operator))
    }
    return {**copies, schema: completed(json.loads(schema.read_text())), **pages, **boards}


def completed(schema: Mapping[str, Any]) -> str:
    """Put the derived definitions into the schema of the operator's values."""
    definition = yaml.safe_load((CRDS / "managedinfrastructures.yaml").read_text())
    (served,) = definition["spec"]["versions"]
    spec = served["schema"]["openAPIV3Schema"]["properties"]["spec"]
    definitions = configuration() | {"ManagedInfrastructure": structural(spec)}
    return json.dumps({**schema, "$defs": definitions}, indent=2) + "\n"


def configuration() -> dict[str, Any]:
    """Describe the operator's configuration file, without its words: docs/configuration.md has them."""
    made = Settings.model_json_schema(by_alias=True)
    parts = made.pop("$defs")
    return {name: quiet(part) for name, part in sorted((parts | {"Config": made}).items())}


def quiet(schema: Any) -> Any:
    """Leave out of a schema what does not decide."""
    if isinstance(schema, list):
        return [quiet(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    named = {"properties", "$defs"}
    return {
        key: {name: quiet(each) for name, each in value.items()} if key in named else quiet(value)
        for key, value in schema.items()
        if key not in NOISE
    }


def structural(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Turn a structural schema of Kubernetes into a JSON schema that knows no other field."""
    found = {key: schema[key] for key in PLAIN if key in schema}
    found |= {
        key: schema[key] for key in ("required", "maxItems", "maxProperties") if key in schema
    }
    if "items" in schema:
        found["items"] = structural(schema["items"])
    if isinstance(schema.get("additionalProperties"), dict):
        return found | {"additionalProperties": structural(schema["additionalProperties"])}
    if schema.get("type") == "object":
        properties = schema.get("properties", {})
        found["properties"] = {name: structural(each) for name, each in properties.items()}
        found["additionalProperties"] = False
    return found


def readme(chart: Path) -> str:
    """Put the table of values into the README of a chart."""
    rows = [f"| `{path}` | `{default}` | {text} |" for path, default, text in values(chart)]
    table = "\n".join(["| value | default | meaning |", "|---|---|---|", *rows])
    page = (chart / "README.md").read_text()
    return TABLE.sub(lambda found: f"{found[1]}{table}\n{found[2]}", page)


def values(chart: Path) -> Iterator[tuple[str, str, str]]:
    """Read each described value of a chart: its path, its default, what it means."""
    text = (chart / "values.yaml").read_text()
    defaults = yaml.safe_load(text)
    for path, meaning in described(text.splitlines()):
        default: Any = defaults
        for key in path:
            default = default[key]
        yield ".".join(path), json.dumps(default, ensure_ascii=False), meaning


def described(lines: list[str]) -> Iterator[tuple[list[str], str]]:
    """Pair each description with the key below it."""
    path: list[tuple[int, str]] = []
    words: list[str] = []
    for line in lines:
        if found := DESCRIPTION.match(line):
            words = [found[1]]
        elif words and (found := CONTINUATION.match(line)):
            words.append(found[1])
        elif found := KEY.match(line):
            path = [(depth, key) for depth, key in path if depth < len(found[1])]
            path.append((len(found[1]), found[2]))
            if words:
                yield [key for _, key in path], " ".join(words).replace("|", "\\|")
            words = []


def write() -> None:
    """Bring every derived file up to date."""
    for path, content in derived().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


if __name__ == "__main__":
    write()
