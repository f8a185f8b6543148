"""What the charts repeat from elsewhere in the project, and how it is made: `make chart` writes it.

- The CRDs in the operator's chart and in that of the CRDs alone are those of crds/.
- The icon of each chart is helm/icon.svg. The kinds that Artifact Hub shows come from crds/, and
  their examples from docs/examples/.
- In its schema, `$defs` are made from the operator's own configuration and from the CRD.
- The dashboards are made by tools.dashboards.
- The table in each chart's README is made from the comments in its values.yaml.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import yaml

from mailbox_operator.settings.file import Settings
from tools.charts.about import about
from tools.charts.values_table import readme
from tools.dashboards.fleet import fleet
from tools.dashboards.operator import operator
from tools.dashboards.panels import written

ROOT: Final = Path(__file__).parents[3]
CRDS: Final = ROOT / "crds"
OPERATOR: Final = ROOT / "helm" / "mailbox-operator"
DEFINITIONS: Final = ROOT / "helm" / "mailbox-crds"
CHARTS: Final = (OPERATOR, ROOT / "helm" / "mailbox-tenant", DEFINITIONS)
PLAIN: Final = ("type", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum")
NOISE: Final = ("title", "description", "default", "format")


def derived() -> Mapping[Path, str]:
    """Return every derived file with what it has to contain."""
    copies = {
        chart / "files" / "crds" / path.name: path.read_text()
        for chart in (OPERATOR, DEFINITIONS)
        for path in CRDS.iterdir()
    }
    schema = OPERATOR / "values.schema.json"
    pages = {chart / "README.md": readme(chart) for chart in CHARTS}
    cards = {
        chart / "Chart.yaml": about(chart, chart in {OPERATOR, DEFINITIONS}) for chart in CHARTS
    }
    boards = {
        OPERATOR / "files" / "dashboards" / f"{name}.json": written(made())
        for name, made in (("fleet", fleet), ("operator", operator))
    }
    return {
        **copies,
        schema: completed(json.loads(schema.read_text())),
        **pages,
        **cards,
        **boards,
    }


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


def write() -> None:
    """Bring every derived file up to date."""
    for path, content in derived().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)


if __name__ == "__main__":
    write()
