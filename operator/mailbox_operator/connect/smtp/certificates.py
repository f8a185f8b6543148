"""Reads what a server shows in its handshake, believed or not, to say what is wrong with it.

Everything here is a stranger's word: names are cut and kept to harmless letters before they are shown.
"""

import re
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding

MOST_NAMES_SHOWN: Final = 3
LONGEST_SHOWN_NAME: Final = 100
HOST_CHARACTERS: Final = re.compile(r"[A-Za-z0-9*._:-]+")
FOREIGN: Final = re.compile(r"[^A-Za-z0-9 ,'()&_-]+")
UNREADABLE_CERTIFICATES: Final = (
    ValueError, TypeError, IndexError, x509.DuplicateExtension, x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)  # fmt: skip
DER: Final = 2
"""`_ssl.ENCODING_DER`."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What a server shows.

    Attributes:
        names: Host names and addresses that its certificate is for.
        authority: Who issued the last certificate of the chain; empty if it has no name.
        chain: How many certificates the server sends, its own included.
        until: The last day on which its certificate is valid.
    """

    names: Sequence[str]
    authority: str
    chain: int
    until: date


def shown_by(connection: ssl.SSLObject) -> Shown | None:
    """Read the certificates of a connection; None where they cannot be read."""
    try:
        chain = [x509.load_der_x509_certificate(each) for each in _chain(connection)]
        own, last = chain[0], chain[-1]
        until = own.not_valid_after_utc.date()
        return Shown(_names(own), _authority(last.issuer), len(chain), until)
    except UNREADABLE_CERTIFICATES:
        return None


def specified(fault: Fault, shown: Shown) -> Fault:
    """Say more precisely what is wrong with a certificate that was refused."""
    problem, finding = fault.facts["problem"], fault.finding
    if finding is Finding.NAME_NOT_ON_CERTIFICATE:
        problem = f"it is for {_listed(shown.names)}, not for {fault.facts['host']}"
    elif finding is Finding.CERTIFICATE_EXPIRED:
        problem = f"it expired on {shown.until}"
    elif finding is Finding.ISSUER_UNKNOWN and shown.chain == 1:
        problem = (
            f"its issuer{_called(shown.authority)} is not known here, and the server sends no"
            " intermediate certificate"
        )
    elif finding in {Finding.ISSUER_UNKNOWN, Finding.AUTHORITY_UNKNOWN} and shown.chain > 1:
        finding = Finding.AUTHORITY_UNKNOWN
        problem = f"its authority{_called(shown.authority)} is not trusted here"
    facts = {**fault.facts, "problem": problem}
    return Fault(fault.reason, fault.detail, facts=facts, finding=finding)


def _chain(connection: Any) -> Sequence[bytes]:
    """Return the chain as the server sent it; before Python 3.13 only the inner object has it."""
    if hasattr(connection, "get_unverified_chain"):
        return list(connection.get_unverified_chain())
    sent = connection._sslobj.get_unverified_chain()  # noqa: SLF001 - it has no other door there
    return [each.public_bytes(DER) for each in sent or ()]


def _names(certificate: x509.Certificate) -> Sequence[str]:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        told = _common_names(certificate.subject)
    else:
        addresses = map(str, found.get_values_for_type(x509.IPAddress))
        told = [*found.get_values_for_type(x509.DNSName), *addresses]
    return [name[:LONGEST_SHOWN_NAME] for name in told if HOST_CHARACTERS.fullmatch(name)]


def _authority(name: x509.Name) -> str:
    told = [
        *_common_names(name),
        *(str(each.value) for each in name.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)),
    ]
    return " ".join(FOREIGN.sub(" ", told[0]).split())[:LONGEST_SHOWN_NAME] if told else ""


def _common_names(name: x509.Name) -> list[str]:
    return [str(each.value) for each in name.get_attributes_for_oid(NameOID.COMMON_NAME)]


def _called(name: str) -> str:
    return f" ({name})" if name else ""


def _listed(names: Sequence[str]) -> str:
    """Name the first ones, and how many more there are."""
    more = len(names) - MOST_NAMES_SHOWN
    listed = ", ".join(names[:MOST_NAMES_SHOWN]) or "no host at all"
    return f"{listed} and {more} more" if more > 0 else listed
