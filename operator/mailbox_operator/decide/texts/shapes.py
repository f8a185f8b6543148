"""What the texts of a manifest may look like; the same patterns stand in the CRDs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, ip_address
from typing import Final

from mailbox_operator.decide.texts.domain_labels import (
    advice_on_address,
    advice_on_host,
    advice_on_server,
)


@dataclass(frozen=True, slots=True)
class Shape:
    """A rule for a text.

    Attributes:
        fits: Whether a text is right.
        problem: What is said of one that is not.
        advice: What else can be said of a certain text that is not, as the end of that sentence.
    """

    fits: Callable[[str], bool]
    problem: str
    advice: Callable[[str], str] = lambda _: ""


def _shape(
    pattern: str, longest: int, problem: str, advice: Callable[[str], str] = lambda _: ""
) -> Shape:
    compiled = re.compile(pattern)

    def fits(text: str) -> bool:
        return len(text) <= longest and compiled.fullmatch(text) is not None

    return Shape(fits, problem, advice)


def is_ip(text: str) -> bool:
    """Say whether a text is an IP address as isIP() of Kubernetes has it: no zone, not IPv4-mapped."""
    try:
        found = ip_address(text)
    except ValueError:
        return False
    return isinstance(found, IPv4Address) or (found.scope_id is None and found.ipv4_mapped is None)


def is_within(host: str, domain: str) -> bool:
    """Say whether a name is a domain or below it; both in lower case, without the root's dot."""
    return f".{host}".endswith(f".{domain}")


NAMELESS: Final = "mailbox-operator.invalid"
"""A host name of nobody's (RFC 2606 section 2), for want of a better one in EHLO: an address literal
would tell the pod's address, or a wrong one."""

LABEL: Final = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
LOWER: Final = r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"
OBJECT: Final = r"[a-z0-9]([-a-z0-9]*[a-z0-9])?"
GUID: Final = r"[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}"
QUALIFIED: Final = r"[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?"
_HOST_NAME: Final = _shape(rf"{LABEL}(\.{LABEL})*", 253, "")

ADDRESS: Final = _shape(
    rf"[A-Za-z0-9.!#$%&'*+/=?^_`{{|}}~-]{{1,64}}@({LABEL}\.)+{LABEL}",
    254,
    "it must be a plain ASCII address such as jane@acme.example",
    advice_on_address,
)
DISPLAY_NAME: Final = _shape(
    r"[^\x00-\x1f\x7f-\x9f]*", 256, "it must have at most 256 characters and no control characters"
)
DOMAIN: Final = _shape(
    rf"({LOWER}\.)+{LOWER}",
    253,
    "it must be a domain in lower case, without a leading dot",
    advice_on_host,
)
DOMAIN_OR_SUBDOMAINS: Final = _shape(
    rf"(\*\.)?({LOWER}\.)+{LOWER}",
    253,
    "it must be a domain in lower case such as acme.example, or *.acme.example for those below it",
    advice_on_host,
)
HOST: Final = Shape(
    lambda text: _HOST_NAME.fits(text) or is_ip(text),
    "it must be a host name or an IP address, without scheme, port, brackets or spaces",
    advice_on_server,
)
LABEL_KEY: Final = _shape(
    rf"({OBJECT}(\.{OBJECT})*/)?{QUALIFIED}",
    317,
    "it must be a label key such as team or acme.example/team: at most 63 letters, digits, hyphens,"
    " dots and underscores, a letter or a digit first and last, after an optional domain and a slash",
)
LABEL_VALUE: Final = _shape(
    r"([A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?)?",
    63,
    "it must be a label value: at most 63 letters, digits, hyphens, dots and underscores, a letter or"
    " a digit first and last",
)
LINK: Final = _shape(r"https://\S+", 2048, "it must be a link that begins with https://")
NAMESPACE: Final = _shape(
    LOWER,
    63,
    "it must be the name of a namespace: at most 63 lower-case letters, digits and hyphens, a letter"
    " or a digit first and last",
)
NAME: Final = _shape(
    rf"{OBJECT}(\.{OBJECT})*",
    253,
    "it must be the name of an object: at most 253 lower-case letters, digits, hyphens and dots, a"
    " letter or a digit first and last",
)
PRESET_NAME: Final = _shape(
    r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?",
    63,
    "it must be the name of a preset: at most 63 letters, digits, hyphens, dots and underscores, a"
    " letter or a digit first and last",
)
LONGEST_SENDER: Final = 58
"""So that `<name>-smtp`, the name of its Secret, fits into a label."""

SENDER_NAME: Final = _shape(
    rf"{OBJECT}(\.{OBJECT})*",
    LONGEST_SENDER,
    "it must be the name of an object: at most 58 lower-case letters, digits, hyphens and dots, a"
    " letter or a digit first and last",
)
SHORT_NAME: Final = _shape(
    rf"{OBJECT}(\.{OBJECT})*",
    63,
    "it must be the name of an object: at most 63 lower-case letters, digits, hyphens and dots, a"
    " letter or a digit first and last",
)
TENANT: Final = _shape(
    rf"common|organizations|consumers|{GUID}|({LABEL}\.)+{LABEL}",
    253,
    "it must be a GUID, a domain such as contoso.example, common, organizations or consumers",
    advice_on_host,
)
