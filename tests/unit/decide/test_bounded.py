"""Foreign JSON costs little, however it is made."""

import json

import pytest
from hypothesis import given, strategies as st

from mailbox_operator.decide.texts.bounded import DEEPEST, LONGEST_JSON, read_json

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(JSON)
def test_json_is_read_as_the_standard_library_reads_it(value: object) -> None:
    assert read_json(json.dumps(value)) == value


@given(st.text() | st.binary())
def test_a_text_that_is_no_json_is_a_value_error(text: str | bytes) -> None:
    try:
        read_json(text)
    except ValueError:
        return


@pytest.mark.parametrize(
    "text",
    [
        "[" * 50_000,
        "[" * 900 + "]" * 900,
        '{"a":' * 10_000,
        '{"a":' * 500 + "1" + "}" * 500,
        "[" * (DEEPEST + 1) + "]" * (DEEPEST + 1),
        "1" * 10_000,
        "NaN",
        "-Infinity",
        f'"{"a" * LONGEST_JSON}"',
        b"\xff\xfe\x00",
        "",
    ],
)
def test_what_json_may_not_be_is_a_value_error(text: str | bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - the words are for nobody but a debugger
        read_json(text)


def test_the_deepest_json_that_is_read_has_32_levels() -> None:
    assert json.dumps(read_json("[" * DEEPEST + "]" * DEEPEST)) == "[" * DEEPEST + "]" * DEEPEST


def test_a_caller_may_bound_the_length_further() -> None:
    with pytest.raises(ValueError, match="longer than 3"):
        read_json("[1,2]", 3)
