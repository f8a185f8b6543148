"""Spares the platform's relays: few sessions at once, and an answer is remembered for a while."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final

from mailbox_operator.connect.smtp.credentials import Password
from mailbox_operator.decide.declared.secret import Secret
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.sharing.memory import Memory
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.places import Places

CHECKS_AT_ONCE: Final = 5
RELAY_PATIENCE_SECONDS: Final = 15.0
ACCEPTED_SECONDS: Final = 600
SENDER_REFUSED_SECONDS: Final = 60
LOGIN_REFUSED_SECONDS: Final = 3600
MOST_KEPT_SENDERS: Final = 50_000
MOST_LOGINS: Final = 1_000

REFUSED_LOGIN: Final = frozenset({Reason.INVALID_CREDENTIALS, Reason.APP_PASSWORD_REQUIRED})


@dataclass(frozen=True, slots=True)
class RelayLogin:
    """A relay as the platform declares it now; a change of anything makes it another one.

    Attributes:
        declared: Which ManagedInfrastructure declares it, and its generation.
        secrets: Digest of the login and of the authority that is trusted.
    """

    endpoint: Endpoint
    declared: str
    secrets: str


def relay_login(
    endpoint: Endpoint, declared: str, credential: Password, authority: Secret | None
) -> RelayLogin:
    """Name a login; what it is made of cannot be read from the name."""
    trusted = sorted(authority.content.items()) if authority else []
    made_of = repr((credential.username, credential.password, trusted))
    digest = sha256(made_of.encode("utf-8", "surrogatepass")).hexdigest()
    return RelayLogin(endpoint, declared, digest)


@dataclass(slots=True)
class Relays:
    """Lets few ask a relay at once, fair to every namespace, and none without need.

    That a sender is accepted holds for ten minutes, that it is refused for one. A login that was
    refused is not offered again for a sender until it changes, or the infrastructure's own check,
    which asks in any case, is successful.
    """

    monotonic: Callable[[], float]
    places: Places = field(default_factory=lambda: Places(CHECKS_AT_ONCE, RELAY_PATIENCE_SECONDS))
    _answers: Memory[tuple[RelayLogin, str], Fault | bool] = field(
        default_factory=lambda: Memory(MOST_KEPT_SENDERS, MOST_KEPT_SENDERS), repr=False
    )
    _refused: Memory[RelayLogin, Fault] = field(
        default_factory=lambda: Memory(MOST_LOGINS, MOST_LOGINS), repr=False
    )

    async def ask(
        self,
        login: RelayLogin,
        sender: str | None,
        tenant: str,
        prove: Callable[[], Awaitable[None]],
        *,
        insists: bool = False,
    ) -> None:
        """Have a relay asked about a sender, unless its answer is known.

        Args:
            login: The relay.
            sender: Who wants to send; None for the infrastructure's own check.
            tenant: On whose behalf.
            prove: Asks.
            insists: Whether somebody asked for this attempt, as after the sender was allowed.

        Raises:
            Fault: What the relay said, now or before.
            Postponed: Others are being served; nothing was learned.
        """
        if insists and sender is not None and self._is_refused(login, sender):
            self._answers.forget((login, sender))
        if sender is None:
            async with self.places.one(tenant):
                await self._prove(login, None, prove)
        elif not self._known(login, sender):
            async with self.places.one(tenant):
                if not self._known(login, sender):  # another may have asked meanwhile
                    await self._prove(login, sender, prove)

    def proved(self, declared: str) -> None:
        """Forget that logins were refused: another replica has checked the infrastructure.

        Args:
            declared: The uid of the ManagedInfrastructure.
        """
        self._refused.forget_all(lambda login: login.declared.partition("/")[0] == declared)

    def _is_refused(self, login: RelayLogin, sender: str) -> bool:
        return isinstance(self._answers.recall((login, sender), self.monotonic()), Fault)

    def _known(self, login: RelayLogin, sender: str) -> bool:
        """Say whether a sender is known to be accepted.

        Raises:
            Fault: It is known to be refused.
        """
        now = self.monotonic()
        answer = self._refused.recall(login, now) or self._answers.recall((login, sender), now)
        if isinstance(answer, Fault):
            raise copied(answer)
        return bool(answer)

    async def _prove(
        self, login: RelayLogin, sender: str | None, prove: Callable[[], Awaitable[None]]
    ) -> None:
        try:
            await prove()
        except Fault as fault:
            self._refuses(login, sender, fault)
            raise
        self._refused.forget(login)
        if sender is not None:
            now = self.monotonic()
            self._answers.keep((login, sender), True, now + ACCEPTED_SECONDS, now)  # noqa: FBT003

    def _refuses(self, login: RelayLogin, sender: str | None, fault: Fault) -> None:
        """Remember a refusal, and no passing trouble."""
        now = self.monotonic()
        if fault.reason in REFUSED_LOGIN:
            self._refused.keep(login, copied(fault), now + LOGIN_REFUSED_SECONDS, now)
        elif sender is not None and fault.reason is Reason.SENDER_NOT_ALLOWED:
            self._answers.keep((login, sender), copied(fault), now + SENDER_REFUSED_SECONDS, now)


def copied(fault: Fault) -> Fault:
    """Return the same fault without its traceback, which would keep an attempt in memory."""
    return Fault(
        fault.reason,
        fault.detail,
        facts=fault.facts,
        retry_after=fault.retry_after,
        certain=fault.certain,
        finding=fault.finding,
    )
