"""How often a replica reads and writes the record of refused logins."""

import pytest

from mailbox_operator.cluster.shared_refusals import pause_seconds


@pytest.mark.parametrize(("size", "seconds"), [(0, 0.1), (16_000, 0.1), (160_000, 1.0)])
def test_a_large_record_is_written_less_often_than_a_small_one(size: int, seconds: float) -> None:
    assert pause_seconds(size) == seconds
