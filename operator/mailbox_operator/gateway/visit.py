"""What a connected application does beside speaking the protocol: it logs in, and has messages sent."""

import logging
from dataclasses import dataclass

from mailbox_operator.decide.sending.answers import ANSWERS, Answer, Situation
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.gateway.authentication import Credentials
from mailbox_operator.gateway.house import House
from mailbox_operator.gateway.ports import Submission
from mailbox_operator.gateway.session import Begin

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Visit:
    """One connection's login, and the room that its message takes.

    Attributes:
        house: What all connections share.
        source: Where the application is.
        owner: Whose login it is; empty without one.
    """

    house: House
    source: str
    owner: str = ""
    _submission: Submission | None = None
    _reserved: int = 0

    def log_in(self, credentials: Credentials) -> tuple[Answer, float]:
        """Judge a login.

        Returns:
            The reply, and the seconds to hold it back.
        """
        found = self.house.logins.authenticate(
            credentials.username, credentials.password, self.source
        )
        if not isinstance(found, Answer):
            self._submission, self.owner = found, credentials.username
            self.house.observer.welcomed()
            return ANSWERS[Situation.LOGGED_IN], 0.0
        if found != ANSWERS[Situation.LOGIN_WRONG]:
            return found, 0.0
        self.house.observer.refused(Situation.LOGIN_WRONG)
        pause = self.house.guesses.wrong(self.source, credentials.username)
        if pause is not None:
            return found, pause
        self.house.observer.refused(Situation.TOO_MANY_LOGINS)
        return ANSWERS[Situation.TOO_MANY_LOGINS], self.house.guesses.pause_seconds

    def begin(self, announced: Begin) -> Answer:
        """Judge the sender of a message, and its size."""
        assert self._submission is not None
        if not self.house.buffers.has_room(self.owner, announced.size):
            self.house.observer.refused(Situation.NO_ROOM)
            return ANSWERS[Situation.NO_ROOM]
        return self._submission.begin(announced.sender) or ANSWERS[Situation.SENDER_TAKEN]

    def reserve(self, size: int) -> bool:
        """Have room for a message of so many bytes in all; if there is none, let go what was taken."""
        more = size - self._reserved
        if more > 0 and not self.house.buffers.take(self.owner, more):
            self.release()
            return False
        if more < 0:
            self.house.buffers.give_back(self.owner, -more)
        self._reserved = size
        return True

    def release(self) -> None:
        """Return the room."""
        if self._reserved:
            self.house.buffers.give_back(self.owner, self._reserved)
            self._reserved = 0

    async def send(self, message: Message) -> Answer:
        """Have a message sent; its room is returned after that."""
        assert self._submission is not None
        try:
            if not self.reserve(message.size):
                self.house.observer.refused(Situation.NO_ROOM)
                return ANSWERS[Situation.NO_ROOM]
            return await self._submission.accept(message)
        except Exception:
            log.exception("the gateway failed to send a message")
            return ANSWERS[Situation.UNEXPECTED]
        finally:
            self.release()
