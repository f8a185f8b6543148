"""What a connected application does beside speaking the protocol: it logs in, and has messages sent."""

import asyncio
import logging
from dataclasses import dataclass
from typing import Final

from mailbox_operator.decide.sending.answers import ANSWERS, Answer, Situation
from mailbox_operator.decide.sending.login import parse_user_name
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.gateway.authentication import Credentials
from mailbox_operator.gateway.house import Guest, House
from mailbox_operator.gateway.ports import Submission
from mailbox_operator.gateway.session import Begin
from mailbox_operator.serving import peer_of

WRONG: Final = ANSWERS[Situation.LOGIN_WRONG]
NOT_YET: Final = {ANSWERS[Situation.LOGINS_UNKNOWN_YET]: Situation.LOGINS_UNKNOWN_YET}
"""What is said of a login that cannot be judged; else its Sender has a spec that cannot be used."""

UNDER_WAY_BYTES: Final = 16 * 1024
"""What a message that is being sent counts for at least: who sent it may hang up, and send more."""

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Visit:
    """One connection's login, and the room that its message takes.

    Attributes:
        house: What all connections share.
        guest: The connection.
        source: Where the application is.
        tenant: The namespace of its login; empty without one.
    """

    house: House
    guest: Guest
    source: str = ""
    tenant: str = ""
    _submission: Submission | None = None
    _reserved: int = 0

    def enter(self, address: str) -> Guest | None:
        """Take a place; return who has to leave for it, as `Doors` does."""
        self.source = peer_of(address)
        return self.house.enter(self.source, self.guest)

    def leave(self, *, is_sending: bool) -> None:
        """Give the place back, and the room too unless a message is being sent."""
        self.house.depart(self.source, self.guest)
        if not is_sending:
            self.release()

    def log_in(self, credentials: Credentials) -> Answer:
        """Judge a login by what is known; a wrong one is not counted yet."""
        found = self.house.logins.authenticate(
            credentials.username, credentials.password, self.source
        )
        if isinstance(found, Answer):
            if found != WRONG:
                self.house.observer.refused(NOT_YET.get(found, Situation.SENDER_INVALID))
            return found
        name = parse_user_name(credentials.username)
        assert name is not None, "a login that is accepted names a Sender"
        if not self.house.doors.settle(self.source, name.namespace, self.guest):
            self.house.observer.refused(Situation.TOO_MANY_CONNECTIONS)
            return ANSWERS[Situation.TOO_MANY_CONNECTIONS]
        self._submission, self.tenant = found, name.namespace
        self.house.observer.welcomed()
        return ANSWERS[Situation.LOGGED_IN]

    async def log_in_again(self, credentials: Credentials) -> Answer:
        """Judge a login that was wrong a moment ago; the answer to a guess is held back."""
        is_known = await self.house.logins.look_again()
        found = self.log_in(credentials)
        if found != WRONG:
            return found
        if not is_known:
            self.house.observer.refused(Situation.LOGINS_UNKNOWN_YET)
            return ANSWERS[Situation.LOGINS_UNKNOWN_YET]
        self.house.observer.refused(Situation.LOGIN_WRONG)
        pause = self.house.guesses.wrong(self.source, credentials.username)
        if pause is None:
            self.house.observer.refused(Situation.TOO_MANY_LOGINS)
            found, pause = ANSWERS[Situation.TOO_MANY_LOGINS], self.house.guesses.pause_seconds
        await asyncio.sleep(pause)
        return found

    def begin(self, announced: Begin) -> Answer:
        """Judge the sender of a message, and its size."""
        assert self._submission is not None
        if not self.house.buffers.has_room(self.tenant, announced.size):
            self.house.observer.refused(Situation.NO_ROOM)
            return ANSWERS[Situation.NO_ROOM]
        return self._submission.begin(announced.sender) or ANSWERS[Situation.SENDER_TAKEN]

    def reserve(self, size: int) -> bool:
        """Have room for a message of so many bytes in all; if there is none, let go what was taken."""
        more = size - self._reserved
        if more > 0 and not self.house.buffers.take(self.tenant, more):
            self.release()
            return False
        if more < 0:
            self.house.buffers.give_back(self.tenant, -more)
        self._reserved = size
        return True

    def release(self) -> None:
        """Return the room."""
        if self._reserved:
            self.house.buffers.give_back(self.tenant, self._reserved)
            self._reserved = 0

    async def send(self, message: Message) -> Answer:
        """Have a message sent; its room is returned after that."""
        assert self._submission is not None
        try:
            if not self.reserve(max(message.size, UNDER_WAY_BYTES)):
                self.house.observer.refused(Situation.NO_ROOM)
                return ANSWERS[Situation.NO_ROOM]
            return await self._submission.accept(message)
        except Exception:
            log.exception("the gateway failed to send a message")
            self.house.observer.refused(Situation.UNEXPECTED)
            return ANSWERS[Situation.UNEXPECTED]
        finally:
            self.release()
