"""Reads the key file of a Google service account, which may have been delegated a whole domain.

A tenant writes that file, so its key is an attack until it is measured: the form is looked at before a
library parses it, the sizes before anything is computed with it.
"""

import asyncio
import base64
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from cryptography.exceptions import InternalError, InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_private_key
from joserfc.jwk import RSAKey

from mailbox_operator.decide.declared.keyfile import kind_of_file, mistake_in_key
from mailbox_operator.decide.declared.secret import Secret, missing
from mailbox_operator.decide.texts.bounded import read_json

KEY_FILE: Final = "service-account.json"
LONGEST_FILE: Final = 16_384
LONGEST_EMAIL: Final = 320
SMALLEST_BITS: Final = 2048
LARGEST_BITS: Final = 4096
LARGEST_EXPONENT: Final = 2**32
RSA: Final = bytes.fromhex("020100300d06092a864886f70d0101010500")
"""PKCS #8's version, and the identifier of an RSA key (RFC 5208 section 5, RFC 8017 appendix A.1)."""

NO_FILE: Final = f"{KEY_FILE} must be the key file of a service account (client_email, private_key)"
NO_KEY: Final = f"the private_key of {KEY_FILE} must be an RSA private key in PEM form"
WRONG_SIZE: Final = (
    f"the private_key of {KEY_FILE} must have {SMALLEST_BITS} to {LARGEST_BITS} bits"
)
DAMAGED: Final = f"the private_key of {KEY_FILE} is damaged: it signs nothing that can be verified"
KEY_ERRORS: Final = (ValueError, TypeError, UnsupportedAlgorithm, InternalError)


@dataclass(frozen=True, slots=True)
class ServiceAccount:
    """A service account and the key it signs with."""

    email: str
    key: RSAKey = field(repr=False)


@dataclass(frozen=True, slots=True)
class ServiceAccounts:
    """Reads key files, on a thread of its own: a key of 4096 bits takes some milliseconds.

    None is kept: an account is read again when its access token has expired.
    """

    _thread: ThreadPoolExecutor = field(
        default_factory=lambda: ThreadPoolExecutor(1, "keys"), repr=False
    )

    async def read(self, secret: Secret) -> ServiceAccount:
        """Read a service account's key file, as Google hands it out.

        Raises:
            Fault: `CredentialsMissing`: it is none, or its key is not one to sign with.
        """
        text = secret.text(KEY_FILE)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, service_account, text, secret.name)


def service_account(text: str, name: str) -> ServiceAccount:
    """Read the text of a key file.

    Raises:
        Fault: `CredentialsMissing`: the Secret of that name holds none, or its key is not usable.
    """
    try:
        account = read_json(text, LONGEST_FILE)
    except ValueError:
        raise missing(name, NO_FILE) from None
    if not isinstance(account, dict):
        raise missing(name, NO_FILE)
    email, pem = account.get("client_email"), account.get("private_key")
    if not isinstance(email, str) or not isinstance(pem, str) or not _is_plain(email):
        kind = kind_of_file(account)
        raise missing(name, f"{NO_FILE}; this file is {kind}" if kind else NO_FILE)
    return ServiceAccount(email, _signing_key(pem, name))


def _is_plain(email: str) -> bool:
    return 0 < len(email) <= LONGEST_EMAIL and email.isascii() and email.isprintable()


def _signing_key(pem: str, name: str) -> RSAKey:
    """Load a key without the library's own check, which looks for primes for a third of a second.

    During that time it holds the interpreter, so a thread would be no help. Numbers that do not
    belong together are found by signing once, which costs 6 ms and holds nothing.
    """
    try:
        key = load_der_private_key(_pkcs8(pem), None, unsafe_skip_rsa_key_validation=True)
    except KEY_ERRORS:
        mistake = mistake_in_key(pem)
        raise missing(name, f"{NO_KEY}; {mistake}" if mistake else NO_KEY) from None
    if not isinstance(key, RSAPrivateKey):
        raise missing(name, NO_KEY)
    if not SMALLEST_BITS <= key.key_size <= LARGEST_BITS:
        raise missing(name, WRONG_SIZE)
    if not _is_consistent(key) or not _signs(key):
        raise missing(name, DAMAGED)
    return RSAKey.import_key(key)


def _pkcs8(pem: str) -> bytes:
    """Return the first RSA key of a text in PEM as PKCS #8, wherever the text has it in PKCS #1.

    Other algorithms never reach the library: to load a DSA or DH key it computes with numbers of
    any size.

    Raises:
        ValueError: There is no RSA key, or it is encrypted.
    """
    plain = _block(pem, "PRIVATE KEY")
    if plain is not None:
        if RSA not in plain[: len(RSA) + 5]:
            raise ValueError("no RSA key")
        return plain
    key = _block(pem, "RSA PRIVATE KEY")
    if key is None:
        raise ValueError("no private key")
    return _tagged(0x30, RSA + _tagged(0x04, key))


def _block(pem: str, label: str) -> bytes | None:
    _, begin, rest = pem.partition(f"-----BEGIN {label}-----")
    body, end, _ = rest.partition(f"-----END {label}-----")
    return base64.b64decode("".join(body.split()), validate=True) if begin and end else None


def _tagged(tag: int, content: bytes) -> bytes:
    """Write a value in DER with a length of two bytes (X.690 section 8.1.3)."""
    return bytes((tag, 0x82)) + len(content).to_bytes(2, "big") + content


def _is_consistent(key: RSAPrivateKey) -> bool:
    """Say whether the numbers belong together, but for p and q being prime (RFC 8017 section 3.2)."""
    numbers = key.private_numbers()
    n, e = numbers.public_numbers.n, numbers.public_numbers.e
    p, q, d = numbers.p, numbers.q, numbers.d
    return (
        min(p, q) > 1
        and p * q == n
        and bool(n & e & 1)
        and 1 < e < LARGEST_EXPONENT
        and 1 < d < n
        and (numbers.dmp1, numbers.dmq1) == (d % (p - 1), d % (q - 1))
        and 0 < numbers.iqmp < p
        and numbers.iqmp * q % p == 1
    )


def _signs(key: RSAPrivateKey) -> bool:
    try:
        signature = key.sign(b"", PKCS1v15(), SHA256())
        key.public_key().verify(signature, b"", PKCS1v15(), SHA256())
    except (InvalidSignature, *KEY_ERRORS):
        return False
    return True
