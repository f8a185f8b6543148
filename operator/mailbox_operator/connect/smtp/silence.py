"""Finds out why a server does not greet: it may wait for a TLS handshake itself.

A greeting may take its time (RFC 5321 section 4.5.3.2.1 grants five minutes), so the session goes on
waiting while the server is looked at, and ends early only where no greeting can come.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from mailbox_operator.connect.smtp.faults import Exchange
from mailbox_operator.connect.smtp.handshakes import about_tls
from mailbox_operator.decide.failure.smtp_replies import Stage

TLS_FIRST: Final = ", but TLS from its first byte"
TlsLook = Callable[[], Coroutine[Any, Any, bool | None]]
"""Says whether a server answers a TLS handshake; None where there was no room for a look."""


@dataclass(slots=True)
class Silence:
    """The time of a session before its greeting.

    Attributes:
        exchange: Where the session stands.
        seconds: After this, the server is looked at.
        beside: Looks, while the session is open, whether the server answers a TLS handshake.
        after: Looks once the session is over, where `beside` had no room.
    """

    exchange: Exchange
    seconds: float
    beside: TlsLook
    after: TlsLook
    _looking: asyncio.Task[bool | None] | None = None
    _waits: bool = True

    async def during(self, session: Coroutine[Any, Any, None]) -> None:
        """Wait for a session, but not for a greeting that cannot come.

        Raises:
            Fault: `TlsModeMismatch`: the server waits for a TLS handshake.
        """
        try:
            await self._await_session(session)
        except TimeoutError as error:
            if self._lasts and await self._probe_tls():
                found = about_tls(self.exchange.endpoint, "it waits for a TLS handshake")
                raise found.with_facts(other=TLS_FIRST) from error
            raise
        finally:
            if self._looking is not None:
                self._looking.cancel()
                await asyncio.wait([self._looking])

    async def _await_session(self, session: Coroutine[Any, Any, None]) -> None:
        async with asyncio.timeout(None) as patience:
            begin = asyncio.get_running_loop().call_later(self.seconds, self._look, patience)
            try:
                await session
            finally:
                begin.cancel()
                self._waits = False

    @property
    def _lasts(self) -> bool:
        return self.exchange.stage is Stage.BANNER

    async def _probe_tls(self) -> bool:
        found = await self._looking if self._looking is not None else None
        return bool(await self.after() if found is None else found)

    def _look(self, patience: asyncio.Timeout) -> None:
        if self._lasts:
            self._looking = asyncio.create_task(self.beside())
            self._looking.add_done_callback(partial(self._end, patience))

    def _end(self, patience: asyncio.Timeout, looked: asyncio.Task[bool | None]) -> None:
        """Break the session off if it still waits, and does so for nothing."""
        if self._waits and self._lasts and not looked.cancelled() and looked.result():
            patience.reschedule(0)
