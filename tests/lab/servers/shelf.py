"""An API server that has room for one Secret, and can be late, away or forbidden."""

import asyncio
import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from aiohttp import web


@dataclass(slots=True)
class Shelf:
    """Keeps one Secret by compare-and-swap, as an API server does.

    Attributes:
        refuses: What it answers to each method in place of doing it.
        loses: It does what it is asked, and answers 500.
        open: While it is not set, a write waits.
        refused: How many requests it did not do.
        writes: How many it took.
        sizes: Of the bodies of all requests to write, in bytes.
    """

    refuses: dict[str, HTTPStatus] = field(default_factory=dict)
    loses: bool = False
    open: asyncio.Event = field(default_factory=asyncio.Event)
    refused: int = 0
    writes: int = 0
    sizes: list[int] = field(default_factory=list)
    data: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        self.open.set()

    @property
    def rows(self) -> list[list[Any]]:
        """The rows of refused logins in it."""
        kept = (self.data or {}).get("refusals", "W10=")
        return list(json.loads(base64.b64decode(kept)))

    async def answer(self, request: web.Request) -> web.Response:
        """Answer a request."""
        if status := self.refuses.get(request.method):
            self.refused += 1
            return _status(status)
        if request.method == "GET":
            return self._shown() if self.data is not None else _status(HTTPStatus.NOT_FOUND)
        content = await request.read()
        self.sizes.append(len(content))
        await self.open.wait()
        return self._written(request.method, json.loads(content))

    def _written(self, method: str, body: Mapping[str, Any]) -> web.Response:
        if method == "PATCH" and self.data is None:
            return _status(HTTPStatus.NOT_FOUND)
        expected = body["metadata"].get("resourceVersion") if method == "PATCH" else None
        if self.data is not None and expected != str(self.writes):
            return _status(HTTPStatus.CONFLICT)
        self.data = {**(self.data or {}), **body["data"]}
        self.writes += 1
        return _status(HTTPStatus.INTERNAL_SERVER_ERROR) if self.loses else self._shown()

    def _shown(self) -> web.Response:
        metadata = {"resourceVersion": str(self.writes)}
        return web.json_response({"metadata": metadata, "data": self.data})


def _status(status: HTTPStatus) -> web.Response:
    return web.json_response({"kind": "Status", "message": status.phrase}, status=status)
