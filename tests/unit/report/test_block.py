"""A block is counted and traced however it ends."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from mailbox_operator.report.block import Block


@contextmanager
def traced(said: list[str]) -> Iterator[None]:
    said.append("began")
    try:
        yield
    except KeyError:
        said.append("failed")
        raise
    finally:
        said.append("ended")


def test_a_block_is_counted_and_traced() -> None:
    said: list[str] = []
    took: list[float] = []

    with Block(took.append, traced(said)):
        said.append("at work")

    assert said == ["began", "at work", "ended"]
    assert len(took) == 1
    assert took[0] >= 0


def test_a_block_that_fails_is_counted_and_its_error_goes_on() -> None:
    said: list[str] = []
    took: list[float] = []

    with pytest.raises(KeyError, match="there"), Block(took.append, traced(said)):
        raise KeyError("there")

    assert said == ["began", "failed", "ended"]
    assert len(took) == 1
