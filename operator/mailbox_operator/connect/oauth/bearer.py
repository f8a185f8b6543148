"""Proves logins by access token, whoever issued it: cached, scopes compared, identity pinned."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from time import time
from typing import Final

from mailbox_operator.connect.oauth.tokenexchange import TokenExchange, TokenExchanges
from mailbox_operator.connect.oauth.tokens import AccessToken
from mailbox_operator.connect.ports import (
    NO_PHASES,
    Gate,
    Phases,
    Tenure,
    Trial,
    open_gate,
    unquestioned,
)
from mailbox_operator.connect.smtp.credentials import Bearer
from mailbox_operator.connect.smtp.proof import Smtp, Target
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.failure.token_errors import missing_scopes
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.consent import Redeemed
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.sending.accessrecord import AccessRecord
from mailbox_operator.decide.sharing.memory import Memory
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.texts.addresses import is_same_mailbox
from mailbox_operator.decide.words import Phase

EXPIRY_MARGIN_SECONDS: Final = 120
MOST_TOKENS: Final = 50_000
MOST_TOKEN_BYTES: Final = 67_108_864
REFUSED_REASONS: Final = frozenset(
    {Reason.GRANT_REVOKED, Reason.IDENTITY_MISMATCH, Reason.DELEGATION_NOT_GRANTED}
)
WRONG_USER_OR_SCOPE: Final = "400"


@dataclass(frozen=True, slots=True)
class TokenSource:
    """How one mailbox gets its tokens.

    Attributes:
        fetch: Asks the token endpoint.
        required: Scopes without which the login cannot work.
        app_only: The token stands for an app, not for a person who consented.
    """

    fetch: Callable[[], TokenExchange]
    required: Sequence[str]
    app_only: bool = False


@dataclass(frozen=True, slots=True)
class KeptToken:
    """A token that is good as long as the mailbox's inputs are of this version.

    Attributes:
        expires: When it does, by the monotonic clock.
    """

    version: str
    token: AccessToken
    expires: float


@dataclass(slots=True)
class Bearers:
    """Proves logins by token, and keeps tokens in memory until shortly before they expire.

    Attributes:
        tenure: Asked before each token is fetched, and before each login but a consent's own, which any
            replica makes.
        exchanges: What is under way at the token endpoints.
        time: Seconds since 1970 (UTC).
    """

    smtp: Smtp
    monotonic: Callable[[], float]
    on_refreshed: Callable[[Case], None]
    phases: Phases = NO_PHASES
    tenure: Tenure = unquestioned
    exchanges: TokenExchanges = field(default_factory=TokenExchanges)
    time: Callable[[], float] = time
    _kept: Memory[str, KeptToken] = field(
        default_factory=lambda: Memory(MOST_TOKENS, MOST_TOKEN_BYTES), repr=False
    )

    async def prove(self, case: Case, target: Target, source: TokenSource) -> Proof:
        """Log in with a kept token; if that one is refused, once more with a fresh one.

        Raises:
            Fault: Why that is not possible.
            Postponed: Another replica may lead by now, or others are being served.
        """
        kept = self._find(case)
        if kept is not None:
            try:
                return await self._login(
                    case, target, kept.token, self._gate, app_only=source.app_only
                )
            except Fault as fault:
                if (
                    fault.reason not in REFUSED_REASONS
                    and fault.finding is not Finding.TOKEN_REFUSED
                ):
                    raise
                self._kept.forget(case.mailbox.uid)
        token = await self._fetch(case, source)
        return await self._login(case, target, token, self._gate, app_only=source.app_only)

    async def access(
        self, case: Case, endpoint: Endpoint, source: TokenSource, after: float
    ) -> AccessRecord:
        """Return how a gateway signs in: by the kept token if it lasts long enough, else by a new one.

        Args:
            case: The mailbox.
            endpoint: Where the token is good.
            source: How it is fetched.
            after: Seconds since 1970 (UTC); a kept token must expire later.

        Raises:
            Fault: Why there is none.
            Postponed: Another replica may lead by now.
        """
        kept, ahead = self._find(case), self.time() - self.monotonic()
        if kept is None or kept.expires + ahead <= after:
            await self._fetch(case, source)
            kept = self._find(case)
        if kept is None:
            raise Postponed("the new token is about to expire")
        login = kept.token.login or case.spec.address
        expires = kept.expires + ahead
        return AccessRecord(login, kept.token.token, endpoint, expires, source.app_only)

    async def prove_new(self, case: Case, target: Target, redeemed: Redeemed) -> Proof:
        """Log in with a token that somebody has just granted; it is not kept.

        Raises:
            Fault: Why that is not possible.
        """
        token = AccessToken(
            redeemed.access_token,
            0,
            account=redeemed.account,
            identity=redeemed.identity,
            login=redeemed.login,
        )
        _pin(case, token)
        try:
            return await self._login(case, target, token)
        except Postponed as error:  # what was granted must not be lost for that
            facts = {"host": target.endpoint.host, "code": "other sessions go first"}
            raise Fault(Reason.PROVIDER_UNAVAILABLE, str(error), facts=facts) from error

    def _gate(self, address: str) -> AbstractAsyncContextManager[Trial]:
        self.tenure()
        return open_gate(address)

    async def _login(
        self,
        case: Case,
        target: Target,
        token: AccessToken,
        gate: Gate = open_gate,
        *,
        app_only: bool = False,
    ) -> Proof:
        address = case.spec.address
        credential = Bearer(token.login or address, token.token, app_only)
        try:
            await self.smtp.prove(target, credential, address, gate)
        except Fault as fault:
            if token.login and token.identity and fault.reason is Reason.IDENTITY_MISMATCH:
                raise _refused_although_its_own(fault, token) from fault
            if app_only or fault.facts.get("challenge") != WRONG_USER_OR_SCOPE:
                raise
            raise Fault(Reason.IDENTITY_MISMATCH, fault.detail, facts=fault.facts) from fault
        return Proof(target.endpoint, token.identity, _ownership(case, token, app_only=app_only))

    async def _fetch(self, case: Case, source: TokenSource) -> AccessToken:
        self.tenure()
        with self.phases.phase(Phase.TOKEN):
            token = await self.exchanges.finish(case.mailbox.uid, source.fetch())
        self.on_refreshed(case)
        if lacking := missing_scopes(source.required, token.scope):
            raise Fault(Reason.CONSENT_INCOMPLETE, token.scope, facts={"missing": lacking})
        _pin(case, token)
        self._keep(case, token)
        return token

    def _find(self, case: Case) -> KeptToken | None:
        kept = self._kept.recall(case.mailbox.uid, self.monotonic())
        return kept if kept is not None and kept.version == case.version else None

    def _keep(self, case: Case, token: AccessToken) -> None:
        now = self.monotonic()
        expires = now + token.lifetime_seconds - EXPIRY_MARGIN_SECONDS
        kept = KeptToken(case.version, token, expires)
        self._kept.keep(case.mailbox.uid, kept, expires, now, len(token.token))


def _ownership(case: Case, token: AccessToken, *, app_only: bool) -> Ownership:
    """Say what a login by token proves: the platform's app, for a person who is the address's account.

    A tenant's own app proves nothing to others. Neither does another account that the server lets send
    as the address: such a right is given to many, and some servers judge it only after DATA.
    """
    is_own = not token.account or is_same_mailbox(token.account, case.spec.address)
    is_witness = case.spec.managed and not app_only and token.identity != "" and is_own
    return Ownership.PROVED if is_witness else Ownership.UNPROVED


def _refused_although_its_own(fault: Fault, token: AccessToken) -> Fault:
    """Say that no other account is to blame: the provider names the one that logs in."""
    facts = {**fault.facts, "login": token.login}
    finding = Finding.TOKEN_REFUSED
    return Fault(Reason.ACCESS_BLOCKED, fault.detail, facts=facts, finding=finding)


def _pin(case: Case, token: AccessToken) -> None:
    """Refuse a token of another account than the Mailbox's, or than the one it had before."""
    bound = case.mailbox.status.granted_identity
    meant = (case.spec.address, case.spec.account)
    is_meant = any(is_same_mailbox(token.account, each) for each in meant)
    other_account = token.account and not is_meant
    other_identity = bound and token.identity and bound != token.identity
    if other_account or other_identity:
        raise Fault(Reason.IDENTITY_MISMATCH, "the id_token names another account")
