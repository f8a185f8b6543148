"""SCRAM (RFC 5802, RFC 7677) without channel binding: the session is in verified TLS anyway.

What `-PLUS` binds to (RFC 9266) is not to be had before Python 3.13, so those names are not spoken.
"""

import base64
import hashlib
import hmac
import stringprep
import unicodedata
from typing import Final

from mailbox_operator.connect.smtp.mechanisms import Saying

SHA_1: Final = "sha1"
SHA_256: Final = "sha256"
"""The hashes, as hashlib calls them."""

MOST_ITERATIONS: Final = 100_000
"""Of the server's choice; servers use 4,096 to 15,000, and these take 0.1 s of processor."""

NO_BINDING: Final = b"n,,"


def scram(hashed: str, username: str, password: str, nonce: str) -> Saying:
    """Prove to know the password, and have the server prove that it knows it.

    Args:
        hashed: By which hash, `SHA_1` or `SHA_256`.
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
    salted = hashlib.pbkdf2_hmac(hashed, prepared(password).encode(), salt, iterations)
    final = b"c=" + base64.b64encode(NO_BINDING) + b",r=" + whole_nonce
    message = b",".join((first, challenge, final))
    outcome = yield final + b",p=" + base64.b64encode(_proof(hashed, salted, message))
    signature = hmac.digest(hmac.digest(salted, b"Server Key", hashed), message, hashed)
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


def _proof(hashed: str, salted: bytes, message: bytes) -> bytes:
    key = hmac.digest(salted, b"Client Key", hashed)
    signature = hmac.digest(hashlib.new(hashed, key).digest(), message, hashed)
    return bytes(one ^ other for one, other in zip(key, signature, strict=True))
