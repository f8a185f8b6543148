"""One application's connection: the only place where the dialogue meets a socket and a clock."""

import asyncio
from collections.abc import Awaitable
from typing import Final, assert_never, cast

from mailbox_operator.deadline import Deadline
from mailbox_operator.decide.sending.answers import Answer, Situation
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.gateway.authentication import Credentials
from mailbox_operator.gateway.dialogue import Dialogue
from mailbox_operator.gateway.handshake import upgraded
from mailbox_operator.gateway.house import House
from mailbox_operator.gateway.patience import Patience
from mailbox_operator.gateway.session import Begin, Event, Turn
from mailbox_operator.gateway.visit import WRONG, Visit

MOST_STEPS: Final = 64
"""Commands that are answered in one go, before it is the turn of other connections."""


class Connection(asyncio.Protocol):
    """Drives one dialogue.

    Args:
        house: What all connections share.
        is_tls: Whether TLS begins at once (RFC 8314), not by STARTTLS.
    """

    def __init__(self, house: House, *, is_tls: bool) -> None:
        self._house, self._is_tls = house, is_tls
        self._loop = asyncio.get_running_loop()
        self._dialogue = Dialogue(house.terms, is_secure=False, refused=house.observer.refused)
        self._visit = Visit(house, self)
        self._patience = Patience(house.bounds, Deadline(self._loop, self._overdue))
        self._transport: asyncio.Transport | None = None
        self._early: list[bytes] | None = None
        self._is_stuck = self._is_behind = self._is_over = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take a newcomer in, and cut off the stranger that has to leave for it."""
        self._transport = cast("asyncio.Transport", transport)
        leaving = self._visit.enter(str((transport.get_extra_info("peername") or ("",))[0]))
        if leaving is self:
            self._refuse()
            return
        if leaving is not None:
            leaving.displace()
        if self._is_tls:
            self._begin_tls()
        else:
            self._dialogue.greet()
            self._go_on()

    def connection_lost(self, exc: BaseException | None) -> None:
        """Make room; a message that is being sent goes on."""
        del exc
        self._is_over, self._transport = True, None
        self._patience.end()
        self._visit.leave(is_sending=self._dialogue.is_waiting)

    def data_received(self, data: bytes) -> None:
        """Take bytes in, as far as there is room for them."""
        if self._early is not None:
            self._early.append(data)  # decrypted, but the transport to answer by is not known yet
            return
        if self._dialogue.is_receiving:
            self._patience.received(len(data))
            if not self._visit.reserve(self._dialogue.held + len(data)):
                self._dialogue.discard()
        self._dialogue.receive(data)
        if self._is_stuck or self._is_behind or self._dialogue.is_waiting:
            self._reading(on=False)
        else:
            self._advance()

    def pause_writing(self) -> None:
        """Take no more commands of one who does not read the replies."""
        self._is_stuck = True
        self._set_deadline()

    def resume_writing(self) -> None:
        """Go on with one who reads again."""
        self._is_stuck = False
        self._go_on()

    def leave(self) -> None:
        """Go, unless a message is under way; after that as well."""
        if self._early is not None:
            self.cut_off()
        elif self._dialogue.is_idle:
            self._close(Situation.SHUTTING_DOWN)

    def displace(self) -> None:
        """Leave for a newcomer."""
        self._refuse()
        self.cut_off()

    def cut_off(self) -> None:
        """Close at once, whatever is under way."""
        if self._transport is not None:
            self._transport.abort()

    def _refuse(self) -> None:
        is_expected = self._is_tls and not self._dialogue.is_secure
        if is_expected or self._early is not None:  # nothing can be said before a handshake
            self._house.observer.refused(Situation.TOO_MANY_CONNECTIONS)
            self.cut_off()
        else:
            self._close(Situation.TOO_MANY_CONNECTIONS)

    def _close(self, situation: Situation) -> None:
        self._dialogue.close(situation)
        self._hang_up()

    def _hang_up(self) -> None:
        """Write the last words, and wait a little until they are read."""
        self._flush()
        self._is_over = True
        if self._transport is not None:
            self._transport.close()
            self._set_deadline()

    def _overdue(self) -> None:
        if self._is_over or self._is_stuck:
            self.cut_off()
        else:
            self._close(Situation.TOO_SLOW)

    def _set_deadline(self) -> None:
        """Give what is awaited now its time."""
        if self._is_over:
            self._patience.for_the_end()
        elif self._is_stuck:
            self._patience.for_a_reader()
        elif self._early is not None:
            self._patience.rest()
        else:
            self._patience.for_more(self._dialogue)

    def _go_on(self) -> None:
        self._set_deadline()
        if self._early is None:
            self._reading(on=True)
        self._advance()

    def _advance(self) -> None:
        """Answer what has come in, a few commands at a time."""
        steps = 0
        while not self._is_over and not self._is_stuck and self._react(self._dialogue.step()):
            steps += 1
            if steps == MOST_STEPS:
                self._rest()
                break
        self._flush()
        if steps and not self._is_over:
            self._set_deadline()
            if self._dialogue.is_idle:
                self._visit.release()

    def _rest(self) -> None:
        """Let others have a turn; nothing more is read until what is here is answered."""
        self._reading(on=False)
        if not self._is_behind:
            self._is_behind = True
            self._loop.call_soon(self._catch_up)

    def _catch_up(self) -> None:
        self._is_behind = False
        if not self._is_over:
            self._go_on()

    def _react(self, event: Event) -> bool:
        """Do what a step asks for; say whether the next one can be taken."""
        match event:
            case Turn():
                return self._turn(event)
            case Credentials():
                return self._log_in(event)
            case Begin():
                self._dialogue.reply(self._visit.begin(event))
                return True
            case Message():
                self._set_deadline()
                self._house.spawn(self._answer(self._visit.send(event)))
                return False
            case _:
                assert_never(event)

    def _turn(self, turn: Turn) -> bool:
        match turn:
            case Turn.ON:
                if self._dialogue.is_receiving:
                    self._patience.message_begins()
            case Turn.WAIT:
                if self._house.is_closing:
                    self.leave()
            case Turn.UPGRADE:
                self._flush()
                self._begin_tls()
            case Turn.END:
                self._hang_up()
        return turn is Turn.ON

    def _log_in(self, credentials: Credentials) -> bool:
        given = self._visit.log_in(credentials)
        if given != WRONG:
            self._dialogue.reply(given)
            return True
        self._set_deadline()
        self._house.spawn(self._answer(self._visit.log_in_again(credentials)))
        return False

    async def _answer(self, coming: Awaitable[Answer]) -> None:
        """Give a reply that takes its time."""
        self._dialogue.reply(await coming)
        if not self._is_over:
            self._go_on()

    def _begin_tls(self) -> None:
        """Read nothing more in plain text, from this moment."""
        self._reading(on=False)
        self._early = []
        self._set_deadline()
        self._house.spawn(self._upgrade())

    async def _upgrade(self) -> None:
        assert self._transport is not None
        seconds = self._house.bounds.handshake_seconds
        secured = await upgraded(self._transport, self, self._house.context, seconds)
        if secured is None or self._is_over:
            self.connection_lost(None)  # asyncio does not say so before a handshake is over
            return
        self._transport, early = secured, b"".join(self._early or ())
        self._early = None
        self._dialogue.secured()
        if self._is_tls:
            self._dialogue.greet()
        self._dialogue.receive(early)
        self._go_on()

    def _flush(self) -> None:
        outgoing = self._dialogue.take_outgoing()
        if outgoing and self._transport is not None:
            self._transport.write(outgoing)

    def _reading(self, *, on: bool) -> None:
        if self._transport is not None:
            (self._transport.resume_reading if on else self._transport.pause_reading)()
