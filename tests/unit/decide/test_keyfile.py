"""What stands in place of a service account's key is called by its name."""

import pytest

from mailbox_operator.decide.declared.keyfile import (
    CUT_OFF,
    ESCAPED,
    LABELS,
    OAUTH_CLIENT,
    WRONG_KEYS,
    kind_of_file,
    mistake_in_key,
)

BEGIN, END = "-----BEGIN PRIVATE KEY-----", "-----END PRIVATE KEY-----"


@pytest.mark.parametrize("kind", ["web", "installed"])
def test_the_file_of_an_oauth_client_is_known(kind: str) -> None:
    assert kind_of_file({kind: {"client_id": "1"}}) == OAUTH_CLIENT


@pytest.mark.parametrize("kind", WRONG_KEYS)
def test_another_file_of_googles_is_known_by_its_type(kind: str) -> None:
    assert kind_of_file({"type": kind}) == WRONG_KEYS[kind]


@pytest.mark.parametrize("kind", ["service_account", "", 5, None, ["web"]])
def test_of_other_files_nothing_is_said(kind: object) -> None:
    assert not kind_of_file({"type": kind})


@pytest.mark.parametrize(("label", "mistake"), LABELS)
def test_a_key_of_another_form_is_known_by_its_label(label: str, mistake: str) -> None:
    assert mistake_in_key(f"-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n") == mistake


@pytest.mark.parametrize(
    ("pem", "mistake"),
    [
        pytest.param(rf"{BEGIN}\nAAAA\n{END}\n", ESCAPED, id="escaped twice"),
        pytest.param(f"{BEGIN}\nAAAA\n", CUT_OFF, id="cut off"),
        pytest.param(f"{BEGIN}\nAAAA\n{END}\n", "", id="whole"),
        pytest.param("AAAA", "", id="no PEM"),
        pytest.param("", "", id="empty"),
    ],
)
def test_a_damaged_key_is_known_by_its_form(pem: str, mistake: str) -> None:
    assert mistake_in_key(pem) == mistake
