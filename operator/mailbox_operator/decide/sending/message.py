"""The message of an application, as it is handed on."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Message:
    """One message with its envelope, complete and unchanged but for its line ends.

    Attributes:
        sender: The address of MAIL FROM.
        recipients: The addresses of RCPT TO, in their order, each once.
        content: Headers and body. Every line ends with CR LF, neither stands alone, NUL is not in
            it; it is not dot-stuffed.
    """

    sender: str
    recipients: tuple[str, ...]
    content: bytes = field(repr=False)

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.content)

    @property
    def is_8bit(self) -> bool:
        """Say whether it contains more than ASCII, so the way out needs 8BITMIME (RFC 6152)."""
        return not self.content.isascii()
