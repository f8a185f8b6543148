"""Says how mail of a Mailbox goes out: by the platform's relay, by password, or by an access token."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol

from mailbox_operator.connect.network.trust import Trust
from mailbox_operator.connect.ports import AccessRecords, Gate, open_gate
from mailbox_operator.connect.smtp.credentials import Bearer
from mailbox_operator.connect.smtp.proof import Target
from mailbox_operator.connect.smtp.signin import SignIn
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.microsoft_logins import is_at_microsoft
from mailbox_operator.decide.machine.case import Case

AT_A_RELAY: Final = 5


class Passwords(Protocol):
    """Knows how mailboxes are signed in to by password."""

    async def access(self, case: Case) -> SignIn:
        """Find out for one; raises `Fault` or `Postponed`."""


class Relay(Protocol):
    """Knows how the platform's relay is signed in to."""

    async def access(self, case: Case) -> SignIn | None:
        """Find out for a mailbox; None where there is no relay for it. Raises as above."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way out, before anybody is asked for credentials.

    Attributes:
        name: What it is called.
        version: What it depends on; a session is no good once this is another.
        find: Finds out how it is signed in to; raises `Fault` or `Postponed`.
        sessions: How many are held for it at the most.
    """

    name: tuple[str, ...]
    version: tuple[object, ...]
    find: Callable[[], Awaitable[SignIn]]
    sessions: int = 1


class Ways(Protocol):
    """Chooses the way of each Mailbox."""

    def way(self, case: Case) -> Way:
        """Choose it."""


@dataclass(frozen=True, slots=True)
class MailWays:
    """Chooses the way of each Mailbox.

    Attributes:
        now: Seconds since 1970 (UTC).
        at_a_relay: Sessions at one relay; Microsoft's servers allow a login three connections in all.
    """

    passwords: Passwords
    relay: Relay
    records: AccessRecords
    trust: Trust
    now: Callable[[], float]
    at_a_relay: int = AT_A_RELAY

    def way(self, case: Case) -> Way:
        """Choose the way of a Mailbox."""
        infrastructure, mailbox, relay = case.infrastructure, case.mailbox, case.relay
        if infrastructure is not None and relay is not None:
            name, version = ("relay", infrastructure.uid), (infrastructure.generation,)
            most = 1 if is_at_microsoft(relay.endpoint.host) else self.at_a_relay
            return Way(name, version, lambda: self._by_relay(case), most)
        name, inputs = ("mailbox", mailbox.uid), (mailbox.generation, case.version)
        if not case.spec.access.oauth:
            return Way(name, inputs, lambda: self.passwords.access(case))
        return Way(name, inputs, lambda: self._by_token(case))

    async def _by_relay(self, case: Case) -> SignIn:
        access = await self.relay.access(case)
        assert access is not None, "a case with a relay has an access to it"
        return access

    async def _by_token(self, case: Case) -> SignIn:
        """Read the token of a mailbox.

        Raises:
            Postponed: The operator keeps none for it yet, or that one has expired, or is of before the
                verdict that stands.
        """
        record = await self.records.read(case.mailbox.uid)
        if record is None or record.expires_at <= self.now() or record.version != case.version:
            raise Postponed("the operator has no valid access token for it now")
        tenant = case.mailbox.key.namespace
        target = Target(record.endpoint, self.trust.context(), tenant, trusted=True)
        credential = Bearer(record.login, record.token, record.app_only)
        return SignIn([target], credential, _without_gate, _as_it_is)


def _without_gate() -> Gate:
    return open_gate


def _as_it_is(fault: Fault) -> Fault:
    return fault
