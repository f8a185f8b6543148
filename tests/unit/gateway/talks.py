"""Talks to a dialogue as an application would, and answers its events as a gate would."""

import base64
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from mailbox_operator.decide.sending.answers import ANSWERS, Answer, Situation, answer
from mailbox_operator.decide.sending.message import Message
from mailbox_operator.gateway.authentication import Credentials
from mailbox_operator.gateway.dialogue import Dialogue
from mailbox_operator.gateway.session import Begin, Terms, Turn

USERNAME: Final = "acme.keycloak"
PASSWORD: Final = "q" * 43
ADDRESS: Final = "noreply@acme.example"
TAKEN: Final = Answer(250, "2.0.0", "OK taken")


def plain(username: str = USERNAME, password: str = PASSWORD, authorized: str = "") -> bytes:
    """Encode the reply of PLAIN."""
    return base64.b64encode(f"{authorized}\0{username}\0{password}".encode())


LOGIN: Final = b"EHLO app\r\nAUTH PLAIN " + plain() + b"\r\n"
ENVELOPE: Final = b"MAIL FROM:<noreply@acme.example>\r\nRCPT TO:<jane@other.example>\r\nDATA\r\n"


SMALL: Final = Terms("gateway.test", most_bytes=1_000, most_recipients=3)


@dataclass(slots=True)
class Talk:
    """One dialogue with a gate that knows one login and one address.

    Attributes:
        messages: What was handed on.
        refused: The refusals that were counted.
        begun: The announcements of messages.
        not_right: The answer to a login that is not the right one.
    """

    terms: Terms = SMALL
    is_secure: bool = True
    messages: list[Message] = field(default_factory=list)
    begun: list[Begin] = field(default_factory=list)
    refused: list[Situation] = field(default_factory=list)
    has_ended: bool = False
    not_right: Situation = Situation.LOGIN_WRONG
    _dialogue: Dialogue | None = None

    @property
    def dialogue(self) -> Dialogue:
        """The dialogue, which begins when it is asked for."""
        if self._dialogue is None:
            self._dialogue = Dialogue(
                self.terms, is_secure=self.is_secure, refused=self.refused.append
            )
        return self._dialogue

    def says(self, *pieces: bytes) -> list[str]:
        """Send pieces, and return the lines that come back."""
        said = b"".join(self._after(piece) for piece in pieces)
        return said.decode().splitlines()

    def codes(self, *pieces: bytes) -> list[str]:
        """Send pieces, and return the codes of the lines that come back."""
        return [line[:3] for line in self.says(*pieces)]

    def _after(self, piece: bytes) -> bytes:
        self.dialogue.receive(piece)
        said = b""
        while True:
            event = self.dialogue.step()
            said += self.dialogue.take_outgoing()
            match event:
                case Turn.WAIT:
                    return said
                case Turn.UPGRADE:
                    self.dialogue.secured()
                case Turn.END:
                    self.has_ended = True
                    return said
                case Turn():
                    pass
                case _:
                    self.dialogue.reply(self._judged(event))
                    said += self.dialogue.take_outgoing()

    def _judged(self, event: Credentials | Begin | Message) -> Answer:
        match event:
            case Credentials(username=username, password=password):
                right = (username, password) == (USERNAME, PASSWORD)
                return ANSWERS[Situation.LOGGED_IN if right else self.not_right]
            case Begin(sender=sender):
                self.begun.append(event)
                if sender == ADDRESS:
                    return ANSWERS[Situation.SENDER_TAKEN]
                return answer(Situation.FOREIGN_SENDER, address=sender, sender="acme/keycloak")
            case Message():
                self.messages.append(event)
                return TAKEN


def logged_in() -> Talk:
    """Begin a talk under TLS, and log in."""
    talk = Talk()
    talk.says(LOGIN)
    return talk


def content_of(body: bytes) -> list[bytes]:
    """Send what follows DATA, and return the contents of the messages that were handed on."""
    talk = logged_in()
    talk.says(ENVELOPE, body)
    return [message.content for message in talk.messages]


def cut(text: bytes, places: Iterable[int]) -> list[bytes]:
    """Cut a text at places."""
    edges = [0, *sorted(place % (len(text) + 1) for place in places), len(text)]
    return [text[start:end] for start, end in pairwise(edges)]
