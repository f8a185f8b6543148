"""What a log line holds, and what it must never hold."""

import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from mailbox_operator.report.log import JsonFormatter

CANARY = "hunter2-canary"


@pytest.fixture
def lines() -> Iterator[io.StringIO]:
    stream, logger = io.StringIO(), logging.getLogger("tests.log")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonFormatter())
    logger.addHandler(handler)
    yield stream
    logger.removeHandler(handler)


def last(lines: io.StringIO) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(lines.getvalue().splitlines()[-1])
    return found


def fail(secret: str) -> None:
    raise ValueError(f"cannot log in with {secret}")


def test_a_line_is_json_with_the_extras_beside_the_message(lines: io.StringIO) -> None:
    logging.getLogger("tests.log").warning("attempt failed", extra={"reason": "Unknown"})

    line = last(lines)

    assert (line["level"], line["message"], line["reason"]) == (
        "WARNING",
        "attempt failed",
        "Unknown",
    )


def test_an_exception_is_told_by_type_and_place_and_never_by_its_words(
    lines: io.StringIO,
) -> None:
    try:
        fail(CANARY)
    except ValueError:
        logging.getLogger("tests.log").exception("attempt crashed")

    line = last(lines)

    assert line["exception"] == "ValueError"
    assert "fail" in line["at"][-1]
    assert CANARY not in lines.getvalue()
