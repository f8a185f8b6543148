"""What deleted mailboxes were granted is kept, handed on, or given back; nothing else is touched."""

import asyncio
import base64
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web

from lab.controlplane.plane import ControlPlane
from lab.servers.scripted import answering
from lab.stand.eventually import eventually
from mailbox_operator.cluster.apiserver import MERGE_PATCH, ApiServer
from mailbox_operator.cluster.grantsecret import MAILBOX_ANNOTATION
from mailbox_operator.cluster.notes import APPROVED, FATE, POLICY, SINCE, UNTIL
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.cluster.settling import Settling
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.consent.orphans import Orphans
from mailbox_operator.decide.cluster.clocks import Clocks
from mailbox_operator.decide.declared.mailbox import Mailbox, parse_mailbox
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.grants.fate import Fate, Settled
from mailbox_operator.decide.names import GRANT, GRANTED, ORPHANED, PENDING_CONSENT, grant_name
from mailbox_operator.decide.status.conditions import TIME_FORMAT
from mailbox_operator.decide.words import Kind, Provider
from mailbox_operator.watch.reading import parse
from mailbox_operator.watch.refs import Topic
from mailbox_operator.watch.store import Store

pytestmark = pytest.mark.cluster

GONE: Final = "00000000-0000-0000-0000-00000000dead"
DAY: Final = timedelta(days=1)
MINUTE: Final = timedelta(minutes=1)
SPEC: Final = {"address": "jane@acme.example", "provider": "Google", "infrastructure": "Managed"}
PAGE: Final = (Path(__file__).parents[3] / "docs" / "backup.md").read_text()
NO_NOTES: Final[Mapping[str, str]] = {}
NEWER: Final = base64.b64encode(b"newer").decode()
PRIVATE: Final[Mapping[str, Any]] = {
    "infrastructure": "Private",
    "credentialsSecretRef": {"name": "app"},
}
RETAIN: Final[Mapping[str, Any]] = {"deletionPolicy": "Retain"}
KEPT: Final = {
    "refresh-token": "token",
    "consent": "c1",
    "identity": "sub-1",
    "provider": "Google",
    "address": "jane@acme.example",
}


class Revoker:
    """Remembers what it was asked to revoke.

    Attributes:
        fails: Whether the provider is away.
    """

    def __init__(self) -> None:
        self.tokens: list[tuple[Provider, str]] = []
        self.fails = False

    async def __call__(self, provider: Provider, token: str) -> None:
        self.tokens.append((provider, token))
        if self.fails:
            raise Fault(Reason.PROVIDER_UNAVAILABLE, "away")


@dataclass
class Clock:
    """Two clocks that a test puts forward.

    Attributes:
        ahead: So much later it is by both.
        wrong: So much later still by this process's.
    """

    ahead: timedelta = timedelta()
    wrong: timedelta = timedelta()

    def __call__(self) -> Clocks:
        return Clocks(datetime.now(UTC) + self.ahead + self.wrong, self.wrong)


@dataclass
class Told:
    """Remembers what was said about grants."""

    fates: list[Fate] = field(default_factory=list)

    def settled(self, settled: Settled) -> None:
        self.fates.append(settled.fate)


@pytest.fixture
def revoke() -> Revoker:
    return Revoker()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def told() -> Told:
    return Told()


@pytest.fixture
def tenant(plane: ControlPlane, namespace: str) -> Iterator[str]:
    """Name a namespace that is not there; one of that name is gone afterwards."""
    name = f"{namespace}-tenant"
    yield name
    plane.kubectl("delete", "namespace", name, "--ignore-not-found", "--wait=false")


@pytest.fixture
def orphans(api: ApiServer, namespace: str, revoke: Revoker, clock: Clock, told: Told) -> Orphans:
    hand = Settling(api, namespace, revoke)
    return Orphans(hand, Store(namespace), told, clock, 60)


