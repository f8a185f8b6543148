"""The kinds of the Prometheus Operator come with the hash that is pinned, or not at all."""

import os
import shutil
from pathlib import Path

import pytest

from lab.controlplane.build import BuildError
from system.chart.prometheus import KINDS, PIN, definitions, download


def test_every_kind_has_its_definition() -> None:
    served = [
        f"{crd['spec']['group']}/{version['name']}/{crd['spec']['names']['kind']}"
        for crd in definitions()
        for version in crd["spec"]["versions"]
    ]

    assert served == list(KINDS)


def test_other_files_than_those_that_are_pinned_are_refused(tmp_path: Path) -> None:
    pin = Path(shutil.copytree(PIN, tmp_path / "pin"))
    sums = (pin / "go.sum").read_text()
    (pin / "go.sum").write_text(sums.replace(" h1:M", " h1:N"))

    with pytest.raises(BuildError, match="checksum mismatch"):
        download(pin, os.environ)


def test_a_missing_go_is_explained() -> None:
    with pytest.raises(BuildError, match="install Go"):
        download(PIN, {"PATH": ""})
