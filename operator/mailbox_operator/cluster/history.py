"""Notices that the API server goes back in time: etcd was restored from a backup.

What is known of the cluster is then ahead of what is there, and every view of it looks old. A new
process lists all of it again, and what statuses say is taken up from there.
"""

from dataclasses import dataclass

from mailbox_operator.cluster.versions import older


class RewoundError(Exception):
    """What is there is older than what was read before; this process has to start again."""

    def __init__(self, what: str, version: str, before: str) -> None:
        super().__init__(
            f"{what} has resourceVersion {version} after {before}: etcd was restored, so all of the"
            " cluster has to be read again"
        )


@dataclass(slots=True)
class History:
    """The versions of one object, which are read one after the other.

    Attributes:
        what: Names the object.
        version: The latest one.
    """

    what: str
    version: str = ""

    def note(self, version: str) -> None:
        """Take in the version that was just read, or written.

        Raises:
            RewoundError: A newer one was read before.
        """
        before, self.version = self.version, version
        compare(self.what, version, before)


def compare(what: str, version: str, before: str) -> None:
    """Compare the version of something with one that was known before it was asked for.

    Raises:
        RewoundError: It is older.
    """
    if older(version, before):
        raise RewoundError(what, version, before)
