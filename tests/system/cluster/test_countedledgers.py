"""All that the gateways counted is read now and then, and removed when nobody uses it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import pytest
from aiohttp import web

from lab.servers.scripted import answering
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.countedledgers import UNUSED, CountedLedgers
from mailbox_operator.cluster.unanswered import ApiServerError
from mailbox_operator.decide.sending.kept import UncountedError
from mailbox_operator.decide.sending.ledger import BUCKET, Ledger, number_of, written
from mailbox_operator.decide.status.conditions import TIME_FORMAT
from unit.make import NOON

HOUR: Final = timedelta(hours=1)
LONG_AGO: Final = NOON - UNUSED - HOUR
OURS: Final = "mailbox-operator.io/ledger=true"


@dataclass
class Namespace:
    """The ConfigMaps of the operator's namespace.

    Attributes:
        deleted: Names that were asked to be deleted, and under which conditions.
        status: Of the next answers.
    """

    items: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    deleted: dict[str, Mapping[str, str]] = field(default_factory=dict)
    status: int = 200

    def keep(self, name: str, text: str, created: datetime = LONG_AGO, version: str = "7") -> None:
        """Keep one."""
        metadata = {
            "name": name,
            "uid": f"uid-{name}",
            "resourceVersion": version,
            "creationTimestamp": created.strftime(TIME_FORMAT),
        }
        self.items[name] = {"metadata": metadata, "data": {"ledger": text}}

    async def answer(self, request: web.Request) -> web.Response:
        """Answer the operator."""
        if self.status != 200:
            return web.json_response({}, status=self.status)
        if request.method == "DELETE":
            name = request.path.rpartition("/")[2]
            self.deleted[name] = json.loads(await request.text())["preconditions"]
            return web.json_response({}, status=409 if name == "changed" else 200)
        assert request.path == "/api/v1/namespaces/mail/configmaps"
        assert request.query["labelSelector"] == OURS
        found = sorted(self.items)
        first, limit = int(request.query.get("continue", 0)), int(request.query["limit"])
        more = {"continue": str(first + limit)} if first + limit < len(found) else {}
        page = [self.items[name] for name in found[first : first + limit]]
        return web.json_response({"metadata": more, "items": page})


def text(at: datetime = NOON, count: int = 3) -> str:
    """Write a ledger of one bucket."""
    return written(Ledger({number_of(at): count}))


def ledgers(api: ApiServer) -> CountedLedgers:
    return CountedLedgers(api, "mail")


async def test_all_are_read_page_by_page() -> None:
    namespace = Namespace()
    for number in range(1000):
        namespace.keep(f"mailbox-ledger-{number:04}", text(count=number + 1))

    async with answering(namespace.answer) as api:
        found = ledgers(api)
        await found.read()

    counted = [found.look(f"mailbox-ledger-{number:04}").used(NOON) for number in range(1000)]
    assert counted == list(range(1, 1001))
    assert found.look("of-another-address") == Ledger()


async def test_what_changed_is_read_again_and_what_is_gone_counts_nothing() -> None:
    namespace = Namespace()
    for name in ("kept", "used", "gone"):
        namespace.keep(name, text())

    async with answering(namespace.answer) as api:
        found = ledgers(api)
        await found.read()
        namespace.keep("used", text(count=5), version="8")
        del namespace.items["gone"]
        await found.read()

    assert [found.look(each).used(NOON) for each in ("kept", "used", "gone")] == [3, 5, 0]


async def test_a_damaged_one_is_unknown_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    namespace = Namespace()
    namespace.keep("odd", "nothing")

    async with answering(namespace.answer) as api:
        found = ledgers(api)
        await found.read()
        namespace.keep("odd", "nothing else", version="8")
        await found.read()
        assert await found.remove_unused(NOON) == 0

    assert [each.message for each in caplog.records].count("ledger damaged") == 1
    with pytest.raises(UncountedError, match="ConfigMap odd is damaged"):
        found.look("odd")


async def test_what_was_read_stands_while_the_api_server_does_not_answer() -> None:
    namespace = Namespace()
    namespace.keep("jane", text())

    async with answering(namespace.answer) as api:
        found = ledgers(api)
        await found.read()
        namespace.status = 403
        with pytest.raises(ApiServerError):
            await found.read()

    assert found.look("jane").used(NOON) == 3


async def test_what_nobody_used_for_long_is_removed_as_it_was_read() -> None:
    namespace = Namespace()
    namespace.keep("old", text(LONG_AGO))
    namespace.keep("empty", written(Ledger()))
    namespace.keep("changed", text(LONG_AGO))
    namespace.keep("new", written(Ledger()), created=NOON - HOUR)
    namespace.keep("used", text(NOON - UNUSED + BUCKET))
    namespace.keep("ahead", text(NOON + HOUR))
    namespace.keep("gap", written(Ledger({}, NOON - HOUR)))

    async with answering(namespace.answer) as api:
        found = ledgers(api)
        await found.read()
        await found.remove_unused(NOON)

    assert namespace.deleted == {
        name: {"uid": f"uid-{name}", "resourceVersion": "7"} for name in ("old", "empty", "changed")
    }
