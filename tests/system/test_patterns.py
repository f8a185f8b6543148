"""No text of any kind makes a pattern slow: each takes a time that grows with the length, no faster.

A quadratic pattern takes hours for these texts, so the usual timeout of a test finds it.
"""

import pytest

from mailbox_operator.decide.texts.shapes import ADDRESS
from system.patterns import Found, patterns, texts

FOUND = list(patterns())
DISTINCT = {(found.pattern.pattern, found.whole): found for found in FOUND}.values()


def test_patterns_are_found_wherever_they_are() -> None:
    places = {found.place for found in FOUND}

    assert {
        "mailbox_operator.decide.texts.scrub.ENCODED",
        "mailbox_operator.decide.texts.shapes.ADDRESS",
    } <= places
    assert any(place.startswith("mailbox_operator.report.metrics.metrics:") for place in places)


@pytest.mark.parametrize("found", DISTINCT, ids=lambda found: found.place)
def test_a_pattern_is_linear(found: Found) -> None:
    for text in texts(found.pattern):
        found.pattern.fullmatch(text)
        if not found.whole:
            found.pattern.sub("", text)


def test_a_shape_looks_at_the_length_first() -> None:
    assert not ADDRESS.fits("a@" + "a." * 500_000)
