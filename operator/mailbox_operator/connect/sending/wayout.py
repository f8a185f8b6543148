"""The way out over SMTP: a session for each mailbox, a few for a relay, kept while there is mail."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from mailbox_operator.connect.sending.opening import Opener
from mailbox_operator.connect.sending.warm import WarmSession
from mailbox_operator.connect.sending.ways import Way, Ways
from mailbox_operator.connect.smtp.transaction import DeliveryTimeouts, Ended
from mailbox_operator.deadline import Deadline
from mailbox_operator.decide.failure.fault import Fault, Postponed
from mailbox_operator.decide.sending.delivery import NotSent, Outcome, Route
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.decide.words import MessagePhase
from mailbox_operator.places import Places

TURN_SECONDS: Final = 30.0
IDLE_SECONDS: Final = 30.0
LONGEST_SECONDS: Final = 3600.0
"""Of a session: a credential that was replaced is in use no longer than that."""

MOST_SESSIONS: Final = 500
NOBODY: Final = ""
"""A session is closed for no tenant."""


@dataclass(slots=True)
class WayInUse:
    """Those who send one way in one session: one at a time, each tenant in its turn.

    Attributes:
        name: Of the way, with a number where it has several sessions.
        turn: One place, for the one whose turn it is.
        users: How many send, or wait.
        session: The session, if one is open.
        is_opening: Whether one is being opened.
        idle: Closes it once nobody has used it for a while.
    """

    name: tuple[str, ...]
    turn: Places = field(default_factory=lambda: Places(1, reserved=False))
    users: int = 0
    session: WarmSession | None = None
    is_opening: bool = False
    idle: Deadline | None = None


@dataclass(slots=True)
class SmtpWayOut:
    """Sends messages in sessions that last.

    Attributes:
        opener: Opens sessions.
        ways: Chooses the way of each Mailbox.
        monotonic: Seconds that no change of the time of day moves.
        timeouts: How long a provider may take with a message.
        turn_seconds: How long a message waits for others of the same way.
        idle_seconds: How long a session is kept without mail.
        most_sessions: Open at once; the one that was idle longest makes room.
    """

    opener: Opener
    ways: Ways
    monotonic: Callable[[], float]
    timeouts: DeliveryTimeouts = field(default_factory=DeliveryTimeouts)
    turn_seconds: float = TURN_SECONDS
    idle_seconds: float = IDLE_SECONDS
    most_sessions: int = MOST_SESSIONS
    _in_use: dict[tuple[str, ...], WayInUse] = field(default_factory=dict, repr=False)
    _closing: set[asyncio.Task[None]] = field(default_factory=set, repr=False)

    @property
    def sessions(self) -> int:
        """How many sessions are open."""
        return sum(line.session is not None for line in self._in_use.values())

    @property
    def idle_sessions(self) -> int:
        """How many of them no message uses."""
        return sum(_is_idle(line) for line in self._in_use.values())

    async def send(self, route: Route, message: Message) -> Outcome:
        """Send one message to all of its recipients, or to none of them."""
        try:
            return await self._send_in_turn(self.ways.way(route.case), route, message)
        except (Fault, Postponed) as trouble:
            return NotSent(trouble)

    async def close(self) -> None:
        """Close all sessions at once, each when the message that is in it has ended."""
        await asyncio.gather(*map(self._close_line, list(self._in_use.values())))
        if self._closing:
            await asyncio.wait(self._closing)

    async def _send_in_turn(self, way: Way, route: Route, message: Message) -> Outcome:
        """Send a message when it is its turn.

        Raises:
            Postponed: Its turn did not come in time, or no session can be opened now.
            Fault: Why no session can be opened.
        """
        line, tenant = self._line(way), route.case.mailbox.key.namespace
        line.users += 1
        try:
            await self._wait_for(line.turn, tenant)
            try:
                return await self._send(line, way, message)
            finally:
                line.turn.give_back(tenant)
        finally:
            line.users -= 1
            self._leave(line)

    def _line(self, way: Way) -> WayInUse:
        """Choose a session that is idle; or else one that is not open yet, or where fewest wait."""
        names = [(*way.name, str(number)) for number in range(way.sessions)]
        name = min(names, key=self._burden)
        line = self._in_use.get(name)
        if line is None:
            line = self._in_use[name] = WayInUse(name)
        return line

    def _burden(self, name: tuple[str, ...]) -> tuple[int, bool]:
        line = self._in_use.get(name)
        return (line.users, line.session is None) if line is not None else (0, True)

    async def _wait_for(self, turn: Places, tenant: str) -> None:
        """Wait for the turn of a message.

        Raises:
            Postponed: It did not come in time.
        """
        try:
            with self.opener.progress.message_phase(MessagePhase.QUEUE):
                if not turn.take_now(tenant):
                    async with asyncio.timeout(self.turn_seconds):
                        await turn.take(tenant)
        except TimeoutError:
            raise Postponed("other messages are being sent") from None

    async def _send(self, line: WayInUse, way: Way, message: Message) -> Outcome:
        """Send in the session that is open, and once more in a new one if that was none any more."""
        if line.idle is not None:
            line.idle.rest()
        if line.session is not None and not self._is_good(line.session, way):
            await self._drop(line)
        if line.session is not None:
            outcome = await self._say(line, line.session, message)
            if not isinstance(outcome, Ended):
                return outcome
        line.session = await self._open(line, way, message.sender)
        outcome = await self._say(line, line.session, message)
        if not isinstance(outcome, Ended):
            return outcome
        if isinstance(outcome.outcome.trouble, Fault):  # or each message would bring a login
            self.opener.remember(way, outcome.outcome.trouble)
        return outcome.outcome

    async def _open(self, line: WayInUse, way: Way, sender: str) -> WarmSession:
        """Open a session; it counts from now on."""
        line.is_opening = True
        try:
            await self._make_room()
            return await self.opener.open(way, sender)
        finally:
            line.is_opening = False

    def _is_good(self, session: WarmSession, way: Way) -> bool:
        is_young = self.monotonic() - session.opened_at < LONGEST_SECONDS
        return session.is_open and is_young and session.version == way.version

    async def _say(self, line: WayInUse, session: WarmSession, message: Message) -> Outcome | Ended:
        try:
            with self.opener.progress.message_phase(MessagePhase.SEND):
                return await session.send(message, self.timeouts)
        finally:
            session.used_at = self.monotonic()
            if not session.is_open:
                await self._drop(line)

    async def _make_room(self) -> None:
        """Close the session that was idle longest, if there are too many.

        Raises:
            Postponed: None is idle.
        """
        held = sum(line.is_opening or line.session is not None for line in self._in_use.values())
        if held <= self.most_sessions:
            return
        idle = [line for line in self._in_use.values() if _is_idle(line)]
        if not idle:
            raise Postponed("too many sessions are open")
        await self._close_idle(min(idle, key=_last_use))

    def _leave(self, line: WayInUse) -> None:
        """Have the session of a line closed in a while, unless somebody comes before."""
        if line.users:
            return
        if line.session is None:
            self._in_use.pop(line.name, None)
            return
        if line.idle is None:
            loop = asyncio.get_running_loop()
            line.idle = Deadline(loop, partial(self._begin_closing, line))
        line.idle.within(self.idle_seconds)

    def _begin_closing(self, line: WayInUse) -> None:
        async def close() -> None:
            await self._close_idle(line)
            if not line.users and line.session is None and self._in_use.get(line.name) is line:
                del self._in_use[line.name]

        task = asyncio.create_task(close())
        self._closing.add(task)
        task.add_done_callback(self._closing.discard)

    async def _close_idle(self, line: WayInUse) -> None:
        if not line.turn.in_use:
            await self._close_line(line)

    async def _close_line(self, line: WayInUse) -> None:
        async with line.turn.one(NOBODY):
            await self._drop(line)

    async def _drop(self, line: WayInUse) -> None:
        session, line.session = line.session, None
        if session is not None:
            await session.close()


def _is_idle(line: WayInUse) -> bool:
    return line.session is not None and not line.turn.in_use


def _last_use(line: WayInUse) -> float:
    return line.session.used_at if line.session else 0.0
