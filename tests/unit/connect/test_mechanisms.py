"""Each mechanism says what its RFC's example says."""

import base64
from contextlib import suppress
from itertools import takewhile

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.connect.smtp.credentials import Bearer, Credential, Password
from mailbox_operator.connect.smtp.mechanisms import (
    Saying,
    cram_md5,
    login,
    next_line,
    oauthbearer,
    plain,
    xoauth2,
)
from mailbox_operator.connect.smtp.scram import MOST_ITERATIONS, SHA_1, SHA_256, prepared, scram

JANE = "jane@acme.example"
BY_EACH = pytest.mark.parametrize(
    ("credential", "name"),
    [
        (credential, name)
        for credential in (Password(JANE, "correct horse"), Bearer(JANE, "ya29"))
        for name in credential.mechanisms
    ],
    ids=str,
)
ENCODED = some.binary(max_size=200).map(lambda told: base64.b64encode(told).decode())
SCRAM = some.lists(some.sampled_from([b"r=", b"s=AAAA", b"i=1", b"i=-1", b"e=x", b"v=AAAA", b"=,"]))
CHALLENGES = some.lists(
    some.text(max_size=60)
    | some.binary(max_size=60).map(lambda told: told.decode("utf-8", "surrogateescape"))
    | ENCODED
    | SCRAM.map(lambda parts: base64.b64encode(b",".join(parts)).decode()),
    min_size=4,
    max_size=8,
)
NONCE = "rOprNGfwEbeRWgbNEkqO"
BOTH = f"{NONCE}%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
FIRST = f"r={BOTH},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096".encode()
FINAL = b"v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="


def said(saying: Saying, *challenges: bytes) -> list[bytes]:
    return [next(saying), *(saying.send(challenge) for challenge in challenges)]


@pytest.mark.parametrize("name", ["SCRAM-SHA-256", "SCRAM-SHA-1"])
def test_each_login_by_scram_has_a_nonce_of_its_own(name: str) -> None:
    begin = Password(JANE, "correct horse").mechanisms[name]

    assert next(begin()) != next(begin())


def test_plain_says_both_at_once() -> None:
    assert said(plain("tim", "tanstaaf")) == [b"\0tim\0tanstaaf"]


def test_login_waits_to_be_asked() -> None:
    assert said(login("tim", "tanstaaf"), b"Username:", b"") == [b"", b"tim", b"tanstaaf"]


def test_cram_md5_answers_the_example_of_rfc_2195() -> None:
    challenge = b"<1896.697170952@postoffice.reston.mci.net>"

    answer = said(cram_md5("tim", "tanstaaftanstaaf"), challenge)[-1]

    assert answer == b"tim b913a602c7eda7a495b4e6e7334d3890"


def test_cram_md5_proves_nothing_without_a_challenge() -> None:
    with pytest.raises(ValueError, match="without a challenge"):
        said(cram_md5("tim", "tanstaaf"), b"")


def test_xoauth2_answers_a_refusal_with_an_empty_line() -> None:
    lines = said(xoauth2("jane@acme.example", "ya29"), b'{"status":"401"}')

    assert lines == [b"user=jane@acme.example\1auth=Bearer ya29\1\1", b""]


def test_oauthbearer_follows_rfc_7628() -> None:
    lines = said(oauthbearer("a=b,c@acme.example", "ya29"), b'{"status":"invalid_token"}')

    assert lines == [b"n,a=a=3Db=2Cc@acme.example,\1auth=Bearer ya29\1\1", b"\1"]


def test_scram_follows_the_example_of_rfc_7677() -> None:
    lines = said(scram(SHA_256, "user", "pencil", NONCE), FIRST, FINAL)

    proof = b"dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    first, final = f"n,,n=user,r={NONCE}".encode(), f"c=biws,r={BOTH},p=".encode() + proof
    assert lines == [first, final, b""]


def test_scram_follows_the_example_of_rfc_5802() -> None:
    nonce, both = "fyko+d2lbbFgONRv9qkxdawL", "fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j"
    challenge = f"r={both},s=QSXCR+Q6sek8bf92,i=4096".encode()

    lines = said(
        scram(SHA_1, "user", "pencil", nonce), challenge, b"v=rmF9pqV8S7suAoZWja4dJRkFsKQ="
    )

    final = f"c=biws,r={both},p=v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=".encode()
    assert lines == [f"n,,n=user,r={nonce}".encode(), final, b""]


def test_scram_escapes_a_name() -> None:
    assert said(scram(SHA_256, "a=b,c", "pencil", NONCE)) == [f"n,,n=a=3Db=2Cc,r={NONCE}".encode()]


@pytest.mark.parametrize(
    "challenge",
    [
        b"",
        b"garbage",
        FIRST.replace(NONCE.encode(), b"somebody else's"),
        FIRST.replace(b"4096", b"0"),
        FIRST.replace(b"4096", str(MOST_ITERATIONS + 1).encode()),
        FIRST.replace(b"4096", b"many"),
        FIRST.replace(b"W22Z", b"\xff\xff"),
        b"e=other-error",
    ],
)
def test_scram_proves_nothing_to_a_server_that_breaks_the_rules(challenge: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - of whatever kind, the session ends
        said(scram(SHA_256, "user", "pencil", NONCE), challenge)


@pytest.mark.parametrize("outcome", [b"", b"v=", FINAL.replace(b"6", b"7"), b"e=invalid-proof"])
def test_scram_believes_no_server_that_does_not_know_the_password(outcome: bytes) -> None:
    with pytest.raises(ValueError, match="does not know the password"):
        said(scram(SHA_256, "user", "pencil", NONCE), FIRST, outcome)


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("pencil", "pencil"),
        ("I\u00adX", "IX"),
        ("\u00aa", "a"),
        ("\u2168", "IX"),
        ("a\u00a0b", "a b"),
    ],
)
def test_a_password_is_prepared_as_rfc_4013_has_it(text: str, written: str) -> None:
    assert prepared(text) == written


@pytest.mark.parametrize("prompt", ["", "VXNlcm5hbWU6", "Username:", "!!", "\udcff"])
def test_any_prompt_is_answered(prompt: str) -> None:
    saying = login("tim", "tanstaaf")
    next(saying)

    assert next_line(saying, prompt) == b"tim"


def test_nothing_is_said_after_the_last_line() -> None:
    saying = plain("tim", "tanstaaf")
    next(saying)

    assert next_line(saying, base64.b64encode(b"more?").decode()) is None


@BY_EACH
@given(challenges=CHALLENGES)
def test_any_challenges_come_to_an_end(
    credential: Credential, name: str, challenges: list[str]
) -> None:
    saying = credential.mechanisms[name]()
    said_by_now: list[bytes | None] = [next(saying)]

    with suppress(ValueError):
        said_by_now += takewhile(
            lambda line: line is not None, (next_line(saying, each) for each in challenges)
        )

    assert len(said_by_now) <= 3
    assert all(isinstance(line, bytes) for line in said_by_now)
