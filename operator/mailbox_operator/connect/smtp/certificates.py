"""Reads what a server shows in its handshake, believed or not.

Everything here is a stranger's word: names are cut and kept to harmless letters before they are shown.
"""

import re
import ssl
from collections.abc import Sequence
from typing import Any, Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from mailbox_operator.connect.smtp.shown import Shown

LONGEST_SHOWN_NAME: Final = 100
HOST_CHARACTERS: Final = re.compile(r"[A-Za-z0-9*._:-]+")
FOREIGN: Final = re.compile(r"[^A-Za-z0-9 ,'()&_-]+")
UNREADABLE_CERTIFICATES: Final = (
    ValueError, TypeError, IndexError, x509.DuplicateExtension, x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)  # fmt: skip
DER: Final = 2
"""`_ssl.ENCODING_DER`."""


def shown_by(connection: ssl.SSLObject) -> Shown | None:
    """Read the certificates of a connection; None where they cannot be read."""
    try:
        chain = [x509.load_der_x509_certificate(each) for each in _chain(connection)]
        own, last = chain[0], chain[-1]
        until = own.not_valid_after_utc.date()
        return Shown(_names(own), _authority(last.issuer), len(chain), until)
    except UNREADABLE_CERTIFICATES:
        return None


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
