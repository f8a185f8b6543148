"""What a consent needs, in small: fakes of its ports, and a person who walks through it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import count
from typing import Any, Final

from mailbox_operator.consent.flow import Arrival, begin, finish
from mailbox_operator.consent.ports import ConsentPorts
from mailbox_operator.consent.visitors import Visitor
from mailbox_operator.decide.declared.infrastructure import ReadableInfrastructure
from mailbox_operator.decide.declared.mailbox import Mailbox
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.authorization import AuthorizationRequest, Departure, Pending
from mailbox_operator.decide.grants.begun import Begun, surplus
from mailbox_operator.decide.machine.case import Case
from mailbox_operator.decide.machine.claim import Claim
from mailbox_operator.decide.machine.consent import LIFETIME, Redeemed, Refused, Trouble
from mailbox_operator.decide.machine.machine import Proof
from mailbox_operator.decide.machine.ownership import Ownership
from mailbox_operator.decide.sharing.shared_rate import SharedRate
from mailbox_operator.decide.words import Infrastructure, Provider
from unit.fakes import FakeGrants, FakeSecrets
from unit.make import NOON, infrastructure, mailbox, oauth_spec

BROWSER: Final = "b" * 43
OWNER: Final = Visitor("192.0.2.1", BROWSER)
JANE: Final = mailbox(oauth_spec(infrastructure=Infrastructure.MANAGED, secret=None))
GOOD: Final = Redeemed(
    refresh_token="refresh",
    access_token="access",
    scope="openid email https://mail.google.com/",
    account="jane@acme.example",
    identity="sub-1",
    client="app",
)


@dataclass(slots=True)
class FakeMailboxes:
    """Mailboxes by uid.

    Attributes:
        stands_in_the_way: Why none can use its infrastructure.
        claimed: Whether another Mailbox holds the address.
        shared: Accounts that other mailboxes live by.
    """

    content: dict[str, Mailbox] = field(default_factory=dict)
    stands_in_the_way: Fault | None = None
    claimed: bool = False
    shared: set[str] = field(default_factory=set)

    def find(self, uid: str) -> Mailbox | None:
        """Return the Mailbox of a uid."""
        return self.content.get(uid)

    def infrastructure_for(self, mailbox: Mailbox) -> ReadableInfrastructure | None:
        """Return an infrastructure, or raise what stands in the way."""
        if self.stands_in_the_way is not None:
            raise self.stands_in_the_way
        return infrastructure() if mailbox.used else None

    def claimable(self, mailbox: Mailbox, ownership: Ownership) -> Claim:
        """Say that the address is free, or another's."""
        if self.claimed and ownership is Ownership.PROVED:
            raise Fault(Reason.ALREADY_CLAIMED)
        return Claim.TAKEN

    def shares(self, provider: Provider, account: str, besides: str) -> bool:
        """Say whether others live by an account."""
        return account in self.shared


@dataclass(slots=True)
class FakeRequests:
    """Pending requests by state; used ones are remembered."""

    content: dict[str, Pending] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)

    async def put(self, pending: Pending, now: datetime, most: int) -> None:
        """Keep a request, and drop what is too many."""
        self.content[pending.request.state] = pending
        begun = [
            Begun(state, *each.origin.split("/"))
            for state, each in self.content.items()
            if each.uid == pending.uid
        ]
        for dropped in surplus(begun, most):
            del self.content[dropped.name]
        if pending.request.state not in self.content:
            raise Refused(Trouble.TOO_MANY_ATTEMPTS, pending.uid)

    async def find(self, state: str) -> Pending:
        """Return the request that a state belongs to."""
        if state in self.used:
            raise Refused(Trouble.LINK_USED)
        if state not in self.content:
            raise Refused(Trouble.LINK_EXPIRED)
        return self.content[state]

    async def use(self, pending: Pending) -> None:
        """Use a request up."""
        if pending.request.state in self.used:
            raise Refused(Trouble.LINK_USED)
        self.used.add(pending.request.state)


