"""Fakes of the project's own ports, and of nothing else."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.declared.secret import Secret, missing
from mailbox_operator.decide.failure.fault import Postponed
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Phase

PLATFORM = "platform"


@dataclass(slots=True)
class FakeSecrets:
    """Secrets by namespace and name, as text; those of the operator lie in `platform`.

    Attributes:
        reads: What was asked for, in order.
    """

    content: dict[tuple[str, str], Mapping[str, str]] = field(default_factory=dict)
    reads: list[tuple[str, str]] = field(default_factory=list)

    async def read(self, namespace: str, name: str) -> Secret:
        """Return a Secret, or raise `CredentialsMissing`."""
        self.reads.append((namespace, name))
        found = self.content.get((namespace, name))
        if found is None:
            raise missing(name, "there is none of that name")
        return Secret(name, {key: value.encode() for key, value in found.items()})

    async def read_platform(self, name: str) -> Secret:
        """Return a Secret of the operator's own."""
        return await self.read(PLATFORM, name)


@dataclass(slots=True)
class FakeGrants:
    """Grants by Mailbox uid.

    Attributes:
        refuses: Whether none that somebody gives is kept.
        is_deaf_after_refusal: Whether none is read after that either.
        after: Names of the consents that those which were given come after.
    """

    content: dict[str, StoredGrant] = field(default_factory=dict)
    refuses: bool = False
    is_deaf_after_refusal: bool = False
    after: list[str] = field(default_factory=list)
    _refused: bool = False

    async def read(self, uid: str) -> StoredGrant | None:
        """Return the grant of a Mailbox; None if there is none."""
        if self._refused and self.is_deaf_after_refusal:
            raise Postponed("0")
        return self.content.get(uid)

    async def rotate(self, mailbox: Mailbox, grant: StoredGrant) -> None:
        """Keep a newer token."""
        self.content[mailbox.uid] = grant

    async def accept(self, mailbox: Mailbox, grant: StoredGrant, after: str) -> None:
        """Keep a grant that somebody just gave."""
        if self.refuses:
            self._refused = True
            raise Postponed("500")
        self.after.append(after)
        self.content[mailbox.uid] = grant


@dataclass(slots=True)
class FakePhases:
    """Phases, as they end.

    Attributes:
        told: Their names; of one that failed, `failed` behind it.
        servers: Where each was, `none` if it was told nowhere.
    """

    told: list[str] = field(default_factory=list)
    servers: list[str] = field(default_factory=list)

    @contextmanager
    def phase(self, phase: Phase, server: Endpoint | None = None, /) -> Iterator[None]:
        """Take note of a phase."""
        ended = f"{phase} failed"
        try:
            yield
            ended = phase.value
        finally:
            self.told.append(ended)
            self.servers.append(str(server or "none"))


@dataclass(slots=True)
class FakeClock:
    """A clock that a test sets."""

    seconds: float = 0.0

    def __call__(self) -> float:
        """Tell the seconds since some moment."""
        return self.seconds
