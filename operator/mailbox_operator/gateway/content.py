"""Takes in the bytes of one message until CR LF . CR LF, and makes its content of them.

No byte is looked at one by one here, and what is not kept is not held.

A spelling that servers read differently could smuggle a second message, so none gets out. Only CR LF .
CR LF ends a message, and only a line that CR LF ends has its dot taken off. After that a CR or LF that
stands alone becomes CR LF, and the way out stuffs the dots of every line again. NUL is refused: a
server that drops it would see a dot at the beginning of a line that was not stuffed.

Source: RFC 5321 sections 2.3.8, 4.1.1.4 and 4.5.2; CVE-2023-51764, CVE-2023-51765, CVE-2023-51766.
"""

from typing import Final

from mailbox_operator.decide.sending.answers import Situation
from mailbox_operator.decide.sending.lineends import (
    LINE_END,
    PIECE_BYTES,
    has_lone,
    pieces,
    with_line_ends,
)

END: Final = b"\r\n.\r\n"
OVERLAP: Final = len(END) - 1
"""Bytes that may be the beginning of the end."""


class Content:
    """The message that is coming in.

    Args:
        most: Bytes it may have, as they come over the wire and as they are handed on.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = bytearray(LINE_END)  # the line end of DATA: a dot may follow at once
        self._end = -1
        self._problem: Situation | None = None

    @property
    def held(self) -> int:
        """Bytes in memory."""
        return len(self._held)

    @property
    def is_complete(self) -> bool:
        """Say whether the end has come."""
        return self._end >= 0

    def feed(self, data: bytes | bytearray) -> bytes:
        """Take bytes in, as long as the end has not come; return those that follow the end."""
        start = max(0, len(self._held) - OVERLAP)
        self._held += data
        self._end = self._held.find(END, start)
        length = self._end if self._end >= 0 else len(self._held) - OVERLAP
        if length > self._most:
            self._problem = self._problem or Situation.TOO_LARGE
        if self._end < 0:
            if self._problem is not None:
                del self._held[:-OVERLAP]
            return b""
        rest = bytes(self._held[self._end + len(END) :])
        del self._held[self._end + len(LINE_END) :]
        return rest

    def discard(self, problem: Situation) -> None:
        """Keep nothing of this message from now on; the end is waited for all the same."""
        self._problem = self._problem or problem
        if not self.is_complete:
            del self._held[:-OVERLAP]

    def take(self) -> bytes | Situation:
        """Return the content of a message that is complete, or why there is none. It is let go."""
        held, self._held = self._held, bytearray()
        if self._problem is not None:
            return self._problem
        with memoryview(held) as view:
            content = bytes(view[len(LINE_END) :])
        held.clear()
        if content.startswith(b"."):
            content = content[1:]
        if b"\0" in content:
            return Situation.NUL_IN_MESSAGE
        return self._with_line_ends(content.replace(b"\r\n.", b"\r\n"))

    def _with_line_ends(self, content: bytes) -> bytes | Situation:
        if not any(map(has_lone, pieces(content, PIECE_BYTES))):
            return content if len(content) <= self._most else Situation.TOO_LARGE
        alone = content.count(b"\r") + content.count(b"\n") - 2 * content.count(LINE_END)
        if len(content) + alone > self._most:
            return Situation.TOO_LARGE
        return with_line_ends(content)
