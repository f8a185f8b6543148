"""SCRAM-SHA-256 (RFC 5802, RFC 7677) without channel binding: the session is in verified TLS anyway."""

import base64
import hashlib
import hmac
import stringprep
import unicodedata
from typing import Final

from mailbox_operator.connect.mechanisms import Saying

HASH: Final = "sha256"
MOST_ITERATIONS: Final = 100_000
"""Of the server's choice; servers use 4,096 to 15,000, and these take 0.1 s of processor."""

NO_BINDING: Final = b"n,,"


def scram_sha_256(username: str, password: str, nonce: str) -> Saying:
    """Prove to know the password, and have the server prove that it knows it.

    Args:
        username: Of the account.
        password: Of the account.
        nonce: Printable chance of the client, used once.

    Raises:
        ValueError: The server does not follow the protocol, or does not know the password.
    """
    name = prepared(username).replace("=", "=3D").replace(",", "=2C")
    first = f"n={name},r={nonce}".encode()
    challenge = yield NO_BINDING + first
    salt, iterations, whole_nonce = _read(challenge, nonce)
    salted = hashlib.pbkdf2_hmac(HASH, prepared(password).encode(), salt, iterations)
    final = b"c=" + base64.b64encode(NO_BINDING) + b",r=" + whole_nonce
    message = b",".join((first, challenge, final))
    outcome = yield final + b",p=" + base64.b64encode(_proof(salted, message))
    signature = _hmac(_hmac(salted, b"Server Key"), message)
    if not hmac.compare_digest(outcome, b"v=" + base64.b64encode(signature)):
        raise ValueError("the server does not know the password")
    yield b""


def prepared(text: str) -> str:
    """Write a text as both sides must have it before it is hashed; ASCII stays as it is.

    Source:
        RFC 4013 (SASLprep), sections 2.1 and 2.2; what section 2.3 prohibits is the server's to refuse.
    """
    mapped = (" " if stringprep.in_table_c12(each) else each for each in text)
    kept = "".join(each for each in mapped if not stringprep.in_table_b1(each))
    return unicodedata.normalize("NFKC", kept)


def _read(challenge: bytes, nonce: str) -> tuple[bytes, int, bytes]:
    """Read salt, iterations and the nonce of both."""
    told = dict(part.split(b"=", 1) for part in challenge.split(b",") if b"=" in part)
    if {b"r", b"s", b"i"} - told.keys() or not told[b"r"].startswith(nonce.encode()):
        raise ValueError("not the first message of SCRAM")
    iterations = int(told[b"i"])
    if not 0 < iterations <= MOST_ITERATIONS:
        raise ValueError("SCRAM with too many iterations")
    return base64.b64decode(told[b"s"], validate=True), iterations, told[b"r"]


def _proof(salted: bytes, message: bytes) -> bytes:
    key = _hmac(salted, b"Client Key")
    signature = _hmac(hashlib.new(HASH, key).digest(), message)
    return bytes(one ^ other for one, other in zip(key, signature, strict=True))


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, HASH)
