"""The login of a Sender: a user name that names it, and a password that is derived, not stored.

The password is an HMAC over the Sender's uid and its `loginRevision`. So nothing about logins is kept
but the key, a deleted Sender is out at once, and a namesake that is created later has another password.
"""

import base64
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from mailbox_operator.decide.texts.shapes import NAMESPACE, SENDER_NAME

MOST_KEYS: Final = 2
"""The current key and the one before, while keys are rotated."""


@dataclass(frozen=True, slots=True)
class UserName:
    """The user name of a Sender's login; a namespace has no dot, so the first one ends it."""

    namespace: str
    sender: str

    def __str__(self) -> str:
        return f"{self.namespace}.{self.sender}"


def parse_user_name(text: str) -> UserName | None:
    """Read a user name; None where no Sender can have it."""
    namespace, _, sender = text.partition(".")
    if not NAMESPACE.fits(namespace) or not SENDER_NAME.fits(sender):
        return None
    return UserName(namespace, sender)


def password_of(key: bytes, uid: str, revision: int) -> str:
    """Derive the password of a Sender: 256 bits in 43 URL-safe characters, the first no hyphen.

    Programs take a word that begins with a hyphen for an option.

    Args:
        key: Random, 32 bytes.
        uid: `metadata.uid` of the Sender.
        revision: Its `spec.loginRevision`.

    Source:
        RFC 2104 for HMAC, RFC 4648 section 5 for the alphabet.
    """
    mac = hmac.new(key, f"{uid}/{revision}".encode(), sha256)
    return _not_an_option(base64.urlsafe_b64encode(mac.digest()).decode().rstrip("="))


def is_password(keys: Sequence[bytes], uid: str, revision: int, offered: str) -> bool:
    """Say whether a password is this Sender's: of its present revision, or of the one before.

    One that was written when passwords could begin with a hyphen still is. Every password that is
    right is compared with, whichever matches, so the time tells nothing.

    Args:
        keys: The current key first, then the one before; more than two are not looked at.
        uid: `metadata.uid` of the Sender.
        revision: Its `spec.loginRevision`.
        offered: What somebody logs in with.
    """
    given = _not_an_option(offered).encode("utf-8", "replace")
    found = [
        hmac.compare_digest(password_of(key, uid, each).encode(), given)
        for key in keys[:MOST_KEYS]
        for each in _accepted(revision)
    ]
    return any(found)


def _accepted(revision: int) -> tuple[int, ...]:
    return (revision, revision - 1) if revision > 0 else (revision,)


def _not_an_option(password: str) -> str:
    return f"A{password[1:]}" if password.startswith("-") else password
