"""Cuts what an application sends into command lines, in bounded memory.

A line ends with CR LF alone, so that a line end of another kind cannot hide a second command.

Source: RFC 5321 section 4.5.3.1.4 (512 bytes, more where extensions need it); RFC 4954 section 4.
"""

from typing import Final

from mailbox_operator.decide.sending.answers import Situation
from mailbox_operator.decide.sending.lineends import LINE_END

LONGEST_LINE: Final = 2_048
"""Bytes with the line end; as Postfix takes them."""

LONGEST_LOGIN: Final = 12_288
"""Bytes of a line of AUTH; a signed token as a password is a long one."""


class Lines:
    """What came in and was not read yet."""

    def __init__(self) -> None:
        self._waiting = bytearray()
        self._cut: Situation | None = None

    def receive(self, data: bytes) -> None:
        """Take bytes in."""
        self._waiting += data

    def clear(self) -> None:
        """Drop all that came in."""
        self._waiting.clear()
        self._cut = None

    def take(self) -> bytes:
        """Take all off that came in."""
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken

    def next(self, *, is_login: bool) -> bytes | Situation | None:
        """Take the next line off.

        Args:
            is_login: Whether a reply to a challenge is due.

        Returns:
            The line without its end; why it cannot be read; None as long as it has no end.
        """
        if not self._waiting:
            return None
        end = self._waiting.find(LINE_END)
        length = end if end >= 0 else len(self._waiting) - 1  # the last byte may be a CR
        if length > LONGEST_LINE - len(LINE_END):
            self._cut = self._cut or self._too_long(length, is_login=is_login)
        if end < 0:
            if self._cut is not None:
                del self._waiting[:-1]
            return None
        line, cut, self._cut = bytes(self._waiting[:end]), self._cut, None
        del self._waiting[: end + len(LINE_END)]
        return cut or line

    def _too_long(self, length: int, *, is_login: bool) -> Situation | None:
        """Say why a line that is longer than a command is cut; None if a login may be that long."""
        if not is_login and self._waiting[:5].upper() != b"AUTH ":
            return Situation.LINE_TOO_LONG
        return Situation.LOGIN_TOO_LONG if length > LONGEST_LOGIN - len(LINE_END) else None
