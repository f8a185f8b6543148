"""Reports of checkov are read to the end."""

import pytest

from system.chart.checkov import failed


def test_a_file_without_anything_to_look_at_has_no_findings() -> None:
    assert list(failed({"passed": 0, "failed": 0, "parsing_errors": 0})) == []


def test_a_file_that_cannot_be_read_is_no_success() -> None:
    with pytest.raises(AssertionError):
        list(failed({"passed": 0, "failed": 0, "parsing_errors": 1}))
