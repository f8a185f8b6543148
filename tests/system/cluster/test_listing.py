"""Objects are listed in pages that are bounded in bytes, whatever tenants make of them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from aiohttp import web

from lab.servers.scripted import answering
from mailbox_operator.cluster.answers import MIB, MOST_ANSWER_BYTES
from mailbox_operator.cluster.listing import FIRST_PAGE, MOST_PAGE_BYTES, Listing

SMALL: Final = 500
FAT: Final = MIB // 2


@dataclass
class Shelf:
    """Objects of these sizes, in pages as long as asked for.

    Attributes:
        asked: The limits that were asked for, and how many bytes there were to answer.
    """

    sizes: Sequence[int]
    asked: list[tuple[int, int]] = field(default_factory=list)

    async def page(self, request: web.Request) -> web.Response:
        """Answer with a page."""
        first, limit = int(request.query.get("continue", 0)), int(request.query["limit"])
        end = min(first + limit, len(self.sizes))
        items = [{"number": n, "x": "x" * self.sizes[n]} for n in range(first, end)]
        more = {"continue": str(end)} if end < len(self.sizes) else {}
        metadata = {"resourceVersion": "7"} | more
        body = json.dumps({"metadata": metadata, "items": items}, separators=(",", ":"))
        self.asked.append((limit, len(body)))
        return web.Response(text=body)


async def listed(shelf: Shelf) -> list[int]:
    async with answering(shelf.page) as api:
        listing = Listing(api, "/things", "application/json")
        found = [item["number"] async for item in listing.items()]
        assert listing.version == "7"
        return found


async def test_small_objects_come_in_ever_longer_pages() -> None:
    shelf = Shelf([SMALL] * 2000)

    assert await listed(shelf) == list(range(2000))
    assert [limit for limit, _ in shelf.asked][:4] == [FIRST_PAGE, 100, 200, 400]


async def test_an_empty_list_is_one_page() -> None:
    shelf = Shelf([])

    assert await listed(shelf) == []
    assert len(shelf.asked) == 1


async def test_large_objects_come_in_pages_within_the_bound() -> None:
    shelf = Shelf([SMALL] * 60 + [FAT] * 30 + [SMALL] * 60)

    assert await listed(shelf) == list(range(150))
    taken = [size for _, size in shelf.asked if size <= MOST_PAGE_BYTES]
    assert len(shelf.asked) - len(taken) <= 6


async def test_an_object_above_the_bound_is_read_alone() -> None:
    shelf = Shelf([SMALL, 3 * MIB, 3 * MIB, SMALL])

    assert await listed(shelf) == [0, 1, 2, 3]
    assert {limit for limit, size in shelf.asked if size > MOST_PAGE_BYTES} <= {FIRST_PAGE, 6, 1, 2}


async def test_an_object_that_never_fits_is_passed_over() -> None:
    shelf = Shelf([SMALL, MOST_ANSWER_BYTES + MIB, SMALL])

    assert await listed(shelf) == [0, 2]


async def test_an_object_that_never_fits_may_be_the_last() -> None:
    async with answering(Shelf([SMALL, MOST_ANSWER_BYTES + MIB]).page) as api:
        listing = Listing(api, "/things", "application/json")

        assert [item["number"] async for item in listing.items()] == [0]
