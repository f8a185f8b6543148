"""The SASL mechanisms the SMTP server of the tests understands, and their verdicts."""

import base64
import binascii
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Final

from lab.servers.smtp_script import OAuthStyle, Script

ACCEPTED: Final = b"235 2.7.0 Accepted"
BAD_CREDENTIALS: Final = (
    b"535-5.7.8 Username and Password not accepted. For more information, go to\r\n"
    b"535 5.7.8  https://support.google.com/mail/?p=BadCredentials - gsmtp"
)
UNSUCCESSFUL: Final = b"535 5.7.3 Authentication unsuccessful"

Ask = Callable[[bytes], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What one AUTH command told: a user, and a password or a token."""

    mechanism: str
    username: str
    secret: str = field(repr=False)


async def credentials(mechanism: str, initial: str, ask: Ask) -> Credentials:
    """Carry out the exchange of one mechanism.

    Args:
        mechanism: PLAIN, LOGIN or XOAUTH2.
        initial: The initial response; empty if the client waits to be asked.
        ask: Sends a challenge and returns the client's line.

    Raises:
        ValueError: What the client sent cannot be decoded.
    """
    if mechanism == "LOGIN":
        username = _decoded(initial or await ask(b"334 VXNlcm5hbWU6"))
        return Credentials(mechanism, username, _decoded(await ask(b"334 UGFzc3dvcmQ6")))
    payload = _decoded(initial or await ask(b"334 "))
    return _plain(payload) if mechanism == "PLAIN" else _xoauth2(payload)


def verdict(script: Script, given: Credentials) -> bytes:
    """Judge credentials by the behaviour; the answer is the reply to send."""
    if given.mechanism != "XOAUTH2":
        known = script.behaviour.accounts.get(given.username)
        return ACCEPTED if known == given.secret else BAD_CREDENTIALS
    if _token_fits(script, given):
        return ACCEPTED
    if script.behaviour.oauth_style is OAuthStyle.MICROSOFT:
        return UNSUCCESSFUL
    return b"334 " + base64.b64encode(_google_refusal(script, given))


def _plain(payload: str) -> Credentials:
    _, username, password = payload.split("\0")
    return Credentials("PLAIN", username, password)


def _xoauth2(payload: str) -> Credentials:
    user, bearer, *rest = payload.split("\x01")
    if not user.startswith("user=") or not bearer.startswith("auth=Bearer ") or rest != ["", ""]:
        raise ValueError("not an XOAUTH2 response")
    return Credentials("XOAUTH2", user.removeprefix("user="), bearer.removeprefix("auth=Bearer "))


def _decoded(word: str) -> str:
    try:
        return base64.b64decode(word, validate=True).decode()
    except binascii.Error as error:
        raise ValueError("not base64") from error


def _token_fits(script: Script, given: Credentials) -> bool:
    if script.behaviour.tokens.get(given.username) == given.secret:
        return True
    return script.token_valid is not None and script.token_valid(given.username, given.secret)


def _google_refusal(script: Script, given: Credentials) -> bytes:
    behaviour = script.behaviour
    foreign = script.token_valid is not None or given.secret in behaviour.tokens.values()
    status = behaviour.oauth_status or ("400" if foreign else "401")
    refusal = {"status": status, "schemes": "Bearer", "scope": "https://mail.google.com/"}
    return json.dumps(refusal).encode()
