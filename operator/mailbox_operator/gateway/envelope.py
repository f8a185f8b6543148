"""Reads the arguments of MAIL and RCPT: one plain address in angle brackets, and parameters.

Refused although RFC 5321 has them: source routes (its appendix C), a domain left out, and quoted local
parts, which providers do not give out and servers read differently.

Source: RFC 5321 sections 4.1.1.2, 4.1.1.3 and 4.1.2; RFC 1870; RFC 6152; RFC 4954 section 5.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from mailbox_operator.decide.sending.answers import Situation
from mailbox_operator.decide.texts.shapes import LABEL

LONGEST_ADDRESS: Final = 254
FROM: Final = "MAIL FROM:<address>"
TO: Final = "RCPT TO:<address>"
SENDER: Final = re.compile(r"FROM: ?<([^<> ]*)>((?: .*)?)", re.IGNORECASE)
RECIPIENT: Final = re.compile(r"TO: ?<([^<> ]*)>((?: .*)?)", re.IGNORECASE)
ADDRESS: Final = re.compile(
    rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@(?:{LABEL}(?:\.{LABEL})*|\[[A-Za-z0-9:.]{{1,50}}\])"
)
PARAMETERS: Final = {
    "SIZE": re.compile(r"[0-9]{1,20}"),
    "BODY": re.compile(r"7BIT|8BITMIME", re.IGNORECASE),
    "AUTH": re.compile(r"[!-~]{1,500}"),
}
"""What MAIL takes. AUTH says for whom a message is sent on, and means nothing to us."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """What MAIL or RCPT says.

    Attributes:
        address: Of the sender, empty for `<>`, or of one recipient.
        size: How many bytes the message has, as announced; 0 where it was not.
    """

    address: str
    size: int = 0


@dataclass(frozen=True, slots=True)
class Mistake:
    """Why an argument is refused, with what is filled in there."""

    situation: Situation
    facts: Mapping[str, str] = field(default_factory=dict)


def read_sender(argument: str) -> Envelope | Mistake:
    """Read what follows MAIL, or say what is wrong with it."""
    match = SENDER.fullmatch(argument)
    if match is None:
        return Mistake(Situation.ARGUMENT_WRONG, {"form": FROM})
    if match[1] and (wrong := _mistake_in(match[1])):
        return wrong
    return _with_parameters(match[1], match[2].split())


def read_recipient(argument: str) -> Envelope | Mistake:
    """Read what follows RCPT, or say what is wrong with it."""
    match = RECIPIENT.fullmatch(argument)
    if match is None:
        return Mistake(Situation.ARGUMENT_WRONG, {"form": TO})
    if wrong := _mistake_in(match[1]):
        return wrong
    if parameters := match[2].split():
        parameter = parameters[0].partition("=")[0].upper()
        return Mistake(Situation.PARAMETER_UNKNOWN, {"parameter": parameter[:40]})
    return Envelope(match[1])


def _with_parameters(address: str, parameters: list[str]) -> Envelope | Mistake:
    """Read the parameters of MAIL, each of which may be there once."""
    values: dict[str, str] = {}
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        name = name.upper()
        pattern = PARAMETERS.get(name)
        if pattern is None:
            return Mistake(Situation.PARAMETER_UNKNOWN, {"parameter": name[:40]})
        if name in values or not pattern.fullmatch(value):
            return Mistake(Situation.ARGUMENT_WRONG, {"form": f"{FROM} SIZE=1000 BODY=8BITMIME"})
        values[name] = value
    return Envelope(address, int(values.get("SIZE", 0)))


def _mistake_in(address: str) -> Mistake | None:
    if len(address) > LONGEST_ADDRESS or not ADDRESS.fullmatch(address):
        return Mistake(Situation.ADDRESS_WRONG)
    return None
