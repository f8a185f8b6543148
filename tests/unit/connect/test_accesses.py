"""The leader keeps a valid access token at hand for each mailbox that is sent through."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from mailbox_operator.connect.oauth.accesses import AGAIN_SECONDS, AccessKeeper
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.case import Case, shown_version
from mailbox_operator.decide.sending.accessrecord import (
    RENEWED_BEFORE_SECONDS,
    AccessRecord,
    KeptAccess,
)
from mailbox_operator.decide.status.conditions import Status
from mailbox_operator.decide.words import Provider
from unit.make import EMPTY, ENDPOINT, mailbox, oauth_spec

NOW = 1_800_000_000.0
HOUR = 3600.0


def case(status: Status = EMPTY) -> Case:
    """Make a Google mailbox."""
    return Case(mailbox(oauth_spec(), status=status), None, "1")


class AwayError(Exception):
    """The store is out of reach."""


@dataclass
class Clock:
    seconds: float = NOW

    def __call__(self) -> float:
        return self.seconds


@dataclass
class Tokens:
    """Hands out tokens `t1`, `t2`, ...; the last one is kept as a connector does."""

    clock: Clock
    lifetime: float = HOUR
    trouble: Fault | Postponed | None = None
    fetched: int = 0
    expires: float = 0.0

    async def access(self, case: Case, after: float) -> AccessRecord:
        if self.trouble:
            raise self.trouble
        if self.expires <= after:
            self.fetched += 1
            self.expires = self.clock.seconds + self.lifetime
        return AccessRecord(case.spec.address, f"t{self.fetched}", ENDPOINT, self.expires)


@dataclass
class Store:
    written: dict[str, AccessRecord] = field(default_factory=dict)
    before: dict[str, KeptAccess] = field(default_factory=dict)
    away: bool = False
    writes: int = 0

    def reach(self) -> None:
        if self.away:
            raise AwayError

    async def kept(self) -> Mapping[str, KeptAccess]:
        self.reach()
        return self.before

    async def keep(self, mailbox: ReadableMailbox, record: AccessRecord, kept: KeptAccess) -> None:
        assert kept.expires_at == record.expires_at
        self.reach()
        self.writes += 1
        self.written[mailbox.uid] = record

    async def remove(self, uid: str) -> None:
        self.reach()
        self.written.pop(uid, None)


@dataclass
class Desk:
    clock: Clock = field(default_factory=Clock)
    store: Store = field(default_factory=Store)
    wanted: list[Case] = field(default_factory=lambda: [case()])
    troubled: list[Key] = field(default_factory=list)
    is_judged: bool = True
    foreign: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.tokens = Tokens(self.clock)
        self.keeper = AccessKeeper(
            lambda: [case.mailbox for case in self.wanted],
            self.case_of,
            {Provider.GOOGLE: self.tokens},
            self.store,
            AwayError,
            self.troubled.append,
            self.clock,
            is_foreign=lambda uid: uid in self.foreign,
        )

    def case_of(self, mailbox: ReadableMailbox) -> Case | None:
        found = (case for case in self.wanted if case.mailbox == mailbox)
        return next(found) if self.is_judged else None

    @property
    def token(self) -> str:
        (record,) = self.store.written.values()
        return record.token


@pytest.fixture
def desk() -> Desk:
    return Desk()


async def test_the_keeper_hands_a_token_over_once(desk: Desk) -> None:
    await desk.keeper.look()
    desk.clock.seconds += HOUR - RENEWED_BEFORE_SECONDS - 1
    await desk.keeper.look()

    assert desk.token == "t1"
    assert desk.store.writes == 1


async def test_the_keeper_renews_a_token_well_before_it_expires(desk: Desk) -> None:
    await desk.keeper.look()
    desk.clock.seconds += HOUR - RENEWED_BEFORE_SECONDS
    await desk.keeper.look()

    assert desk.token == "t2"


async def test_the_keeper_renews_a_short_token_when_a_third_of_its_life_is_left(
    desk: Desk,
) -> None:
    desk.tokens.lifetime = 300
    await desk.keeper.look()
    desk.clock.seconds += 199
    await desk.keeper.look()
    assert desk.token == "t1"

    desk.clock.seconds += 1
    await desk.keeper.look()

    assert desk.token == "t2"


async def test_the_keeper_hands_over_what_a_check_fetched(desk: Desk) -> None:
    await desk.keeper.look()
    desk.tokens.fetched, desk.tokens.expires = 7, NOW + HOUR + 1
    desk.keeper.refreshed(desk.wanted[0])

    await desk.keeper.look()

    assert desk.token == "t7"


async def test_the_keeper_hands_a_token_over_again_when_the_inputs_change(desk: Desk) -> None:
    await desk.keeper.look()
    desk.wanted = [case(Status(secret_version="other.seal"))]

    await desk.keeper.look()

    assert desk.store.writes == 2


async def test_the_keeper_waits_for_the_verdict_on_new_inputs_and_keeps_what_is_there(
    desk: Desk,
) -> None:
    await desk.keeper.look()
    desk.wanted, desk.is_judged = [case(Status(secret_version="other"))], False
    await desk.keeper.look()
    assert desk.token == "t1"
    assert desk.store.writes == 1

    desk.is_judged = True
    await desk.keeper.look()

    assert desk.store.writes == 2


async def test_the_keeper_takes_back_what_nobody_sends_by(desk: Desk) -> None:
    await desk.keeper.look()
    desk.wanted = []

    await desk.keeper.look()

    assert desk.store.written == {}


@pytest.mark.parametrize("trouble", [Fault(Reason.GRANT_REVOKED), Postponed("not now")])
async def test_the_keeper_asks_again_after_a_while_where_there_is_no_token(
    desk: Desk, trouble: Fault | Postponed
) -> None:
    desk.tokens.trouble = trouble
    await desk.keeper.look()
    desk.tokens.trouble = None
    await desk.keeper.look()
    assert desk.store.written == {}

    desk.clock.seconds += AGAIN_SECONDS
    await desk.keeper.look()

    assert desk.token == "t1"


async def test_the_keeper_has_a_mailbox_checked_that_there_is_no_token_for(desk: Desk) -> None:
    desk.tokens.trouble = Fault(Reason.GRANT_REVOKED)

    await desk.keeper.look()

    assert desk.troubled == [desk.wanted[0].mailbox.key]


async def test_the_keeper_writes_again_what_the_store_did_not_take(desk: Desk) -> None:
    desk.store.away = True
    await desk.keeper.look()
    desk.store.away = False

    desk.clock.seconds += AGAIN_SECONDS
    await desk.keeper.look()

    assert desk.token == "t1"


async def test_the_keeper_takes_over_what_another_leader_handed_over(desk: Desk) -> None:
    mailbox = desk.wanted[0]
    kept = KeptAccess(shown_version(mailbox.mailbox), NOW + 60, NOW + HOUR)
    desk.store.before = {mailbox.mailbox.uid: kept}
    await desk.keeper.load()

    await desk.keeper.look()
    assert desk.tokens.fetched == 0

    desk.clock.seconds += 60
    await desk.keeper.look()
    assert desk.tokens.fetched == 1


async def test_the_keeper_leaves_a_token_alone_whose_mailbox_is_another_operators(
    desk: Desk,
) -> None:
    await desk.keeper.look()
    (uid,) = desk.store.written
    (found,), desk.wanted, desk.foreign = desk.wanted, [], {uid}

    await desk.keeper.look()
    await desk.keeper.look()

    assert desk.token == "t1"
    desk.wanted, desk.foreign = [found], set()
    await desk.keeper.look()
    assert desk.store.writes == 2