async def put(
    orphans: Orphans,
    uid: str = GONE,
    mailbox: str = "",
    notes: Mapping[str, str] = NO_NOTES,
    **content: str,
) -> None:
    """Keep a grant as the operator does."""
    namespace = orphans.store.operator_namespace
    fields = {**KEPT, **{key.replace("_", "-"): value for key, value in content.items()}}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in fields.items()}
    named = {MAILBOX_ANNOTATION: mailbox or f"{namespace}/jane", **notes}
    metadata = {"name": grant_name(uid), "labels": {GRANT: "true"}, "annotations": named}
    await orphans.hand.api.create(place_of(orphans), {"metadata": metadata, "data": encoded})


def place_of(orphans: Orphans, name: str = "") -> str:
    place = f"/api/v1/namespaces/{orphans.store.operator_namespace}/secrets"
    return f"{place}/{name}" if name else place


async def names(orphans: Orphans) -> list[str]:
    found = await orphans.hand.api.get(place_of(orphans))
    return [each["metadata"]["name"] for each in found["items"]]


async def secret_of(orphans: Orphans, uid: str = GONE) -> Any:
    return await orphans.hand.api.get(place_of(orphans, grant_name(uid)))


async def noted(orphans: Orphans, uid: str = GONE) -> Mapping[str, str]:
    found: Mapping[str, str] = (await secret_of(orphans, uid))["metadata"]["annotations"]
    return found


async def annotate(orphans: Orphans, annotations: Mapping[str, str], uid: str = GONE) -> None:
    """Write annotations, as an administrator does."""
    patch = {"metadata": {"annotations": annotations}}
    await orphans.hand.api.patch(place_of(orphans, grant_name(uid)), patch, MERGE_PATCH)


async def declared(orphans: Orphans, name: str = "jane", **spec: Any) -> str:
    """Declare a Mailbox in the cluster; return its uid."""
    namespace = orphans.store.operator_namespace
    body = {
        "apiVersion": "mailbox-operator.io/v1alpha1",
        "kind": "Mailbox",
        "metadata": {"name": name},
        "spec": {**SPEC, **spec},
    }
    place = f"/apis/mailbox-operator.io/v1alpha1/namespaces/{namespace}/mailboxes"
    found = await orphans.hand.api.create(place, body)
    uid: str = found["metadata"]["uid"]
    return uid


async def watched(orphans: Orphans, name: str = "jane", **spec: Any) -> str:
    """Declare a Mailbox that the watch knows of."""
    uid = await declared(orphans, name, **spec)
    orphans.store.upsert(known(orphans, uid, name, **spec))
    return uid


def known(orphans: Orphans, uid: str, name: str = "jane", **spec: Any) -> Mailbox:
    metadata = {"name": name, "namespace": orphans.store.operator_namespace, "uid": uid}
    body = {"metadata": {**metadata, "resourceVersion": "1"}, "spec": {**SPEC, **spec}}
    return parse_mailbox(body)


def infrastructure(**spec: Any) -> Mapping[str, Any]:
    return {"metadata": {"name": "default", "uid": "i", "resourceVersion": "1"}, "spec": spec}


async def tidied_later(orphans: Orphans, clock: Clock, ahead: timedelta = DAY + MINUTE) -> None:
    """Have what is orphaned noticed now, and looked at again that much later."""
    await orphans.tidy()
    clock.ahead += ahead
    await orphans.tidy()


async def test_a_grant_is_kept_for_a_day_then_revoked_and_deleted(
    orphans: Orphans, revoke: Revoker, clock: Clock, told: Told
) -> None:
    await put(orphans)

    await tidied_later(orphans, clock, DAY - MINUTE)
    assert (revoke.tokens, len(await names(orphans))) == ([], 1)
    clock.ahead += 2 * MINUTE
    await orphans.tidy()
    await orphans.tidy()

    assert revoke.tokens == [(Provider.GOOGLE, "token")]
    assert await names(orphans) == []
    assert told.fates == [Fate.GRACE, Fate.REVOKED]


