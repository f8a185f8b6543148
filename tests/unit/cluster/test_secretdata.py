"""Values of Secrets, as the API server has them."""

import pytest

from mailbox_operator.cluster.secretdata import decoded_value, encoded, encoded_value, values_of


def test_what_is_written_is_read_again() -> None:
    written = encoded({"text": "jäne", "bytes": b"\xff\0"})

    assert values_of({"data": written}) == {"text": "jäne".encode(), "bytes": b"\xff\0"}
    assert encoded_value("a") == "YQ=="


@pytest.mark.parametrize("value", ["!", "YQ", "Y Q==", "jäne", None, 7, b"YQ=="])
def test_a_value_that_is_none_is_empty(value: object) -> None:
    assert decoded_value(value) == b""


@pytest.mark.parametrize("secret", [{}, {"data": None}, {"data": {}}])
def test_a_secret_may_be_empty(secret: dict[str, object]) -> None:
    assert values_of(secret) == {}
