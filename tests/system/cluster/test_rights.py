"""What the operator may not list or watch is found out at the start, and named."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from lab.servers.scripted import answering
from lab.stand.eventually import eventually
from mailbox_operator.cluster.paths import REVIEWS
from mailbox_operator.cluster.rights import Rights
from mailbox_operator.cluster.scope import Scope
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.cluster.rights import rights
from mailbox_operator.decide.cluster.shards import SHARDS

Right = tuple[str, str, str, str]
OURS = "mailbox-operator.io"
LEASES = "coordination.k8s.io"


@dataclass
class Reviewer:
    """An API server that is asked for rights.

    Attributes:
        denied: Verb, group, resource and namespace of what it denies.
        status: Of its answers; 200 is the truth.
        asked: What it was asked for.
    """

    denied: set[Right] = field(default_factory=set)
    status: int = 200
    asked: list[Right] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a review."""
        assert request.path == REVIEWS
        wanted: dict[str, Any] = (await request.json())["spec"]["resourceAttributes"]
        resource = "/".join(filter(None, (wanted["resource"], wanted["subresource"])))
        right = (wanted["verb"], wanted["group"], resource, wanted["namespace"])
        self.asked.append(right)
        allowed = {"status": {"allowed": right not in self.denied}}
        return web.json_response(allowed, status=self.status)


@pytest.mark.parametrize(
    ("scope", "places"),
    [
        pytest.param(
            Scope(home="mail"),
            {
                (OURS, "mailboxes", ""),
                (OURS, "managedinfrastructures", ""),
                (OURS, "senders", ""),
                ("", "namespaces", ""),
                ("", "secrets", ""),
            },
            id="everywhere",
        ),
        pytest.param(
            Scope(("acme", "mail"), managed=False, home="mail"),
            {
                (OURS, "mailboxes", "acme"),
                (OURS, "mailboxes", "mail"),
                (OURS, "senders", "acme"),
                (OURS, "senders", "mail"),
                ("", "secrets", "acme"),
                ("", "secrets", "mail"),
            },
            id="some namespaces",
        ),
        pytest.param(
            Scope(home="mail", managed=False, namespaced=True),
            {(OURS, "mailboxes", ""), (OURS, "senders", ""), ("", "secrets", "mail")},
            id="Secrets of those who admit it",
        ),
    ],
)
async def test_the_rights_to_all_that_is_watched_are_asked_for(
    scope: Scope, places: set[tuple[str, str, str]]
) -> None:
    reviewer = Reviewer()

    async with answering(reviewer.answer) as api:
        await Rights(api, scope).granted()

    wanted = {(verb, *place) for verb in ("list", "watch") for place in places}
    heard = {each for each in reviewer.asked if each[0] in {"list", "watch"}}
    leases = {(verb, LEASES, "leases", "mail") for verb in ("list", "watch")}
    assert heard - leases == wanted


async def test_a_missing_right_is_named_and_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    reviewer = Reviewer({("watch", OURS, "mailboxes", "acme")})

    async with answering(reviewer.answer) as api:
        rights = Rights(api, Scope(("acme",), managed=False))
        granted = asyncio.create_task(rights.granted())
        await eventually(lambda: asyncio.sleep(0, rights.troubles()))
        named, was_granted = rights.troubles(), granted.done()
        reviewer.denied.clear()
        await granted

    right = f"watch mailboxes.{OURS} in namespace acme"
    assert named == [f"the right to {right} is missing: update the chart"]
    assert (was_granted, rights.troubles()) == (False, [])
    assert [getattr(each, "right", "") for each in caplog.records].count(right) == 1


async def test_an_api_server_that_is_away_is_waited_for() -> None:
    reviewer = Reviewer(status=500)

    async with answering(reviewer.answer) as api:
        rights = Rights(api, Scope())
        granted = asyncio.create_task(rights.granted())
        await eventually(lambda: asyncio.sleep(0, rights.troubles()))
        assert rights.troubles() == ["the API server: 500 Internal Server Error"]
        reviewer.status = 200
        await granted


@pytest.mark.parametrize("status", [403, 404])
async def test_where_nobody_may_ask_the_watches_find_out(status: int) -> None:
    async with answering(Reviewer(status=status).answer) as api:
        await Rights(api, Scope()).granted()


async def until(look: Callable[[], object]) -> None:
    """Wait until something is so."""

    async def found() -> object:
        return look()

    await eventually(found)


EVERYWHERE = ("",)