async def test_a_grant_shows_that_it_is_orphaned_and_how_long_it_is_kept(orphans: Orphans) -> None:
    await put(orphans)

    await orphans.tidy()

    secret = await secret_of(orphans)
    notes = secret["metadata"]["annotations"]
    since, until = (datetime.fromisoformat(notes[each]) for each in (SINCE, UNTIL))
    assert (until - since, notes[FATE]) == (DAY, "Grace")
    assert secret["metadata"]["labels"][ORPHANED] == "true"
    assert orphans.counts == {Fate.GRACE: 1}


async def test_a_leader_whose_clock_is_a_day_ahead_ends_nothing(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    for number in range(5):
        await put(orphans, f"gone-{number}", address=f"{number}@acme.example")
    metadata = {"name": "mailbox-authorization-x", "labels": {PENDING_CONSENT: "u"}}
    await orphans.hand.api.create(
        place_of(orphans), {"metadata": metadata, "type": PENDING_CONSENT}
    )
    await orphans.tidy()

    clock.wrong = DAY + MINUTE
    await orphans.tidy()

    assert (revoke.tokens, orphans.counts) == ([], {Fate.GRACE: 5})
    assert len(await names(orphans)) == 6


async def test_a_grant_that_a_wrong_clock_found_has_its_day_by_the_right_one(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    clock.wrong = 400 * DAY
    await put(orphans)
    await orphans.tidy()
    clock.wrong = timedelta()

    await tidied_later(orphans, clock, DAY - MINUTE)
    assert revoke.tokens == []
    clock.ahead += 2 * MINUTE
    await orphans.tidy()

    assert len(revoke.tokens) == 1


async def test_an_orphaned_grant_is_written_to_once(orphans: Orphans, told: Told) -> None:
    await put(orphans)
    await orphans.tidy()
    before = (await secret_of(orphans))["metadata"]["resourceVersion"]

    await orphans.tidy()

    assert (await secret_of(orphans))["metadata"]["resourceVersion"] == before
    assert told.fates == [Fate.GRACE]


async def test_another_process_continues_the_same_grace(
    orphans: Orphans, revoke: Revoker, clock: Clock, told: Told
) -> None:
    await put(orphans)
    await orphans.tidy()
    clock.ahead = DAY + MINUTE

    await Orphans(orphans.hand, Store(orphans.store.operator_namespace), told, clock, 60).tidy()

    assert (len(revoke.tokens), await names(orphans)) == (1, [])


async def test_a_mailbox_of_the_same_name_takes_a_grant_over(
    orphans: Orphans, revoke: Revoker, told: Told
) -> None:
    await put(orphans)
    before = await secret_of(orphans)
    await orphans.tidy()

    uid = await watched(orphans)
    await orphans.tidy()

    assert await names(orphans) == [grant_name(uid)]
    after = await secret_of(orphans, uid)
    assert after["data"] == before["data"]
    noted_then = after["metadata"]["annotations"]
    assert noted_then.items() >= before["metadata"]["annotations"].items()
    assert noted_then.keys() == {MAILBOX_ANNOTATION, GRANTED}
    assert ORPHANED not in after["metadata"]["labels"]
    assert (revoke.tokens, told.fates) == ([], [Fate.GRACE, Fate.ADOPTED])


async def test_a_mailbox_that_is_back_takes_over_the_newest_of_two_kept_grants(
    orphans: Orphans, revoke: Revoker, told: Told
) -> None:
    newer, older = ({GRANTED: f"2026-0{month}-01T00:00:00Z"} for month in (2, 1))
    await put(orphans, "b-newer", notes=newer, refresh_token="newer")
    await put(orphans, "a-older", notes=older, refresh_token="older")

    uid = await watched(orphans)
    await orphans.tidy()

    assert set(await names(orphans)) == {grant_name("a-older"), grant_name(uid)}
    assert (await secret_of(orphans, uid))["data"]["refresh-token"] == "bmV3ZXI="
    assert (revoke.tokens, told.fates) == ([], [Fate.ADOPTED, Fate.RESTORED])


async def test_a_grant_whose_newest_token_is_on_its_way_waits_for_that(
    orphans: Orphans, told: Told
) -> None:
    await put(orphans, "older", notes={GRANTED: "2026-01-01T00:00:00Z"})
    await put(orphans, notes={GRANTED: "2026-02-01T00:00:00Z"}, refresh_token="newest")
    uid = await watched(orphans)
    waiting = [{GONE}, set[str]()]

    async def unsettled() -> set[str]:
        return waiting.pop(0)

    orphans.unsettled = unsettled
    await orphans.tidy()
    assert (len(await names(orphans)), told.fates) == (2, [])

    await orphans.tidy()

    assert (await secret_of(orphans, uid))["data"]["refresh-token"] == "bmV3ZXN0"


async def test_a_newer_token_is_written_before_a_grant_is_handed_on(orphans: Orphans) -> None:
    await put(orphans)
    uid = await watched(orphans)

    async def unsettled() -> set[str]:
        await rotated(orphans)
        return set()

    orphans.unsettled = unsettled

    await orphans.tidy()

    assert (await secret_of(orphans, uid))["data"]["refresh-token"] == NEWER


async def rotated(orphans: Orphans) -> None:
    """Write a newer token of the grant whose Mailbox is gone."""
    patch = {"data": {"refresh-token": NEWER}}
    await orphans.hand.api.patch(place_of(orphans, grant_name(GONE)), patch, MERGE_PATCH)


@pytest.mark.parametrize(
    "spec",
    [{"address": "other@acme.example"}, {"provider": "Outlook"}],
    ids=["another address", "another provider"],
)
async def test_a_mailbox_with_another_address_or_provider_takes_no_grant_over(
    orphans: Orphans, revoke: Revoker, clock: Clock, spec: Mapping[str, Any]
) -> None:
    await watched(orphans, **spec)
    await put(orphans)

    await tidied_later(orphans, clock)

    assert (len(revoke.tokens), await names(orphans)) == (1, [])


async def test_a_newer_consent_is_not_replaced(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    uid = await watched(orphans)
    await put(orphans)
    await put(orphans, uid, refresh_token="newer", consent="c2")

    await tidied_later(orphans, clock)

    assert await names(orphans) == [grant_name(uid)]
    assert (await secret_of(orphans, uid))["data"]["refresh-token"] == "bmV3ZXI="
    assert revoke.tokens == []


async def test_a_mailbox_that_the_watch_does_not_know_yet_is_waited_for(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    await put(orphans)
    await orphans.tidy()
    await declared(orphans)
    clock.ahead = DAY + MINUTE

    await orphans.tidy()

    assert (revoke.tokens, await names(orphans)) == ([], [grant_name(GONE)])


async def test_a_retained_grant_is_kept_until_an_administrator_ends_it(
    orphans: Orphans, revoke: Revoker, clock: Clock, plane: ControlPlane
) -> None:
    (command,) = set(re.findall(r"^\$ kubectl (annotate secrets .*)$", PAGE, re.MULTILINE))
    await put(orphans, notes={POLICY: "Retain"})
    await tidied_later(orphans, clock, 400 * DAY)
    assert (revoke.tokens, orphans.counts) == ([], {Fate.RETAINED: 1})

    home = orphans.store.operator_namespace
    plane.kubectl(*command.replace("--namespace mail", f"--namespace {home}").split())
    await orphans.tidy()

    assert (len(revoke.tokens), await names(orphans)) == (1, [])


@pytest.mark.parametrize(("policy", "noted_policy"), [("Retain", "Retain"), ("Revoke", None)])
async def test_a_living_mailboxs_policy_is_noted_where_it_outlasts_the_mailbox(
    orphans: Orphans, policy: str, noted_policy: str | None
) -> None:
    uid = await watched(orphans, deletionPolicy=policy, **PRIVATE)
    await put(orphans, uid)

    await orphans.tidy()

    assert (await noted(orphans, uid)).get(POLICY) == noted_policy


async def test_the_platforms_policy_counts_where_the_mailbox_has_none(orphans: Orphans) -> None:
    orphans.store.upsert(parse(Kind.INFRASTRUCTURE, infrastructure(deletionPolicy="Retain")))
    uid = await watched(orphans)
    await put(orphans, uid)

    await orphans.tidy()

    assert (await noted(orphans, uid))[POLICY] == "Retain"


async def test_a_policy_stays_noted_while_its_infrastructure_is_missing(orphans: Orphans) -> None:
    uid = await watched(orphans)
    await put(orphans, uid, notes={POLICY: "Retain"})

    await orphans.tidy()

    assert (await noted(orphans, uid))[POLICY] == "Retain"


async def test_a_changed_policy_is_looked_at_soon(orphans: Orphans) -> None:
    uid = await watched(orphans, **PRIVATE)
    await put(orphans, uid)
    orphans.store.note((Topic.SECRET, orphans.store.operator_namespace, grant_name(uid)), "v")
    await orphans.tidy()
    is_looked_at = partial(looks, orphans, orphans.changed)

    same, other = known(orphans, uid, **PRIVATE), known(orphans, uid, **PRIVATE, **RETAIN)

    assert (is_looked_at(same), is_looked_at(other)) == (False, True)


async def test_many_orphans_at_once_wait_for_an_administrator(
    orphans: Orphans, revoke: Revoker, clock: Clock, told: Told
) -> None:
    for number in range(6):
        await put(orphans, f"gone-{number}", address=f"{number}@acme.example")

    await tidied_later(orphans, clock, 30 * DAY)
    assert (revoke.tokens, orphans.counts) == ([], {Fate.HELD: 6})
    await annotate(orphans, {APPROVED: "true"}, "gone-3")
    await orphans.tidy()

    assert len(revoke.tokens) == 1
    assert orphans.counts == {Fate.HELD: 5}
    assert told.fates == [*[Fate.HELD] * 6, Fate.REVOKED]


async def test_few_orphans_at_once_do_not_wait_for_an_administrator(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    for number in range(5):
        await put(orphans, f"gone-{number}", address=f"{number}@acme.example")

    await tidied_later(orphans, clock)

    assert (len(revoke.tokens), await names(orphans)) == (5, [])


async def test_grants_that_were_ended_lately_count_for_the_brake(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    for number in range(4):
        await put(orphans, f"gone-{number}", address=f"{number}@acme.example")
        await annotate(orphans, {APPROVED: "true"}, f"gone-{number}")
    await orphans.tidy()
    for number in range(2):
        await put(orphans, f"later-{number}", address=f"later-{number}@acme.example")

    await tidied_later(orphans, clock)

    assert (len(revoke.tokens), orphans.counts) == (4, {Fate.HELD: 2})


async def test_no_grant_ends_while_the_tenants_namespace_is_missing(
    orphans: Orphans, revoke: Revoker, clock: Clock, tenant: str
) -> None:
    await put(orphans, mailbox=f"{tenant}/jane")

    await tidied_later(orphans, clock, 30 * DAY)

    assert (revoke.tokens, orphans.counts) == ([], {Fate.NAMESPACE_MISSING: 1})
    assert (await noted(orphans))[FATE] == "NamespaceMissing"


async def test_grace_begins_when_the_namespace_is_restored(
    orphans: Orphans, revoke: Revoker, clock: Clock, plane: ControlPlane, tenant: str
) -> None:
    await put(orphans, mailbox=f"{tenant}/jane")
    clock.ahead = -30 * DAY
    await orphans.tidy()
    clock.ahead = timedelta()

    plane.kubectl("create", "namespace", tenant)
    await orphans.tidy()

    assert (revoke.tokens, orphans.counts) == ([], {Fate.GRACE: 1})


async def test_no_grant_ends_while_the_tenants_namespace_is_being_deleted(
    orphans: Orphans, revoke: Revoker, clock: Clock, plane: ControlPlane, tenant: str
) -> None:
    await put(orphans, mailbox=f"{tenant}/jane")
    plane.kubectl("create", "namespace", tenant)
    plane.kubectl("create", "configmap", "slow", f"--namespace={tenant}")
    with held_by_a_finalizer(plane, tenant):
        plane.kubectl("delete", "namespace", tenant, "--wait=false")

        await tidied_later(orphans, clock)

    assert (revoke.tokens, orphans.counts) == ([], {Fate.NAMESPACE_MISSING: 1})


@contextmanager
def held_by_a_finalizer(plane: ControlPlane, tenant: str) -> Iterator[None]:
    """Keep a namespace from being gone while the block lasts."""
    place = (f"--namespace={tenant}", "configmap", "slow", "--type=merge")
    patch = '{"metadata": {"finalizers": %s}}'
    plane.kubectl("patch", *place, "--patch", patch % '["acme.example/slow"]')
    try:
        yield
    finally:
        plane.kubectl("patch", *place, "--patch", patch % "[]")


async def test_a_restored_grant_is_not_ended_by_the_notes_of_its_backup(
    orphans: Orphans, revoke: Revoker
) -> None:
    old = {SINCE: "2026-01-01T00:00:00Z", FATE: "Grace", UNTIL: "2026-01-02T00:00:00Z"}
    await put(orphans, notes={**old, APPROVED: "true"})

    await orphans.tidy()
    await orphans.tidy()

    notes = await noted(orphans)
    assert (revoke.tokens, orphans.counts) == ([], {Fate.GRACE: 1})
    assert APPROVED not in notes
    assert notes[SINCE] > old[SINCE]


async def test_a_grant_from_a_backup_is_kept_until_somebody_decides(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    for number in range(6):
        given = {GRANTED: "2026-01-01T00:00:00Z"}
        await put(orphans, f"restored-{number}", notes=given, address=f"{number}@acme.example")
    await put(orphans)

    await tidied_later(orphans, clock, 400 * DAY)
    assert (len(revoke.tokens), orphans.counts) == (1, {Fate.RESTORED: 6})
    await annotate(orphans, {APPROVED: "true"}, "restored-0")
    await orphans.tidy()

    assert (len(revoke.tokens), orphans.counts) == (2, {Fate.RESTORED: 5})


@pytest.mark.parametrize(
    ("account", "kept"), [("Jane@acme.example", True), ("ana@acme.example", False)]
)
async def test_an_account_with_a_kept_grant_is_recognized(
    orphans: Orphans,
    account: str,
    kept: bool,  # noqa: FBT001 - a row of the table
) -> None:
    await put(orphans)
    await orphans.tidy()

    assert await orphans.hand.keeps(Provider.GOOGLE, account) is kept
    assert not await orphans.hand.keeps(Provider.OUTLOOK, account)


async def test_a_living_mailboxs_grant_is_not_among_the_kept(orphans: Orphans) -> None:
    await put(orphans, await watched(orphans))
    await orphans.tidy()

    assert not await orphans.hand.keeps(Provider.GOOGLE, KEPT["address"])


async def test_a_consent_that_replaces_the_noted_policy_is_looked_at_soon(orphans: Orphans) -> None:
    uid = await watched(orphans, **PRIVATE, **RETAIN)
    await put(orphans, uid, notes={POLICY: "Retain"})
    await orphans.tidy()
    metadata = (await secret_of(orphans, uid))["metadata"]
    is_looked_at = partial(looks, orphans, orphans.granted)

    replaced = {
        **metadata,
        "annotations": {MAILBOX_ANNOTATION: metadata["annotations"][MAILBOX_ANNOTATION]},
    }

    assert (is_looked_at(metadata), is_looked_at(replaced)) == (False, True)


async def test_a_mailbox_that_is_back_clears_the_notes(orphans: Orphans, revoke: Revoker) -> None:
    uid = await watched(orphans)
    await put(orphans, uid, notes={SINCE: "2026-01-01T00:00:00Z", FATE: "Held", APPROVED: "true"})

    await orphans.tidy()

    assert (await noted(orphans, uid)).keys() == {MAILBOX_ANNOTATION}
    assert revoke.tokens == []


@dataclass
class Recovering:
    """An API server that fails at first.

    Attributes:
        failures: How often.
        asked: How often it was asked to list grants.
    """

    failures: int
    asked: int = 0

    async def answer(self, request: web.Request) -> web.Response:
        """Fail, or list nothing."""
        self.asked += request.query["labelSelector"] == GRANT
        if self.asked <= self.failures:
            return web.Response(status=500)
        return web.json_response({"items": [], "metadata": {}})


async def test_an_api_server_that_failed_is_asked_again_long_before_the_next_sweep(
    told: Told, revoke: Revoker, clock: Clock
) -> None:
    server = Recovering(failures=3)
    async with answering(server.answer) as api:
        hand = Settling(api, "mail", revoke)
        orphans = Orphans(hand, Store("mail"), told, clock, 3600, again_seconds=(0.01, 0.02))
        running = asyncio.create_task(orphans.run())

        await eventually(lambda: asyncio.sleep(0, server.asked > server.failures))
        running.cancel()
        await asyncio.wait([running])

    assert server.asked == server.failures + 1


async def test_a_grace_begins_again_when_a_leader_takes_over_after_nobody_had_led(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    await put(orphans)
    await orphans.tidy()
    clock.ahead = 2 * DAY
    taken_over = clock().local.replace(microsecond=0)
    orphans.resumed = lambda: taken_over

    await orphans.tidy()

    assert (revoke.tokens, orphans.counts) == ([], {Fate.GRACE: 1})
    assert (await noted(orphans))[SINCE] == taken_over.strftime(TIME_FORMAT)
    await tidied_later(orphans, clock)
    assert len(revoke.tokens) == 1


async def test_grants_of_other_operators_are_left_alone(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    orphans.scope = Scope(("elsewhere",))
    await put(orphans)

    await tidied_later(orphans, clock)

    assert revoke.tokens == []
    assert list(await noted(orphans)) == [MAILBOX_ANNOTATION]


async def test_a_grant_written_while_it_is_being_ended_stays(
    orphans: Orphans, revoke: Revoker
) -> None:
    await put(orphans)
    stale = (await secret_of(orphans))["metadata"]
    await annotate(orphans, {"somebody": "wrote"})

    assert not await orphans.hand.end(stale, revoked=True)

    assert (revoke.tokens, len(await names(orphans))) == ([], 1)


async def test_a_grant_that_was_restored_or_is_to_end_is_looked_at_soon(orphans: Orphans) -> None:
    await put(orphans)
    metadata = (await secret_of(orphans))["metadata"]
    is_looked_at = partial(looks, orphans, orphans.granted)

    unknown = is_looked_at(metadata)
    await orphans.tidy()
    approved = {**metadata, "annotations": {APPROVED: "true"}}

    assert (unknown, is_looked_at(metadata), is_looked_at(approved)) == (True, False, True)


async def test_an_heir_is_looked_at_soon(orphans: Orphans) -> None:
    await put(orphans)
    await orphans.tidy()
    is_looked_at = partial(looks, orphans, orphans.changed)

    heir, other = known(orphans, "new"), known(orphans, "new", "ana")

    assert (is_looked_at(heir), is_looked_at(other)) == (True, False)


def looks(orphans: Orphans, tell: Callable[[Any], None], what: Any) -> bool:
    """Tell of something; say whether a look is due soon for that."""
    orphans.noticing.clear()
    tell(what)
    return orphans.noticing.is_set()


async def test_grants_of_existing_mailboxes_are_left_alone(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    await put(orphans, await watched(orphans))

    await tidied_later(orphans, clock)

    assert (revoke.tokens, orphans.counts) == ([], {})


async def test_a_grant_whose_mailbox_only_the_watch_misses_is_left_alone(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    uid = await declared(orphans)
    await put(orphans, uid, notes={APPROVED: "true"})

    await tidied_later(orphans, clock)

    assert (revoke.tokens, orphans.counts, len(await names(orphans))) == ([], {}, 1)


async def test_an_account_in_use_is_not_cut_off(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    await put(orphans, await watched(orphans, "sibling", address="Jane@acme.example"))
    await put(orphans)

    await tidied_later(orphans, clock)

    assert (revoke.tokens, len(await names(orphans))) == ([], 1)


async def test_an_account_whose_other_grant_is_retained_is_not_cut_off(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    await put(orphans, "retained", notes={POLICY: "Retain"}, mailbox="acme/jane")
    await put(orphans)

    await tidied_later(orphans, clock)

    assert (revoke.tokens, await names(orphans)) == ([], [grant_name("retained")])


async def test_the_last_grant_of_an_account_is_revoked(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    await put(orphans)
    await put(orphans, "another")

    await tidied_later(orphans, clock)

    assert (len(revoke.tokens), await names(orphans)) == (1, [])


async def test_a_token_that_the_tenant_brought_is_not_revoked(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    await put(orphans, consent="")

    await tidied_later(orphans, clock)

    assert (revoke.tokens, await names(orphans)) == ([], [])


async def test_a_provider_that_was_away_is_asked_again(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    revoke.fails = True
    await put(orphans)
    await tidied_later(orphans, clock)
    assert len(await names(orphans)) == 1

    revoke.fails = False
    await orphans.tidy()

    assert (len(revoke.tokens), await names(orphans)) == (2, [])


async def test_an_api_server_that_does_not_answer_is_no_proof_of_death(
    orphans: Orphans, revoke: Revoker, plane: ControlPlane
) -> None:
    await put(orphans, mailbox="a%2Fb/../jane", notes={APPROVED: "true"})

    with pytest.raises(ApiServerError):
        await orphans.tidy()

    assert (revoke.tokens, len(await names(orphans))) == ([], 1)


async def test_a_grant_that_names_no_mailbox_is_left_alone(
    orphans: Orphans, revoke: Revoker, clock: Clock
) -> None:
    await put(orphans, mailbox="nobody")

    await tidied_later(orphans, clock)

    assert (revoke.tokens, len(await names(orphans))) == ([], 1)


@pytest.mark.parametrize(("minutes", "left"), [(11, 1), (69, 1), (71, 0)])
async def test_authorizations_that_no_browser_completed_are_deleted(
    orphans: Orphans, clock: Clock, minutes: int, left: int
) -> None:
    clock.ahead = timedelta(minutes=minutes)
    metadata = {"name": "mailbox-authorization-x", "labels": {PENDING_CONSENT: "u"}}
    await orphans.hand.api.create(
        place_of(orphans), {"metadata": metadata, "type": PENDING_CONSENT}
    )

    await orphans.tidy()

    assert len(await names(orphans)) == left


async def test_no_other_secret_is_touched(orphans: Orphans, plane: ControlPlane) -> None:
    namespace = orphans.store.operator_namespace
    plane.kubectl("create", "secret", "generic", "app", "-n", namespace)

    await orphans.tidy()

    assert await names(orphans) == ["app"]
