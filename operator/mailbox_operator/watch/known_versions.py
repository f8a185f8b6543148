"""Knows which version there is of each thing that objects depend on, and what is used of it."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from mailbox_operator.watch.refs import Ref, SecretPlace, Topic

ABSENT: Final = "absent"


@dataclass(slots=True)
class KnownVersions:
    """The latest version of each Secret and grant, and a digest of what is used of a Secret."""

    _versions: dict[Ref, str] = field(default_factory=dict)
    _digests: dict[Ref, tuple[str, bytes]] = field(default_factory=dict, repr=False)

    def note(self, ref: Ref, version: str) -> bool:
        """Take in a version, empty if it is gone; say whether that is another one than before."""
        if self.of(ref) == version:
            return False
        if version:
            self._versions[ref] = version
        else:
            self._versions.pop(ref, None)
            self.forget_digest(ref)
        return True

    def of(self, ref: Ref) -> str:
        """Return a version; empty if it is not known."""
        return self._versions.get(_stored(ref), "")

    def secrets(self, namespace: str) -> Iterator[SecretPlace]:
        """Return the Secrets of a namespace that are known, or of all, where it is empty."""
        for topic, *place in self._versions:
            if topic is Topic.SECRET and namespace in ("", place[0]):
                yield place[0], place[1]

    def digest(self, ref: Ref, version: str, digest: bytes) -> None:
        """Take in the digest of what is used of one version of a Secret."""
        self._digests[ref] = (version, digest)

    def unreadable(self, ref: Ref) -> None:
        """Take note that the present version of a Secret cannot be read: nothing stands for it."""
        if version := self.of(ref):
            self.digest(ref, version, b"")

    def forget_digest(self, ref: Ref) -> None:
        """Forget what is used of a Secret."""
        self._digests.pop(ref, None)

    def digest_of(self, ref: Ref) -> bytes | None:
        """Return what stands for the contents of a dependency; None for a Secret not read yet.

        Empty for one that cannot be read.
        """
        known = self.of(ref)
        if not known or ref[0] is not Topic.SECRET:
            return (known or ABSENT).encode()
        version, digest = self._digests.get(ref, ("", b""))
        return digest if version == known else None

    def version_of(self, refs: Iterable[Ref], offer: Collection[str]) -> str:
        """Digest versions, and that of an offer; opaque, and empty where there is none of them."""
        versions = [*(self.of(ref) or ABSENT for ref in refs), *offer]
        return sha256("\n".join(versions).encode()).hexdigest()[:16] if versions else ""

    def contents_of(self, refs: Iterable[Ref], offer: Collection[str]) -> bytes:
        """Digest what is used of Secrets, and an offer; empty where one is not read yet."""
        digests = [self.digest_of(ref) for ref in refs]
        if not digests or not all(digests):
            return b""
        whole = sha256(b"".join(sha256(each).digest() for each in digests if each))
        for version in offer:
            whole.update(version.encode())
        return whole.digest()


def _stored(ref: Ref) -> Ref:
    """Return where a version is kept: a Secret that is written here is a Secret as any other."""
    return (Topic.SECRET, *ref[1:]) if ref[0] is Topic.BINDING else ref
