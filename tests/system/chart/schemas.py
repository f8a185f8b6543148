"""Holds manifests against JSON schemas with kubeconform, offline.

The schemas of Kubernetes come with the package kubernetes-validate, those of our kinds from `crds/`,
and those of the Prometheus Operator from its own module.
"""

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import as_file, files
from pathlib import Path
from typing import Any, Final, Self

from system.chart.matrix import FOREIGN
from system.chart.prometheus import definitions
from unit.tables.schema import FILES, definition

SUPPORTED: Final = 3  # the newest versions of Kubernetes, as many as its own project supports
REFERENCE: Final = '"/api/_definitions.json#'


@dataclass(frozen=True, slots=True)
class Schemas:
    """A folder of schemas in the layout of kubeconform.

    Attributes:
        versions: The versions of Kubernetes they are for, the oldest first.
    """

    folder: Path
    versions: tuple[str, ...]

    @classmethod
    def put_into(cls, folder: Path) -> Self:
        """Lay out the schemas of the newest versions, and those of all other kinds."""
        with as_file(files("kubernetes_validate") / "kubernetes-json-schema") as package:
            strict = sorted(package.glob("v*-local-strict"), key=release)[-SUPPORTED:]
            for source in strict:
                put_kubernetes(source, folder / source.name.replace("-local", ""))
        for crd in (*map(definition, FILES), *definitions()):
            put_kind(crd, folder)
        return cls(folder, tuple(".".join(map(str, release(source))) for source in strict))

    def problems(self, kubeconform: Path, text: str, kubernetes: str) -> list[str]:
        """Say what is wrong with manifests: a line for each object that is."""
        done = subprocess.run(
            [str(kubeconform), *self.options(kubernetes)],
            input=text,
            capture_output=True,
            text=True,
            check=False,
        )
        assert not done.stderr, done.stderr
        return [
            f"{found['kind']} {found['name']}: {found['msg']}"
            for found in json.loads(done.stdout)["resources"] or ()
        ]

    def options(self, kubernetes: str) -> Iterator[str]:
        """Name the options; without the given locations it would ask the network."""
        yield from ("-strict", "-output=json", f"-kubernetes-version={kubernetes}")
        yield f"-skip={','.join(FOREIGN)}"  # their schemas come with their own projects
        for place in ("{{.NormalizedKubernetesVersion}}{{.StrictSuffix}}", "kinds"):
            yield f"-schema-location={self.folder / place / '{{.ResourceKind}}{{.KindSuffix}}.json'}"


def release(folder: Path) -> tuple[int, ...]:
    """Read the version out of a folder's name, such as `v1.37.0-local-strict`."""
    return tuple(map(int, folder.name.removeprefix("v").partition("-")[0].split(".")))


def put_kubernetes(source: Path, target: Path) -> None:
    """Copy schemas; they find each other by where they lie, and not by a URL."""
    target.mkdir()
    for path in source.glob("*.json"):
        schema = json.loads(path.read_text().replace(REFERENCE, '"_definitions.json#'))
        schema.pop("$id", None)
        (target / path.name).write_text(json.dumps(schema))


def put_kind(crd: Mapping[str, Any], folder: Path) -> None:
    """Make a schema of a CustomResourceDefinition, under the name that kubeconform looks for."""
    (served,) = crd["spec"]["versions"]
    group, kind = crd["spec"]["group"].partition(".")[0], crd["spec"]["names"]["singular"]
    target = folder / "kinds" / f"{kind}-{group}-{served['name']}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(closed(served["schema"]["openAPIV3Schema"])))


def closed(schema: Any) -> Any:
    """Forbid the fields that a schema does not name, as the API server does when it is strict."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    inner = {name: closed(value) for name, value in schema.items()}
    is_object = schema.get("type") == "object" and "properties" in schema
    return {"additionalProperties": False} | inner if is_object else inner
