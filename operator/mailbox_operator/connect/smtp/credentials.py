"""What a login is made of: by which mechanisms it can be offered, and what nobody may repeat."""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from secrets import token_urlsafe

from mailbox_operator.connect.smtp.mechanisms import (
    Mechanism,
    cram_md5,
    login,
    oauthbearer,
    plain,
    xoauth2,
)
from mailbox_operator.connect.smtp.scram import SHA_1, SHA_256, scram
from mailbox_operator.decide.failure.smtp_replies import LoginKind


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
    def login(self) -> LoginKind:
        """How a refusal is to be read."""
        return LoginKind.PASSWORD

    @property
    def mechanisms(self) -> Mapping[str, Mechanism]:
        """How to offer it, the preferred one first.

        All are in verified TLS. The plain ones come first: they work with every way in which a
        server keeps passwords. DIGEST-MD5 is historic (RFC 6331), so it is not among them.
        """
        both = (self.username, self.password)
        return {
            "PLAIN": partial(plain, *both),
            "LOGIN": partial(login, *both),
            "SCRAM-SHA-256": lambda: scram(SHA_256, *both, token_urlsafe()),
            "SCRAM-SHA-1": lambda: scram(SHA_1, *both, token_urlsafe()),
            "CRAM-MD5": partial(cram_md5, *both),
        }

    @property
    def secrets(self) -> Sequence[str]:
        """What must not be repeated to anybody."""
        lines = (*plain(self.username, self.password), *login(self.username, self.password))
        return (self.password, self.username, *map(encoded_line, lines))


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
    def login(self) -> LoginKind:
        """How a refusal is to be read."""
        return LoginKind.APP_TOKEN if self.app_only else LoginKind.TOKEN

    @property
    def mechanisms(self) -> Mapping[str, Mechanism]:
        """How to offer it: first Google's and Microsoft's own way, then the standard's."""
        both = (self.username, self.token)
        return {"XOAUTH2": partial(xoauth2, *both), "OAUTHBEARER": partial(oauthbearer, *both)}

    @property
    def secrets(self) -> Sequence[str]:
        """What must not be repeated to anybody."""
        lines = (next(begin()) for begin in self.mechanisms.values())
        return (self.token, *map(encoded_line, lines))


Credential = Password | Bearer


def encoded_line(line: bytes) -> str:
    """Write a line as it goes out (RFC 4954, section 4)."""
    return base64.b64encode(line).decode()
