import pytest

from mailbox_operator.decide.texts.addresses import is_same_mailbox


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jane@Acme.example", "jane@acme.EXAMPLE"),
        ("jane@googlemail.com", "jane@gmail.com"),
        ("j.a.ne@gmail.com", "Jane@GoogleMail.com"),
    ],
)
def test_certain_spellings_of_an_address_are_one_mailbox(one: str, other: str) -> None:
    assert is_same_mailbox(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("jane@acme.example", "joe@acme.example"),
        ("jane@acme.example", "jane@globex.example"),
        ("j.ane@acme.example", "jane@acme.example"),
        ("jane+x@gmail.com", "jane@gmail.com"),
        ("jane@gmail.com", "jane"),
        ("jane@gmail.com.evil.example", "jane@gmail.com"),
    ],
)
def test_other_addresses_are_other_mailboxes(one: str, other: str) -> None:
    assert not is_same_mailbox(one, other)
