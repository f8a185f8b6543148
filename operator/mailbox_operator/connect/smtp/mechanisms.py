"""The SASL mechanisms: what a client says by each, one line after the other.

A mechanism is a generator that yields the client's lines and is sent the server's challenges, both
without base64. The first line goes out with the AUTH command, unless it is empty (RFC 4954).
"""

import base64
import hmac
from collections.abc import Callable, Generator

Saying = Generator[bytes, bytes, None]
Mechanism = Callable[[], Saying]


def plain(username: str, password: str) -> Saying:
    """Say both at once.

    Source:
        RFC 4616.
    """
    yield f"\0{username}\0{password}".encode()


def login(username: str, password: str) -> Saying:
    """Say nothing before being asked: some servers would take the password for the username.

    Source:
        draft-murchison-sasl-login.
    """
    yield b""
    yield username.encode()
    yield password.encode()


def cram_md5(username: str, password: str) -> Saying:
    """Prove to know the password. TLS protects the proof, which MD5 would not for long.

    Source:
        RFC 2195.

    Raises:
        ValueError: The server sent no challenge.
    """
    challenge = yield b""
    if not challenge:
        raise ValueError("CRAM-MD5 without a challenge")
    proof = hmac.new(password.encode(), challenge, "md5").hexdigest()
    yield f"{username} {proof}".encode()


def xoauth2(username: str, token: str) -> Saying:
    """Say whom a token is for; a refusal comes as a challenge, which an empty line answers.

    Source:
        Google's and Microsoft's documentation; no RFC has it.
    """
    yield f"user={username}\1auth=Bearer {token}\1\1".encode()
    yield b""


def oauthbearer(username: str, token: str) -> Saying:
    """Say whom a token is for; a refusal comes as a challenge, which one byte answers.

    Source:
        RFC 7628, section 3; RFC 5801, section 4 (what is escaped in a name).
    """
    name = username.replace("=", "=3D").replace(",", "=2C")
    yield f"n,a={name},\1auth=Bearer {token}\1\1".encode()
    yield b"\1"


def next_line(saying: Saying, challenge: str) -> bytes | None:
    """Return what to answer to a challenge; None where nothing is left to say.

    What is not base64, as the prompts of some servers, is taken for an empty challenge.

    Raises:
        ValueError: The mechanism cannot go on after this challenge.
    """
    try:
        told = base64.b64decode(challenge.strip(), validate=True)
    except ValueError:
        told = b""
    try:
        return saying.send(told)
    except StopIteration:
        return None
