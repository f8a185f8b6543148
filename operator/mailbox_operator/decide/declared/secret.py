"""A Secret as it was read, which of its keys are used, and how long each may be.

Tenants write Secrets. Whatever is in one, the worst that comes of it is `CredentialsMissing`.
"""

import base64
import binascii
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from types import MappingProxyType
from typing import Final

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Move, Reason
from mailbox_operator.decide.texts.spelling import CODED, decoded, mistake_in

KIB: Final = 1024

LIMITS: Final[Mapping[str, int]] = {
    "username": 1 * KIB,
    "password": 4 * KIB,
    "client-id": 1 * KIB,
    "client-secret": 4 * KIB,
    "tenant-id": 1 * KIB,
    "refresh-token": 16 * KIB,
    "service-account.json": 16 * KIB,
    "ca.crt": 512 * KIB,
    # A grant, as the operator keeps it, also has these:
    "origin": 1 * KIB,
    "scope": 16 * KIB,
    "identity": 1 * KIB,
    "login": 1 * KIB,
    "account": 1 * KIB,
    "consent": 1 * KIB,
    "consented-at": 1 * KIB,
    "provider": 1 * KIB,
    "address": 1 * KIB,
}
"""Every key that is used, and how many bytes its value may have. Other keys are never decoded."""

BROUGHT: Final = (
    "username",
    "password",
    "client-id",
    "client-secret",
    "tenant-id",
    "refresh-token",
    "service-account.json",
    "ca.crt",
)
"""The keys of those that people bring; the others are the operator's own."""


NO_PROBLEMS: Final[Mapping[str, str]] = MappingProxyType({})
"""Shared by all Secrets that have none: nearly all, and thousands are kept."""


@dataclass(frozen=True, slots=True)
class Secret:
    """The keys of a Secret that are used, decoded. Its `repr` shows none of it.

    Attributes:
        content: Values by key.
        problems: Why a value was not taken, by key; the value itself is not kept.
    """

    name: str
    content: Mapping[str, bytes] = field(repr=False)
    problems: Mapping[str, str] = field(default_factory=lambda: NO_PROBLEMS)

    def text(self, key: str, default: str | None = None) -> str:
        """Return a value as text; a line feed at its end, as editors leave it, is not part of it.

        Args:
            key: One of `LIMITS`.
            default: What an absent or empty value stands for; None if there has to be one.

        Raises:
            Fault: `CredentialsMissing`: the key is absent or empty and has no default, is too long,
                is no text, or contains what nobody types.
        """
        found = self.content.get(key, b"")
        if problem := self.problems.get(key) or _too_long(key, len(found)):
            raise missing(self.name, f"key {key} {problem}")
        try:
            value = decoded(key, found).rstrip("\r\n")
        except ValueError as error:
            raise missing(self.name, f"key {key} {error}") from None
        if mistake := mistake_in(value) if key in CODED else "":
            raise missing(self.name, f"key {key} {mistake}")
        if value:
            return value
        if default is None:
            raise missing(self.name, f"key {key} is {'empty' if key in self.content else 'absent'}")
        return default

    @property
    def size(self) -> int:
        """Count the bytes of its values."""
        return sum(map(len, self.content.values()))


def decode_secret(name: str, data: object) -> Secret:
    """Decode the keys that are used from `data` as the API server sends it.

    A value that is too long is refused by its length alone, before it is decoded.

    Args:
        name: Of the Secret.
        data: Base64 text by key; None if there is none, and anything at all from a broken server.
    """
    content, problems = dict[str, bytes](), dict[str, str]()
    values: Mapping[object, object] = data if isinstance(data, Mapping) else {}
    for key in LIMITS.keys() & values.keys():
        value = _decoded(key, values[key])
        if isinstance(value, str):
            problems[key] = value
        else:
            content[key] = value
    return Secret(name, content, problems or NO_PROBLEMS)


def digest_of(namespace: str, secret: Secret, key: bytes) -> bytes:
    """Digest what is used of a Secret that people bring.

    Args:
        namespace: Where it is. Equal passwords of two Secrets have different digests.
        secret: What was read of it.
        key: Only the operator has it, so that nobody else can test guesses.
    """
    parts = [namespace.encode(), secret.name.encode()]
    for used in BROUGHT:
        if used in secret.content:
            parts += [used.encode(), secret.content[used]]
        elif used in secret.problems:
            parts += [used.encode(), b"!", secret.problems[used].encode()]
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(key, framed, "sha256")


def _decoded(key: str, encoded: object) -> bytes | str:
    """Decode one value, or say what is wrong with it."""
    if not isinstance(encoded, str):
        return "must be base64"
    padding = encoded[-2:].count("=")
    if problem := _too_long(key, len(encoded) * 3 // 4 - padding):
        return problem
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return "must be base64"


def _too_long(key: str, size: int) -> str:
    limit = LIMITS[key]
    return f"has {size} bytes, and {limit} are the most" if size > limit else ""


def origin_of(secret: Secret | None) -> str:
    """Digest the refresh token that a tenant's Secret holds; empty if it holds none."""
    token = secret.text("refresh-token", "") if secret else ""
    return sha256(token.encode()).hexdigest() if token else ""


def missing(name: str, problem: str) -> Fault:
    """Make the fault that says what is wrong with a Secret; never what is in it."""
    return Fault(
        Reason.CREDENTIALS_MISSING, problem, facts={"secret": f"Secret {name}", "problem": problem}
    )


@dataclass(frozen=True, slots=True)
class Expiry:
    """When a Secret in use ceases to be good, as somebody noted on it.

    Attributes:
        move: Who must act then.
        moment: Aware.
    """

    namespace: str
    name: str
    move: Move
    moment: datetime


def read_moment(text: str) -> datetime | None:
    """Read a date (its first moment in UTC), or a time as RFC 3339 has it; None if it is neither."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
