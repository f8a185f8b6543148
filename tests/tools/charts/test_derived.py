"""What the charts repeat from elsewhere is what stands there."""

from pathlib import Path

import pytest
import yaml

from tools.charts.derived import CHARTS, derived
from tools.charts.values_table import described, values

FILES = derived()


@pytest.mark.parametrize("path", FILES, ids=lambda path: "/".join(path.parts[-2:]))
def test_a_derived_file_is_up_to_date(path: Path) -> None:
    assert path.read_text() == FILES[path], "run `make chart`"


@pytest.mark.parametrize("folder", CHARTS, ids=lambda folder: folder.name)
def test_every_value_is_described(folder: Path) -> None:
    defaults = yaml.safe_load((folder / "values.yaml").read_text())
    told = {path.partition(".")[0] for path, _, _ in values(folder)}

    assert told == set(defaults)


def test_a_description_may_span_lines_and_describes_the_key_below() -> None:
    lines = ["a:", "  # -- First", "  # line.", "  b: 1", "  c: 2", "# -- Other.", "d: 3"]

    assert list(described(lines)) == [(["a", "b"], "First line."), (["d"], "Other.")]
