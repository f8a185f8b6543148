"""The values in the examples for Argo CD and Flux are those of the charts."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from system.argocd.customizations import DOCS

ROOT: Final = DOCS.parents[1]
PAGES: Final = (DOCS / "README.md", ROOT / "docs" / "flux.md")
BLOCK: Final = re.compile(r"^```yaml\n(.*?)^```", re.DOTALL | re.MULTILINE)


def examples() -> Iterator[Any]:
    for page in PAGES:
        for block in BLOCK.findall(page.read_text()):
            yield yaml.safe_load(block)


def releases() -> Iterator[Any]:
    """Find the charts that examples install, each with the values it is given."""
    for example in examples():
        match example:
            case {"kind": "Application", "spec": {"source": source}}:
                yield pytest.param(source["path"], source["helm"]["valuesObject"], id="Argo CD")
            case {"kind": "HelmRelease", "spec": {"chart": {"spec": chart}, "values": values}}:
                yield pytest.param(chart["chart"], values, id=f"Flux-{Path(chart['chart']).name}")
            case _:
                continue  # it installs no chart, or one with values that lie elsewhere


def test_every_kind_of_example_is_there() -> None:
    kinds = [example["kind"] for example in examples()]

    assert kinds == [
        "Application",
        "ApplicationSet",
        "Namespace",
        "GitRepository",
        "HelmRelease",
        "HelmRelease",
        "Kustomization",
    ]


@pytest.mark.parametrize(("chart", "values"), [*releases()])
def test_the_chart_takes_the_values_of_an_example(chart: str, values: Any, helm: Path) -> None:
    done = subprocess.run(
        [str(helm), "template", "mailboxes", str(ROOT / chart), "--values=-"],
        input=yaml.safe_dump(values),
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\nkind: Mailbox\n") == len(values.get("mailboxes", ()))
