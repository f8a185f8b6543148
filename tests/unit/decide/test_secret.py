import base64
import re
from pathlib import Path
from typing import Any

import pytest

import mailbox_operator
from mailbox_operator.decide.declared.secret import LIMITS, Secret, decode_secret, digest_of
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason

SECRET = Secret(
    "jane",
    {
        "password": b"hunter2\r\n",
        "client-secret": b" hunter2 ",
        "tenant-id": b"\n",
        "ca.crt": b"\xff\xfe",
    },
)


def encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()


def problem_of(secret: Secret, key: str) -> str:
    with pytest.raises(Fault) as caught:
        secret.text(key)
    assert caught.value.reason is Reason.CREDENTIALS_MISSING
    return caught.value.facts["problem"]


@pytest.mark.parametrize(
    ("key", "text"),
    [("password", "hunter2"), ("client-secret", " hunter2 "), ("username", "default")],
)
def test_the_secret_reads_a_text(key: str, text: str) -> None:
    assert SECRET.text(key, "default") == text


@pytest.mark.parametrize(
    ("key", "problem"),
    [
        ("username", "key username is absent"),
        ("tenant-id", "key tenant-id is empty"),
        ("ca.crt", "key ca.crt is UTF-16 text, as Windows tools write it: save it as UTF-8"),
    ],
)
def test_the_secret_says_what_is_wrong_with_a_key(key: str, problem: str) -> None:
    with pytest.raises(Fault) as caught:
        SECRET.text(key)

    assert caught.value.reason is Reason.CREDENTIALS_MISSING
    assert caught.value.facts == {"secret": "Secret jane", "problem": problem}


def test_the_secret_shows_nothing_of_itself() -> None:
    assert "hunter2" not in repr(SECRET)


@pytest.mark.parametrize(("key", "limit"), LIMITS.items())
def test_a_value_may_have_as_many_bytes_as_its_limit(key: str, limit: int) -> None:
    secret = decode_secret("jane", {key: encoded(b"x" * limit)})

    assert secret.text(key) == "x" * limit


@pytest.mark.parametrize(("key", "limit"), LIMITS.items())
def test_a_longer_value_is_refused_with_the_rule(key: str, limit: int) -> None:
    secret = decode_secret("jane", {key: encoded(b"x" * (limit + 1))})

    with pytest.raises(Fault) as caught:
        secret.text(key, "default")

    problem = f"key {key} has {limit + 1} bytes, and {limit} are the most"
    assert caught.value.facts == {"secret": "Secret jane", "problem": problem}


def test_a_longer_value_is_refused_wherever_the_secret_came_from() -> None:
    secret = Secret("jane", {"password": b"x" * 4097})

    assert problem_of(secret, "password") == "key password has 4097 bytes, and 4096 are the most"


def test_of_a_longer_value_only_the_size_is_kept() -> None:
    secret = decode_secret("jane", {"password": encoded(b"x" * 1_000_000)})

    assert (secret.size, dict(secret.content)) == (0, {})


def test_a_key_that_is_not_used_is_never_decoded() -> None:
    secret = decode_secret("jane", {"password": encoded(b"p"), "database": "no base64", "x": 1})

    assert dict(secret.content) == {"password": b"p"}


@pytest.mark.parametrize("value", ["%%%", "abc", "a===", "é", 7, None, ["x"]])
def test_a_value_that_is_no_base64_is_a_missing_credential(value: object) -> None:
    secret = decode_secret("jane", {"password": value})

    assert problem_of(secret, "password") == "key password must be base64"


@pytest.mark.parametrize("data", [None, {}, [], "text", 7, {7: "x"}])
def test_data_that_holds_no_used_key_is_an_absent_key(data: Any) -> None:
    assert problem_of(decode_secret("jane", data), "password") == "key password is absent"


def test_every_key_that_is_read_has_a_limit() -> None:
    sources = Path(mailbox_operator.__file__).parent
    rooms = [sources / "connect", sources / "cluster", sources / "watch"]
    own = sources / "decide" / "declared" / "secret.py"
    files = [own, *(file for room in rooms for file in room.rglob("*.py"))]
    read = {key for file in files for key in re.findall(r'\.text\("([^"]+)"', file.read_text())}

    assert read - LIMITS.keys() == set()
    assert "password" in read


def digest(content: dict[str, Any], namespace: str = "acme", key: bytes = b"k") -> bytes:
    return digest_of(namespace, decode_secret("jane", content), key)


def test_a_key_that_is_not_used_leaves_the_digest_alone() -> None:
    assert digest({"password": encoded(b"p")}) == digest({"password": encoded(b"p"), "x": "eA=="})


@pytest.mark.parametrize(
    "other",
    [
        {"password": encoded(b"q")},
        {"password": encoded(b"p"), "username": encoded(b"")},
        {"username": encoded(b"p")},
        {"password": "%"},
        {"password": encoded(b"x" * 5000)},
        {},
    ],
)
def test_whatever_is_used_changes_the_digest(other: dict[str, str]) -> None:
    assert digest({"password": encoded(b"p")}) != digest(other)


def test_a_digest_belongs_to_a_place_and_to_whoever_has_the_key() -> None:
    password = {"password": encoded(b"p")}
    digests = {digest(password), digest(password, "other"), digest(password, key=b"l")}

    assert len(digests) == 3
