"""A key file costs little to read, whatever numbers its key is made of."""

import contextlib
import json
from collections.abc import Callable
from time import thread_time

import pytest

from lab.servers import odd_keys as keys
from lab.servers.service_account import ROBOT
from mailbox_operator.connect.google.delegation import (
    DAMAGED,
    NO_FILE,
    NO_KEY,
    WRONG_SIZE,
    ServiceAccounts,
    service_account,
)
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason

GOOD = keys.numbers()
P, Q, N = GOOD["p"], GOOD["q"], GOOD["n"]
ODD = 2**9_999 + 1
HUGE = 2**40_000 + 1


def problem(text: str) -> str:
    with pytest.raises(Fault) as caught:
        service_account(text, "own")
    assert caught.value.reason is Reason.CREDENTIALS_MISSING
    return caught.value.facts["problem"]


def processor_seconds(text: str) -> float:
    began = thread_time()
    with contextlib.suppress(Fault):
        service_account(text, "own")
    return thread_time() - began


@pytest.mark.parametrize("written", [keys.pkcs1, keys.pkcs8])
def test_an_rsa_key_is_read_in_both_of_its_forms(written: Callable[[dict[str, int]], str]) -> None:
    account = service_account(keys.file("# a comment\n" + written(GOOD)), "own")

    assert (account.email, account.key.is_private) == (ROBOT, True)


async def test_a_key_file_is_read_away_from_the_loop() -> None:
    secret = Secret("own", {"service-account.json": keys.file(keys.pkcs8(GOOD)).encode()})

    assert (await ServiceAccounts().read(secret)).email == ROBOT


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(keys.of_primes(2**1279 - 1, 2**521 - 1), id="1800 bits"),
        pytest.param(keys.of_primes(2**2203 - 1, 2**2281 - 1), id="4484 bits"),
        pytest.param(keys.of_primes(2**9689 - 1, 2**9941 - 1), id="19630 bits"),
    ],
)
def test_a_key_of_another_size_is_refused_before_anything_is_computed(
    parts: dict[str, int],
) -> None:
    assert problem(keys.file(keys.pkcs8(parts))) == WRONG_SIZE
    assert problem(keys.file(keys.pkcs1(parts))) == WRONG_SIZE


@pytest.mark.parametrize("written", [keys.pkcs1, keys.pkcs8])
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"p": 0}, id="p is zero"),
        pytest.param({"p": 1, "q": N}, id="p is one"),
        pytest.param({"p": N, "q": 1, "dq": 0}, id="q is one"),
        pytest.param({"p": P + 1}, id="p is even"),
        pytest.param({"p": HUGE}, id="p is huge"),
        pytest.param({"p": Q, "q": P}, id="p and q are exchanged"),
        pytest.param({"n": N + 1}, id="n is even"),
        pytest.param({"n": N + 2}, id="n is another"),
        pytest.param({"e": 1}, id="e is one"),
        pytest.param({"e": 65536}, id="e is even"),
        pytest.param({"e": HUGE}, id="e is huge"),
        pytest.param({"e": 3}, id="e does not belong to d"),
        pytest.param({"d": 1}, id="d is one"),
        pytest.param({"d": HUGE}, id="d is huge"),
        pytest.param({"d": GOOD["d"] + N}, id="d is longer than n"),
        pytest.param({"dp": 0}, id="an exponent is zero"),
        pytest.param({"dp": HUGE}, id="an exponent is huge"),
        pytest.param({"dq": GOOD["dq"] + Q - 1}, id="an exponent is not reduced"),
        pytest.param({"qi": 0}, id="the coefficient is zero"),
        pytest.param({"qi": 1}, id="the coefficient is one"),
        pytest.param({"qi": HUGE}, id="the coefficient is huge"),
        pytest.param(keys.of_primes(3 * (2**1001 + 1), 2**1279 - 1, 17), id="p is composite"),
        pytest.param(keys.of_primes(2**4000 + 1, 7, 17), id="p is composite and q is short"),
    ],
)
def test_a_key_whose_numbers_do_not_fit_together_is_refused(
    changes: dict[str, int], written: Callable[[dict[str, int]], str]
) -> None:
    assert problem(keys.file(written({**GOOD, **changes}))) in {DAMAGED, NO_KEY}


@pytest.mark.parametrize(
    "pem",
    [
        pytest.param(keys.dsa(HUGE), id="DSA"),
        pytest.param(keys.diffie_hellman(ODD), id="Diffie-Hellman"),
        pytest.param(keys.dsa(HUGE).replace("PRIVATE", "RSA PRIVATE"), id="DSA in disguise"),
        pytest.param(keys.pkcs8(GOOD).replace("PRIVATE", "RSA PRIVATE"), id="the wrong label"),
        pytest.param(keys.pkcs8(GOOD).replace("PRIVATE", "ENCRYPTED PRIVATE"), id="encrypted"),
        pytest.param(keys.pkcs8(GOOD)[:900], id="half of a key"),
        pytest.param("-----BEGIN RSA PRIVATE KEY-----\nDEK-Info: x\n\nAAAA", id="old encryption"),
        pytest.param("-----BEGIN PRIVATE KEY-----\n=\n-----END PRIVATE KEY-----", id="no base64"),
        pytest.param("", id="nothing"),
        pytest.param("\ud800", id="half of a character"),
    ],
)
def test_a_key_of_another_kind_never_reaches_the_library(pem: str) -> None:
    assert problem(keys.file(pem)).startswith(NO_KEY)


def test_the_mistake_in_a_key_is_named() -> None:
    encrypted = keys.pkcs8(GOOD).replace("PRIVATE", "ENCRYPTED PRIVATE")

    assert problem(keys.file(encrypted)) == f"{NO_KEY}; it is encrypted"


def test_another_file_of_googles_is_named() -> None:
    client = json.dumps({"installed": {"client_id": "1", "client_secret": "2"}})

    assert problem(client) == f"{NO_FILE}; this file is an OAuth client's"


@pytest.mark.parametrize("pem", [keys.dsa(HUGE), keys.diffie_hellman(ODD)])
def test_a_key_of_another_kind_costs_less_than_a_good_one(pem: str) -> None:
    good = processor_seconds(keys.file(keys.pkcs8(GOOD)))

    assert processor_seconds(keys.file(pem)) < 5 * good


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("[" * 10_000, id="deep"),
        pytest.param('{"client_email": "x", "private_key": ' + "[" * 9_000, id="deep inside"),
        pytest.param(keys.file([[]]), id="a list in place of a key"),
        pytest.param(keys.file("x", {"a": 1}), id="an object in place of an address"),
        pytest.param(keys.file(keys.pkcs8(GOOD), "\ud800"), id="half of a character"),
        pytest.param(keys.file(keys.pkcs8(GOOD), "a" * 321), id="a long address"),
        pytest.param(keys.file("x" * 17_000), id="a long key"),
        pytest.param("1" * 9_000, id="a long number"),
    ],
)
def test_a_file_of_another_kind_is_refused(text: str) -> None:
    assert problem(text) == NO_FILE
