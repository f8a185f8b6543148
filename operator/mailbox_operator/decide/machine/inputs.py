"""Whether the inputs of a verdict (Secrets, ManagedInfrastructure) are the ones of another.

`status.secretVersion` is `<versions>.<seal>`. The first part tells that nothing at all was written
since, without reading anything. The second part tells that what is used of the Secrets is the same,
however often they were written.

A reader of a status must not be able to test guesses of a password with it. So what is sealed is
a digest made with a key that only the operator has, and `versions`, which every write to a Secret
changes, goes into it as a salt: two statuses never tell that two passwords are equal.
"""

from hashlib import sha256
from typing import Final

LENGTH: Final = 16


def stamp(versions: str, contents: bytes) -> str:
    """Return what a status says of the inputs it was concluded from.

    Args:
        versions: Digest of their versions; empty if there are none.
        contents: Keyed digest of what is used of them; empty if not all of them were read.
    """
    return f"{versions}.{_seal(versions, contents)}" if versions and contents else versions


def is_stamped_by(stamped: str, versions: str, contents: bytes) -> bool:
    """Say whether a status was concluded from these inputs."""
    then, _, seal = stamped.partition(".")
    return then == versions or bool(seal and contents and seal == _seal(then, contents))


def is_sealed(stamped: str) -> bool:
    """Say whether reading the inputs can tell that they are the same as then."""
    return "." in stamped


def versions_of(stamped: str) -> str:
    """Return the digest of the versions of the inputs then."""
    return stamped.partition(".")[0]


def _seal(versions: str, contents: bytes) -> str:
    return sha256(versions.encode() + contents).hexdigest()[:LENGTH]
