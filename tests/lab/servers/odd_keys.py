"""Private keys that no honest tool writes, spelled out number by number."""

import base64
import json
from typing import Final

from lab.servers.service_account import ROBOT, key

RSA: Final = bytes.fromhex("300d06092a864886f70d0101010500")
DSA: Final = bytes.fromhex("06072a8648ce380401")
DIFFIE_HELLMAN: Final = bytes.fromhex("06092a864886f70d010301")
NAMES: Final = ("n", "e", "d", "p", "q", "dp", "dq", "qi")


def numbers() -> dict[str, int]:
    """Return the numbers of a good key, by their names in RFC 8017."""
    private = key().private_key
    assert private is not None
    found = private.private_numbers()
    public = found.public_numbers
    pairs = (public.n, public.e, found.d, found.p, found.q, found.dmp1, found.dmq1, found.iqmp)
    return dict(zip(NAMES, pairs, strict=True))


def of_primes(p: int, q: int, e: int = 65537) -> dict[str, int]:
    """Return the numbers of a key of these two, which may be anything."""
    d = pow(e, -1, (p - 1) * (q - 1))
    parts = (p * q, e, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    return dict(zip(NAMES, parts, strict=True))


def pkcs1(parts: dict[str, int]) -> str:
    """Write a key as OpenSSL did before 1.0 (RFC 8017 appendix A.1.2)."""
    return _pem("RSA PRIVATE KEY", _rsa(parts))


def pkcs8(parts: dict[str, int]) -> str:
    """Write a key as Google does (RFC 5208)."""
    return _pem("PRIVATE KEY", _tagged(0x30, _integer(0) + RSA + _tagged(4, _rsa(parts))))


def dsa(p: int) -> str:
    """Write a DSA key; its public part is not there and has to be computed."""
    domain = _tagged(0x30, _integer(p) + _integer(2**255 + 1) + _integer(2))
    return _other(DSA + domain, 2**254 + 1)


def diffie_hellman(p: int) -> str:
    """Write a Diffie-Hellman key."""
    return _other(DIFFIE_HELLMAN + _tagged(0x30, _integer(p) + _integer(2)), p // 3)


def file(pem: object, email: object = ROBOT) -> str:
    """Write a key file around a key."""
    return json.dumps({"client_email": email, "private_key": pem})


def _other(algorithm: bytes, secret: int) -> str:
    key = _tagged(4, _integer(secret))
    return _pem("PRIVATE KEY", _tagged(0x30, _integer(0) + _tagged(0x30, algorithm) + key))


def _rsa(parts: dict[str, int]) -> bytes:
    return _tagged(0x30, b"".join(map(_integer, (0, *parts.values()))))


def _pem(label: str, der: bytes) -> str:
    body = base64.encodebytes(der).decode()
    return f"-----BEGIN {label}-----\n{body}-----END {label}-----\n"


def _integer(number: int) -> bytes:
    return _tagged(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def _tagged(tag: int, content: bytes) -> bytes:
    size = len(content)
    length = size.to_bytes(max(1, (size.bit_length() + 7) // 8), "big")
    return bytes([tag]) + (length if size < 128 else bytes([0x80 | len(length)]) + length) + content
