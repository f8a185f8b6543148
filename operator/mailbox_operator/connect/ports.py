"""What connectors ask of the rest of the process: Secrets, grants, a turn, and who notes the phases."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Final, Protocol

from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.refusals.accounts import TriedLogin
from mailbox_operator.decide.refusals.ledger import Held, Refusals
from mailbox_operator.decide.refusals.refused import Answer, End
from mailbox_operator.decide.refusals.under_way import Permit
from mailbox_operator.decide.sending.accessrecord import AccessRecord
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Phase

Tenure = Callable[[], None]
"""Asked right before a login and before a token is fetched; it costs nothing.

It raises `Postponed` where another replica may lead by now, because this one stood still.
"""


def unquestioned() -> None:
    """Take no other replica into account."""


class Secrets(Protocol):
    """Reads Secrets at the moment they are needed; none is kept."""

    async def read(self, namespace: str, name: str) -> Secret:
        """Return a Secret.

        Raises:
            Fault: `CredentialsMissing`: there is none of that name.
            Postponed: The cluster did not answer.
        """

    async def read_platform(self, name: str) -> Secret:
        """Return a Secret of the operator's own namespace; raises as `read` does."""


class Grants(Protocol):
    """Keeps grants, one per Mailbox uid, where only the operator reads them."""

    async def read(self, uid: str) -> StoredGrant | None:
        """Return the grant of a Mailbox; None if there is none.

        Raises:
            Postponed: The cluster did not answer.
        """

    async def rotate(self, mailbox: ReadableMailbox, grant: StoredGrant) -> None:
        """Keep a newer token of the chain, unless what it replaces was replaced meanwhile.

        One that cannot be written now is not lost.
        """


class AccessRecords(Protocol):
    """Knows the access tokens that the operator keeps valid, one per Mailbox uid."""

    async def read(self, uid: str) -> AccessRecord | None:
        """Return the record of a Mailbox as it is now; None if there is none.

        It is asked once for each session.

        Raises:
            Postponed: The cluster did not answer.
        """


class LoginLedger(Protocol):
    """Counts password logins, so that no more are refused than may be."""

    @property
    def refusals(self) -> Refusals:
        """What is remembered."""

    @property
    def monotonic(self) -> Callable[[], float]:
        """Tells the seconds that refusals are remembered by."""

    async def begin(self, digest: Callable[[], TriedLogin]) -> Permit | Held:
        """Count a login as under way, once there is room for it; or say that there is none for long.

        It waits without end; the caller sets a limit.

        Args:
            digest: Digests the login, with the key that counts when it is called.
        """

    def end(self, permit: Permit, end: End, answer: Answer | None) -> None:
        """Count a login as over."""


@dataclass(slots=True)
class Trial:
    """How far a login came.

    Attributes:
        sent: Whether the credentials are on their way.
        accepted: Whether the server took them.
    """

    sent: bool = False
    accepted: bool = False


Gate = Callable[[str], AbstractAsyncContextManager[Trial]]
"""What a session passes that is to log in, and is over when the block ends.

It takes the address that was dialled, and raises `Fault` or `Postponed` where the login has to wait.
"""


def open_gate(_address: str) -> AbstractAsyncContextManager[Trial]:
    """Let every login pass."""
    return nullcontext(Trial())


class Phases(Protocol):
    """Takes note of the phases of an attempt, those that fail included."""

    def phase(
        self, phase: Phase, server: Endpoint | None = None, /
    ) -> AbstractContextManager[None]:
        """Take note of a phase, which lasts as long as the block; the server is whom it is about."""


@dataclass(frozen=True, slots=True)
class Unnoticed:
    """Takes note of no phase."""

    def phase(self, *_: object) -> AbstractContextManager[None]:
        """Let the block be."""
        return nullcontext()


NO_PHASES: Final = Unnoticed()
