"""What a login is made of: the lines a client sends by each mechanism, and what nobody may repeat.

The first line goes out with the AUTH command, unless it is empty; each other one answers a challenge.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mailbox_operator.decide.replies import Login

Lines = Sequence[str]


@dataclass(frozen=True, slots=True)
class Password:
    """A username and password.

    Attributes:
        app_password: The server is known to want an app password here.
    """

    username: str = field(repr=False)
    password: str = field(repr=False)
    app_password: bool = False

    @property
    def login(self) -> Login:
        """How a refusal is to be read."""
        return Login.PASSWORD

    @property
    def mechanisms(self) -> Mapping[str, Lines]:
        """What to send, by mechanism, the preferred one first.

        LOGIN sends nothing before it is asked: some servers would take the password, which comes
        next, for the username.

        Source:
            RFC 4616 (PLAIN), draft-murchison-sasl-login (LOGIN), RFC 4954 section 4 (base64).
        """
        plain = _base64(f"\0{self.username}\0{self.password}")
        return {"PLAIN": (plain,), "LOGIN": ("", _base64(self.username), _base64(self.password))}

    @property
    def secrets(self) -> Sequence[str]:
        """What must not be repeated to anybody."""
        lines = [line for lines in self.mechanisms.values() for line in lines]
        return (self.password, self.username, *lines)


@dataclass(frozen=True, slots=True)
class Bearer:
    """An access token for a user.

    Attributes:
        app_only: The token stands for an app that may act for the mailbox, not for the person.
    """

    username: str = field(repr=False)
    token: str = field(repr=False)
    app_only: bool = False

    @property
    def app_password(self) -> bool:
        """A token is no password of any kind."""
        return False

    @property
    def login(self) -> Login:
        """How a refusal is to be read."""
        return Login.APP_TOKEN if self.app_only else Login.TOKEN

    @property
    def mechanisms(self) -> Mapping[str, Lines]:
        """What to send; a refusal comes as a challenge, which an empty line answers."""
        return {"XOAUTH2": (_base64(f"user={self.username}\1auth=Bearer {self.token}\1\1"), "")}

    @property
    def secrets(self) -> Sequence[str]:
        """What must not be repeated to anybody."""
        return (self.token, *self.mechanisms["XOAUTH2"])


Credential = Password | Bearer


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
