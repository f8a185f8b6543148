"""What the operator may not list or watch is found out at the start, and named."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import pytest
from aiohttp import web

from mailbox_operator.cluster.scope import Scope
from mailbox_operator.watch.rights import REVIEWS, Rights
from system.scenarios.eventually import eventually
from unit.watch.scripted import answering

Right = tuple[str, str, str, str]
OURS = "mailbox-operator.io"


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
    asked: set[Right] = field(default_factory=set)

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a review."""
        assert request.path == REVIEWS
        wanted: dict[str, Any] = (await request.json())["spec"]["resourceAttributes"]
        right = (wanted["verb"], wanted["group"], wanted["resource"], wanted["namespace"])
        self.asked.add(right)
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
                ("", "secrets", "acme"),
                ("", "secrets", "mail"),
            },
            id="some namespaces",
        ),
        pytest.param(
            Scope(home="mail", managed=False, namespaced=True),
            {(OURS, "mailboxes", ""), ("", "secrets", "mail")},
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

    assert reviewer.asked == {(verb, *place) for verb in ("list", "watch") for place in places}


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
