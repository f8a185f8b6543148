"""Both charts, and the Helm that renders them."""

from pathlib import Path

import pytest

from system.chart.release import OPERATOR, Chart


@pytest.fixture(scope="session")
def chart(helm: Path) -> Chart:
    """The operator's chart, as its README installs it."""
    return Chart(helm, OPERATOR, "mailbox-operator")