@pytest.mark.parametrize(
    ("scope", "places"),
    [
        pytest.param(Scope(home="mail"), (EVERYWHERE, EVERYWHERE, EVERYWHERE), id="everywhere"),
        pytest.param(
            Scope(("acme", "mail"), home="mail"),
            (("acme", "mail"), ("acme", "mail", "default"), EVERYWHERE),
            id="some namespaces",
        ),
        pytest.param(
            Scope(("acme", "mail"), managed=False, home="mail"),
            (("acme", "mail"), ("acme", "mail"), ()),
            id="some namespaces, and nothing of the cluster",
        ),
    ],
)
async def test_all_other_rights_are_asked_for_where_they_are_needed(
    scope: Scope, places: tuple[tuple[str, ...], ...]
) -> None:
    reviewer = Reviewer()
    mailboxes, events, platform = places

    async with answering(reviewer.answer) as api:
        await Rights(api, scope).granted()

    assert sorted(each for each in reviewer.asked if each[0] not in {"list", "watch"}) == sorted(
        [
            *(("patch", OURS, "mailboxes/status", place) for place in mailboxes),
            *(("patch", OURS, "senders/status", place) for place in mailboxes),
            *(("patch", OURS, "managedinfrastructures/status", place) for place in platform),
            *((verb, "", "events", place) for verb in ("create", "patch") for place in events),
            *(("get", "", "namespaces", place) for place in mailboxes),
            *(("get", "", "secrets", place) for place in mailboxes),
            *((verb, "", "secrets", "mail") for verb in ("create", "patch", "delete")),
            *((verb, LEASES, "leases", "mail") for verb in ("create", "get", "update")),
            *[("update", LEASES, "leases", "mail")] * SHARDS,
        ]
    )


async def test_the_rights_to_what_gateways_count_are_asked_for_where_there_is_one() -> None:
    asked = []
    for gateway in (False, True):
        reviewer = Reviewer()
        async with answering(reviewer.answer) as api:
            await Rights(api, Scope(home="mail", gateway=gateway)).granted()
        asked.append({each for each in reviewer.asked if each[2] == "configmaps"})

    assert asked == [set(), {(verb, "", "configmaps", "mail") for verb in ("list", "delete")}]


CREATE_EVENTS: Right = ("create", "", "events", "")


async def test_a_replica_that_lacks_another_right_works_and_says_what_breaks(
    caplog: pytest.LogCaptureFixture,
) -> None:
    reviewer = Reviewer({CREATE_EVENTS})

    async with answering(reviewer.answer) as api:
        rights = Rights(api, Scope(home="mail"))
        await rights.granted()

    assert rights.troubles() == []
    assert rights.lacks() == [
        "the right to create events is missing, so no Event says what happened: update the chart"
    ]
    assert rights.count == 1
    (line,) = [each for each in caplog.records if each.message == "right missing"]
    assert (line.right, line.breaks) == ("create events", "no Event says what happened")  # type: ignore[attr-defined]


async def forbidden(call: Awaitable[Any]) -> None:
    """Make a request that is refused for want of a right."""
    with pytest.raises(ApiServerError, match="403"):
        await call


@dataclass
class Withdrawing(Reviewer):
    """It refuses all that is no review."""

    refusal = 'is forbidden: User "operator" cannot create resource "events" in API group ""'

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a review, or refuse."""
        return (
            await Reviewer.answer(self, request)
            if request.path == REVIEWS
            else web.json_response({"kind": "Status", "message": self.refusal}, status=403)
        )


async def test_a_right_that_is_withdrawn_is_missed_after_a_refusal_and_seen_again() -> None:
    reviewer = Withdrawing()

    async with answering(reviewer.answer) as api:
        rights = Rights(api, Scope(home="mail"), refused_seconds=0.1, lacking_seconds=0.1)
        await rights.granted()
        running = asyncio.create_task(rights.run())
        reviewer.denied.add(CREATE_EVENTS)
        await forbidden(api.create("/api/v1/namespaces/acme/events", {}))
        await until(rights.lacks)
        reviewer.denied.clear()
        await until(lambda: not rights.lacks())
        running.cancel()
        await asyncio.wait([running])


@pytest.mark.parametrize(
    ("method", "is_told"), [("get", False), ("create", True), ("patch", True), ("delete", True)]
)
async def test_a_write_that_is_forbidden_has_the_rights_asked_for_and_a_read_does_not(
    method: str, *, is_told: bool
) -> None:
    async with answering(Withdrawing().answer) as api:
        body: tuple[Any, ...] = () if method == "get" else ({},)
        await forbidden(getattr(api, method)("/api/v1/namespaces/acme/secrets", *body))

        assert api.refused.is_set() is is_told


@pytest.mark.parametrize(
    "refusal",
    [
        "secrets is forbidden: exceeded quota: plan, requested: secrets=1",
        "ValidatingAdmissionPolicy 'fence' with binding 'all' denied request: no Secret here",
        'admission webhook "fence.acme.example" denied the request: User cannot do that',
    ],
)
async def test_a_write_that_admission_refuses_has_no_rights_asked_for(refusal: str) -> None:
    reviewer = Withdrawing()
    reviewer.refusal = refusal
    async with answering(reviewer.answer) as api:
        await forbidden(api.create("/api/v1/namespaces/acme/secrets", {}))

        assert not api.refused.is_set()


@pytest.mark.parametrize(
    ("scope", "places"),
    [
        pytest.param(Scope(home="mail"), [], id="without a gateway"),
        pytest.param(Scope(home="mail", gateway=True), [""], id="with a gateway"),
        pytest.param(
            Scope(("acme", "mail"), home="mail", gateway=True), ["acme", "mail"], id="by namespace"
        ),
        pytest.param(
            Scope(home="mail", gateway=True, namespaced=True), [], id="where tenants admit it"
        ),
    ],
)
def test_the_right_to_write_logins_is_asked_for_with_a_gateway_only(
    scope: Scope, places: list[str]
) -> None:
    asked = list(rights(scope.duties, "lease"))

    written = [x.namespace for x in asked if x.breaks == "no application gets a login"]
    assert written == places
