"""Makes the application's reply from the provider's: its codes and words, as far as they are safe."""

import re
from collections.abc import Collection
from typing import Final

from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.sending.answers import Answer
from mailbox_operator.decide.texts.scrub import scrubbed

LONGEST_REPLY: Final = 480
"""Of a reply line, codes included; RFC 5321 section 4.5.3.1.5 has 512 with its line break."""

ENHANCED: Final = re.compile(r"^([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)", re.ASCII)
NO_WORDS: Final = "the provider gave no text"
TAKEN: Final = 250
UNDECIDED: Final = 451
OF_A_CONNECTION: Final = frozenset({421, 432, 454, 530, 534, 535, 538})
"""Codes about the gateway's own connection or login at the provider, which would end the application's,
or blame its login (RFC 5321 section 3.8, RFC 4954 section 6)."""


def passed_on(code: int, text: str, secrets: Collection[str] = (), recipient: str = "") -> Answer:
    """Make the reply to an application from a provider's: one line, and no credential in it.

    A reply without an enhanced code gets one without detail, for the gateway promises one (RFC 2034).

    A code that is no final one becomes 451: nothing was decided, so the application may try again. So
    does one about the gateway's connection to the provider. Each yes is 250, as clients expect it.

    Args:
        code: As the provider sent it.
        text: Its lines, joined by line breaks.
        secrets: What the provider may have repeated, and nobody may read.
        recipient: Whom it is about, where that is in doubt; named unless the provider does.

    Source: RFC 3463 section 2 (an enhanced code begins as its reply does); RFC 2034 section 4 (it is at
        the front of each line of a reply).
    """
    lines = [line.strip() for line in text.splitlines()]
    found = ENHANCED.match(lines[0]) if lines else None
    is_given = found is not None and found[1][0] == str(code)[0]
    code = _code(code)
    enhanced = f"{code // 100}{found[1][1:] if found and is_given else '.0.0'}"
    bare = map(_without_code, lines)
    named = recipient and recipient.casefold() not in text.casefold()
    about = f"<{recipient}>: " if named else ""
    room = LONGEST_REPLY - len(f"{code} {enhanced} {about}")
    words = " ".join(scrubbed(" ".join(filter(None, bare)), secrets, room).split())
    return Answer(code, enhanced, about + (words or NO_WORDS))


def _without_code(line: str) -> str:
    """Cut the enhanced code off a line of a reply, if it begins with one."""
    found = ENHANCED.match(line)
    return line[found.end() :] if found else line


def said_by(reply: Answer, mailbox: Key) -> Answer:
    """Name the Mailbox that sent a message at the end of the reply, which still fits into a line."""
    name = f" by {mailbox}"
    room = LONGEST_REPLY - len(f"{reply.code} {reply.enhanced} {name}")
    return Answer(reply.code, reply.enhanced, reply.text[:room] + name)


def _code(code: int) -> int:
    match code // 100:
        case 2:
            return TAKEN
        case 4 | 5 if code not in OF_A_CONNECTION:
            return code
        case _:
            return UNDECIDED
