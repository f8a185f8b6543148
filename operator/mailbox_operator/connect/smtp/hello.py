"""Asks a server which TLS it would speak, by half a handshake: one hello of each side, then goodbye.

A handshake that fails does not say what the server would have taken. This hello offers what the
operator never agrees to; no key is computed and no secret is said, so it costs and risks nothing.
"""

import asyncio
import socket
import ssl
from functools import lru_cache
from typing import Final

from mailbox_operator.connect.smtp.handshakes import OLD

HANDSHAKE: Final = 0x16
SERVER_HELLO: Final = 2
TLS_1_2: Final = 0x0303
HEAD: Final = 5
LONGEST_RECORD: Final = 16_384
MOST_LINES: Final = 100
SESSION_AT: Final = 38
"""In a ServerHello: behind its type, its length, the version and the server's random."""

FOREIGN_KEYS: Final = {
    "kx-dhe": "it agrees on keys by finite-field Diffie-Hellman (DHE), the operator by ECDHE alone",
    "kx-rsa": "it agrees on keys by RSA, the operator by ECDHE alone",
}


async def ask_terms(connected: socket.socket, host: str, helo: str, *, starttls: bool) -> str:
    """Say what a server would speak that the operator does not; empty where that does not show.

    Args:
        connected: To the server; closed at the end.
        host: What the server is called.
        helo: What the operator calls itself.
        starttls: The server wants to be asked for TLS first.

    Raises:
        OSError, EOFError, ValueError: The server hangs up, or talks without an end.
    """
    reader, writer = await asyncio.open_connection(sock=connected)
    try:
        if starttls and not await _ask_starttls(reader, writer, helo):
            return ""
        writer.write(hello(host))
        head = await reader.readexactly(HEAD)
        length = min(int.from_bytes(head[3:]), LONGEST_RECORD)
        return problem_of(await reader.readexactly(length)) if head[0] == HANDSHAKE else ""
    finally:
        writer.transport.abort()


async def _ask_starttls(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, helo: str
) -> bool:
    """Ask for TLS in plain SMTP (RFC 3207)."""
    code = await _read_reply(reader)
    for line in (f"EHLO {helo}\r\n", "STARTTLS\r\n"):
        writer.write(line.encode())
        code = await _read_reply(reader)
    return code == b"220"


async def _read_reply(reader: asyncio.StreamReader) -> bytes:
    for _ in range(MOST_LINES):
        line = await reader.readline()
        if line[3:4] != b"-":
            return line[:3]
    raise ValueError("a reply without an end")


def hello(host: str) -> bytes:
    """Write the first message of a client that takes almost anything."""
    written = ssl.MemoryBIO()
    try:
        _easy().wrap_bio(ssl.MemoryBIO(), written, server_hostname=host).do_handshake()
    except ssl.SSLWantReadError:
        return written.read()
    raise ssl.SSLError("a handshake without a server")


def problem_of(message: bytes) -> str:
    """Read version and cipher of a ServerHello; say what the operator does not take of them.

    Source:
        RFC 5246, section 7.4.1.3.
    """
    cipher_at = SESSION_AT + 1 + (message[SESSION_AT] if len(message) > SESSION_AT else 0)
    chosen = message[cipher_at : cipher_at + 2]
    if len(chosen) < 2 or message[0] != SERVER_HELLO:  # noqa: PLR2004 - a cipher has two bytes
        return ""
    if int.from_bytes(message[4:6]) < TLS_1_2:
        return OLD
    return FOREIGN_KEYS.get(_agreements().get(int.from_bytes(chosen), ""), "")


@lru_cache(maxsize=1)
def _easy() -> ssl.SSLContext:
    """Make a context that offers all that OpenSSL has. Nothing is ever agreed on with it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context


@lru_cache(maxsize=1)
def _agreements() -> dict[int, str]:
    """How keys are agreed on, by the number of the cipher."""
    return {each["id"] & 0xFFFF: each["kea"] for each in _easy().get_ciphers()}
