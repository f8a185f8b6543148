"""A tree that is ready for its release."""

import shutil
from pathlib import Path
from typing import Final

import pytest

from tools.release.changelog import CHANGELOG
from tools.release.versions import PACKAGE

ROOT: Final = Path(__file__).parents[3]


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Copy what a release reads of this tree, and give its changes a version and a date."""
    copy = tmp_path / "tree"
    shutil.copytree(ROOT / "helm", copy / "helm")
    (copy / PACKAGE).parent.mkdir(parents=True)
    shutil.copy(ROOT / PACKAGE, copy / PACKAGE)
    text = (ROOT / CHANGELOG).read_text()
    (copy / CHANGELOG).write_text(text.replace("## Unreleased", "## 0.1.0 - 2027-01-31"))
    return copy
