"""The chart as a whole, rendered by real Helm."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.stand.specs import GOOGLE, MANAGED_GOOGLE, SMTP
from system.tenant.chart import CHART, EXTERNAL_SECRETS, Chart, Object, only
from system.tenant.values import jane
from unit.tables.schema import FILES, nodes

MATRIX = sorted(CHART.glob("ci/*.yaml"))
matrix = pytest.mark.parametrize("file", MATRIX, ids=lambda file: file.stem)
LABELS = {
    "app.kubernetes.io/name": "mailbox-tenant",
    "app.kubernetes.io/instance": "acme",
    "app.kubernetes.io/managed-by": "Helm",
    "app.kubernetes.io/part-of": "mailbox-operator",
    "helm.sh/chart": "mailbox-tenant-0.1.0",
}


def values_of(file: Path) -> Mapping[str, Any]:
    values: Mapping[str, Any] = yaml.safe_load(file.read_text())
    return values


def flat(objects: list[Object]) -> Iterator[Object]:
    return (each for one in objects for each in one.get("items", [one]))


def test_the_tenant_chart_passes_helms_own_lint(chart: Chart) -> None:
    said = chart.run("lint", "--strict", str(CHART))

    assert "0 chart(s) failed" in said
    assert "[INFO]" not in said


def test_the_chart_renders_nothing_without_values(chart: Chart) -> None:
    assert chart.render({}) == []


@matrix
def test_every_object_is_labelled_with_its_release(chart: Chart, file: Path) -> None:
    objects = [*flat(chart.render(values_of(file), EXTERNAL_SECRETS))]
    made = [each["metadata"] for each in objects if each["kind"] != "ConfigMap"]

    assert made
    assert [each["name"] for each in made if not LABELS.items() <= each["labels"].items()] == []


@matrix
def test_no_annotation_or_label_is_empty_or_null(chart: Chart, file: Path) -> None:
    text = chart.text(values_of(file), EXTERNAL_SECRETS)

    assert [word for word in (": null", "<no value>", "annotations: {}") if word in text] == []


def test_every_object_has_the_common_labels_and_annotations(chart: Chart) -> None:
    values = values_of(CHART / "ci" / "everything.yaml")
    objects = [*flat(chart.render(values, EXTERNAL_SECRETS))]
    made = [each["metadata"] for each in objects if each["kind"] != "ConfigMap"]

    assert {each["labels"]["tenant"] for each in made} == {"acme"}
    assert {each["annotations"]["acme.example/contact"] for each in made} == {"mail@acme.example"}


def test_extra_objects_are_templates(chart: Chart) -> None:
    extra = "{kind: ConfigMap, apiVersion: v1, metadata: {name: {{ .Release.Name }}-x}}"

    assert only(chart.render({"extraObjects": [extra]}), "ConfigMap")["metadata"] == {
        "name": "acme-x"
    }


def test_two_tenants_share_no_name_in_the_cluster(chart: Chart) -> None:
    values = {"bounds": {"providers": ["SMTP"]}}

    def name(namespace: str, release: str) -> Any:
        where = ("--namespace", namespace, "--name-template", release)
        text = chart.run("template", str(CHART), *where, values=values)
        return only([*yaml.safe_load_all(text)], "ValidatingAdmissionPolicy")["metadata"]["name"]

    names = {name("a-b", "c"), name("a", "b-c"), name("a", "b.c"), name("a", "b")}

    assert len(names) == 4


def test_the_schema_knows_every_value() -> None:
    values = yaml.safe_load((CHART / "values.yaml").read_text())

    assert schema()["properties"].keys() - {"enabled", "global"} == values.keys()
    assert {
        name
        for name in ("quota", "bounds")
        if schema()["properties"][name]["properties"].keys() != values[name].keys()
    } == set()


def test_the_schema_has_the_fields_of_the_api() -> None:
    ours = schema()["$defs"]["mailbox"]
    (theirs,) = [node.schema for node in nodes(FILES[0]) if node.path == "spec"]
    own = {"name", "labels", "annotations", "credentials", "externalSecret"}

    assert ours["properties"].keys() == theirs["properties"].keys() | own
    assert [*differences(ours, theirs, "spec")] == []


def schema() -> Mapping[str, Any]:
    found: Mapping[str, Any] = json.loads((CHART / "values.schema.json").read_text())
    return found


def resolved(node: Mapping[str, Any]) -> Mapping[str, Any]:
    reference = node.get("$ref", "").rpartition("/")[2]
    return schema()["$defs"][reference] | node if reference else node


def differences(ours: Mapping[str, Any], theirs: Mapping[str, Any], path: str) -> Iterator[str]:
    """Say where a field is not as in the CRD; null is a value here, and takes a default away."""
    ours = resolved(ours)
    plain = {
        "type": [theirs["type"], "null"],
        "enum": [*theirs["enum"], None] if "enum" in theirs else None,
    }
    bounds = ("pattern", "minLength", "maxLength", "minimum", "maximum")
    wanted = plain | {key: theirs.get(key) for key in bounds}
    if theirs["type"] == "string" and path.endswith(".name"):
        wanted["type"] = "string"
    yield from (f"{path}: {key}" for key, value in wanted.items() if ours.get(key) != value)
    for name, inner in theirs.get("properties", {}).items():
        yield from differences(ours["properties"][name], inner, f"{path}.{name}")


@pytest.mark.parametrize(
    ("values", "fragment"),
    [
        pytest.param({}, "Add some under mailboxes", id="none"),
        pytest.param(jane(SMTP), "kubectl describe mailbox jane -n acme", id="why not"),
        pytest.param(jane(SMTP), "mailbox-operator.io/reconnect-requested-at", id="again"),
        pytest.param(jane(MANAGED_GOOGLE), "1 of them needs the consent", id="consent"),
        pytest.param(jane(GOOGLE), "unless a refresh-token is in the Secret", id="perhaps consent"),
        pytest.param(
            jane(MANAGED_GOOGLE) | {"quota": {"mailboxes": 5}}, "of 5 that the plan", id="quota"
        ),
        pytest.param(
            {"bounds": {"providers": ["SMTP"]}}, "kubectl describe resourcequota", id="bounds"
        ),
    ],
)
def test_the_notes_say_what_comes_next(
    chart: Chart, values: Mapping[str, Any], fragment: str
) -> None:
    assert fragment in notes(chart, values)


def test_the_notes_warn_of_credentials_in_the_values(chart: Chart) -> None:
    warned = [file.stem for file in MATRIX if "WARNING" in notes(chart, values_of(file))]

    assert warned == ["everything"]


def test_the_notes_ask_nobody_for_a_consent_that_is_not_needed(chart: Chart) -> None:
    assert "consent" not in notes(chart, jane(SMTP) | {"mailboxes": {"jane": SMTP}})


def notes(chart: Chart, values: Mapping[str, Any]) -> str:
    """Read the notes; helm template keeps them to itself."""
    trial = ("install", "acme", str(CHART), "--dry-run=client", "--output=json")
    text = chart.run(*trial, values=without_external(values))
    found: str = json.loads(text)["info"]["notes"]
    return found


def without_external(values: Mapping[str, Any]) -> Mapping[str, Any]:
    """Leave out what needs a cluster with External Secrets Operator."""
    mailboxes = values.get("mailboxes", {})
    if "externalSecret" in values.get("defaults", {}):
        return {}
    if not isinstance(mailboxes, dict):
        return values
    kept = {name: it for name, it in mailboxes.items() if "externalSecret" not in it}
    return {**values, "mailboxes": kept}
