"""What applications may take of the gateway."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of connections, in number and in time.

    Attributes:
        connections: Open connections in all.
        connections_each: Those of one source that are not logged in: an IPv4 address, or a /64 of IPv6.
        handshake_seconds: Of TLS.
        login_seconds: From the first byte to the login.
        command_seconds: For a whole command of one who is logged in; so long may one be idle, with no
            message under way (RFC 5321 section 4.5.3.2.7 asks for five minutes).
        reading_seconds: For a reply to be read.
        message_seconds: For a message, beside what its bytes may take.
        bytes_per_second: How slowly a message may come in after that.
        message_longest_seconds: For a message, however large it is.
        ending_seconds: For what is under way when the process has to end.
    """

    connections: int = 500
    connections_each: int = 200
    handshake_seconds: float = 10.0
    login_seconds: float = 60.0
    command_seconds: float = 300.0
    reading_seconds: float = 60.0
    message_seconds: float = 60.0
    bytes_per_second: int = 64 * 1024
    message_longest_seconds: float = 600.0
    ending_seconds: float = 60.0

    def message_due(self, received: int) -> float:
        """Return the seconds within which a message has to be complete, by what has come in of it."""
        wanted = self.message_seconds + received / self.bytes_per_second
        return min(wanted, self.message_longest_seconds)