@dataclass(slots=True)
class FakeAuthorizer:
    """A provider.

    Attributes:
        redeemed: What a code is exchanged for, or why it is not.
        disproof: Why the mail server refuses the token, if it does.
        ownership: What a login proves.
        revoked: Tokens that were given back.
        meanwhile: Happens while a code is exchanged.
        codes: Codes that were exchanged, each with the request it was brought for.
    """

    redeemed: Redeemed | Exception = GOOD
    disproof: Fault | None = None
    ownership: Ownership = Ownership.PROVED
    revoke_fails: bool = False
    revoked: list[str] = field(default_factory=list)
    meanwhile: Callable[[], None] = lambda: None
    codes: list[tuple[str, AuthorizationRequest]] = field(default_factory=list)

    async def departure(self, case: Case, request: AuthorizationRequest) -> Departure:
        """Say where the browser is to go."""
        chosen = "choose" if request.choose_account else ""
        url = f"https://provider.example/?state={request.state}&prompt={chosen}"
        return Departure(url, "app")

    async def redeem(self, case: Case, code: str, request: AuthorizationRequest) -> Redeemed:
        """Exchange a code."""
        self.codes.append((code, request))
        self.meanwhile()
        if isinstance(self.redeemed, Exception):
            raise self.redeemed
        return self.redeemed

    async def prove(self, case: Case, redeemed: Redeemed) -> Proof:
        """Log in."""
        if self.disproof is not None:
            raise self.disproof
        return Proof(ownership=self.ownership)

    async def revoke(self, token: str) -> None:
        """End a grant."""
        self.revoked.append(token)


@dataclass(slots=True)
class FakeAudience:
    """Remembers what it is told."""

    told: list[str] = field(default_factory=list)

    def began(self, mailbox: Mailbox) -> None:
        """A browser was sent out."""
        self.told.append("began")

    def ended(self, mailbox: Mailbox, outcome: Fault | None) -> None:
        """It came back."""
        self.told.append(outcome.reason if outcome else "Connected")

    def refused(self, trouble: Trouble) -> None:
        """A step was not taken."""
        self.told.append(trouble)


@dataclass(slots=True)
class Stage:
    """All of it, with one Managed Google mailbox that waits for consent."""

    mailboxes: FakeMailboxes = field(default_factory=lambda: FakeMailboxes({JANE.uid: JANE}))
    requests: FakeRequests = field(default_factory=FakeRequests)
    provider: FakeAuthorizer = field(default_factory=FakeAuthorizer)
    secrets: FakeSecrets = field(default_factory=FakeSecrets)
    grants: FakeGrants = field(default_factory=FakeGrants)
    audience: FakeAudience = field(default_factory=FakeAudience)
    kept: set[str] = field(default_factory=set)
    turns: SharedRate = field(default_factory=lambda: SharedRate(1000))
    returns: SharedRate = field(default_factory=lambda: SharedRate(1000))
    now: datetime = NOON
    _drawn: Iterator[int] = field(default_factory=count)

    @property
    def ports(self) -> ConsentPorts:
        """Fit the ports."""
        return ConsentPorts(
            mailboxes=self.mailboxes,
            requests=self.requests,
            authorizers={Provider.GOOGLE: self.provider, Provider.OUTLOOK: self.provider},
            secrets=self.secrets,
            grants=self.grants,
            audience=self.audience,
            starts=lambda path: self.turns.take(path, self.now.timestamp()),
            returns=lambda path: self.returns.take(path, self.now.timestamp()),
            draw=lambda: f"{next(self._drawn):043}",
            now=lambda: self.now,
            redirect_uri="https://mailboxes.example/callback",
            links=3,
            keeps=self.keeps,
        )

    async def keeps(self, _provider: Provider, account: str) -> bool:
        """Say whether a grant is kept for a Mailbox that is gone."""
        if "nobody answers" in self.kept:
            raise Postponed("0")
        return account in self.kept

    def change(self, **fields: Any) -> None:
        """Change the mailbox."""
        self.mailboxes.content[JANE.uid] = replace(self.mailboxes.content[JANE.uid], **fields)

    async def begin(self, visitor: Visitor = OWNER, *, choose: bool = False) -> str:
        """Click the button; return the state that the browser is sent out with."""
        url = await begin(JANE.uid, visitor, self.ports, choose=choose)
        return url.partition("state=")[2].partition("&")[0]

    async def finish(self, state: str, browser: str = BROWSER, **back: str) -> Arrival:
        """Come back from the provider, by default with a code."""
        query: Mapping[str, str] = {"state": state, **(back or {"code": "code"})}
        return await finish(query, replace(OWNER, browser=browser), self.ports)

    async def walk(self) -> Arrival:
        """Go all the way."""
        return await self.finish(await self.begin())

    def wait(self, time: timedelta = LIFETIME) -> None:
        """Let time pass."""
        self.now += time
