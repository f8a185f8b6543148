"""The login of a Sender: made the same way everywhere, and no other one is taken."""

from typing import Final

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.decide.sending.login import (
    UserName,
    is_password,
    parse_user_name,
    password_of,
)

KEY: Final = bytes(range(32))
OTHER: Final = bytes(range(32, 64))
UID: Final = "51d7a0c3-7d0b-4a96-b1de-2f60c94a7e35"
KEPT: Final = "gj7LIRS-mBgcHVtMPlpLUYgDRs00QTzxqihYiSfS5N0"


def test_a_password_is_the_same_in_every_version() -> None:
    """Applications hold it, and a gateway of another version has to take it."""
    assert password_of(KEY, UID, 0) == KEPT


@pytest.mark.parametrize("revision", [0, 1, 10**9])
def test_a_password_has_43_characters_that_need_no_escape(revision: int) -> None:
    password = password_of(KEY, UID, revision)

    assert len(password) == 43
    assert password.replace("-", "").replace("_", "").isalnum()


def test_a_password_does_not_begin_like_an_option_of_a_program() -> None:
    begun = {password_of(KEY, UID, revision)[0] for revision in range(1000)}

    assert "-" not in begun
    assert "_" in begun


def test_a_password_is_taken_that_was_written_when_it_could_begin_so() -> None:
    former = "-cecoQ6TOJDkhGcq_fTQMQcRv8XoH7KwnPf9rsFiYVk"

    assert password_of(KEY, UID, 47) == "A" + former[1:]
    assert is_password([KEY], UID, 47, former)
    assert not is_password([KEY], UID, 47, former[1:])


@pytest.mark.parametrize("keys", [[KEY], [KEY, OTHER], [OTHER, KEY]], ids=["one", "new", "old"])
@pytest.mark.parametrize("revision", [3, 4])
def test_a_password_of_this_or_the_former_revision_is_taken(
    keys: list[bytes], revision: int
) -> None:
    assert is_password(keys, UID, 4, password_of(KEY, UID, revision))


@pytest.mark.parametrize(
    "offered",
    [
        pytest.param(password_of(KEY, UID, 2), id="two revisions ago"),
        pytest.param(password_of(KEY, UID, 5), id="the next revision"),
        pytest.param(password_of(OTHER, UID, 4), id="another key"),
        pytest.param(password_of(KEY, UID[:-1] + "6", 4), id="another Sender"),
        pytest.param(password_of(KEY, UID, 4) + "=", id="padded"),
        pytest.param(password_of(KEY, UID, 4)[:-1], id="cut"),
        pytest.param("", id="empty"),
        pytest.param("pässwörd", id="not ASCII"),
        pytest.param("\ud800", id="no character"),
    ],
)
def test_another_password_is_refused(offered: str) -> None:
    assert not is_password([KEY], UID, 4, offered)


def test_the_first_revision_has_none_before_it() -> None:
    assert not is_password([KEY], UID, 0, password_of(KEY, UID, -1))


def test_a_third_key_is_not_looked_at() -> None:
    third = bytes(32)

    assert not is_password([KEY, OTHER, third], UID, 0, password_of(third, UID, 0))


def test_without_a_key_no_password_is_taken() -> None:
    assert not is_password([], UID, 0, password_of(KEY, UID, 0))


@pytest.mark.parametrize("name", ["app", "my.app", "a" * 58])
def test_a_user_name_is_read_as_it_was_made(name: str) -> None:
    made = UserName("acme", name)

    assert parse_user_name(str(made)) == made


@pytest.mark.parametrize(
    "text",
    ["", "app", "acme.", ".app", "acme.App", "ACME.app", "acme.app ", f"acme.{'a' * 59}", "a@b.c"],
)
def test_what_no_sender_is_named_is_no_user_name(text: str) -> None:
    assert parse_user_name(text) is None


@given(text=some.text())
def test_a_user_name_is_read_as_it_stands_or_not_at_all(text: str) -> None:
    found = parse_user_name(text)

    assert found is None or str(found) == text
