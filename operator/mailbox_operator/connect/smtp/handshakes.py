"""Reads why TLS was not set up: there is none, the certificate is bad, or the handshake fails."""

import ssl
from collections.abc import Mapping
from typing import Final

from mailbox_operator.connect.network.network import about
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.finding import Finding
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.status.conditions import Endpoint

NO_TLS: Final = frozenset(
    {
        "WRONG_VERSION_NUMBER",
        "UNKNOWN_PROTOCOL",
        "HTTP_REQUEST",
        "HTTPS_PROXY_REQUEST",
        "PACKET_LENGTH_TOO_LONG",
        "RECORD_LAYER_FAILURE",  # OpenSSL 3.2 and newer, for what was WRONG_VERSION_NUMBER
    }
)
"""What OpenSSL says of bytes that are no TLS."""

OLD: Final = "it offers no TLS 1.2 or newer"
NOTHING_SHARED: Final = "it shares no cipher and key agreement with the operator"
TOO_WEAK: Final = "its keys or parameters are too weak"
CLIENT_CERTIFICATE: Final = "it wants a client certificate, and the operator has none"
BROKEN: Final = "it reports an internal error of its own"
HUNG_UP: Final = "it hangs up during the TLS handshake"
FALSE_OFFER: Final = "it offers STARTTLS, but does not answer the handshake in TLS"

PROBLEMS: Final[Mapping[str, str]] = {
    "UNSUPPORTED_PROTOCOL": OLD,
    "TLSV1_ALERT_PROTOCOL_VERSION": OLD,
    "SSLV3_ALERT_HANDSHAKE_FAILURE": NOTHING_SHARED,
    "TLSV1_ALERT_INSUFFICIENT_SECURITY": NOTHING_SHARED,
    "DH_KEY_TOO_SMALL": TOO_WEAK,
    "EE_KEY_TOO_SMALL": TOO_WEAK,
    "WRONG_CURVE": TOO_WEAK,
    "WRONG_SIGNATURE_TYPE": TOO_WEAK,
    "UNSAFE_LEGACY_RENEGOTIATION_DISABLED": "it has no secure renegotiation (RFC 5746)",
    "TLSV1_ALERT_NO_APPLICATION_PROTOCOL": "it insists on an application protocol (ALPN)",
    "TLSV13_ALERT_CERTIFICATE_REQUIRED": CLIENT_CERTIFICATE,
    "TLSV1_ALERT_INTERNAL_ERROR": BROKEN,
    "TLSV1_UNRECOGNIZED_NAME": "it serves no host of this name",
    "UNEXPECTED_EOF_WHILE_READING": HUNG_UP,
}
PASSING_TROUBLES: Final = frozenset({BROKEN, HUNG_UP})
"""Troubles that may pass, so that only repetition tells."""

EXPIRED: Final = 10
CERTIFICATES: Final[Mapping[int, tuple[str, Finding]]] = {
    9: ("it is not valid yet", Finding.CERTIFICATE_NOT_YET_VALID),
    EXPIRED: ("it has expired", Finding.CERTIFICATE_EXPIRED),
    18: ("it is self-signed", Finding.AUTHORITY_UNKNOWN),
    19: ("its authority is not trusted here", Finding.AUTHORITY_UNKNOWN),
    2: ("its issuer is not known here", Finding.ISSUER_UNKNOWN),
    20: ("its issuer is not known here", Finding.ISSUER_UNKNOWN),
    21: ("its issuer is not known here", Finding.ISSUER_UNKNOWN),
    62: ("it is not for this host name", Finding.NAME_NOT_ON_CERTIFICATE),
    64: ("it is not for this IP address", Finding.NAME_NOT_ON_CERTIFICATE),
    66: ("its key is too weak", Finding.CERTIFICATE_TOO_WEAK),
    67: ("the key of its authority is too weak", Finding.CERTIFICATE_TOO_WEAK),
    68: ("it is signed with a hash that is too weak", Finding.CERTIFICATE_TOO_WEAK),
}
"""By OpenSSL's X509_V_ERR_ codes: what is wrong, and what helps."""


def fault_of_tls(error: ssl.SSLError, endpoint: Endpoint, *, upgraded: bool) -> Fault:
    """Say why TLS was not set up.

    Args:
        error: What OpenSSL reports.
        endpoint: With whom.
        upgraded: The server had offered STARTTLS and agreed to it, so the port is right.
    """
    if isinstance(error, ssl.SSLCertVerificationError):
        return _fault_of_certificate(error, endpoint)
    said = error.reason or ""
    if said not in NO_TLS:
        return handshake_failed(endpoint, PROBLEMS.get(said, _in_words(said)), said)
    if upgraded:
        return handshake_failed(endpoint, FALSE_OFFER, said)
    return about_tls(endpoint, said)


def about_tls(endpoint: Endpoint, detail: str) -> Fault:
    """Make the fault that port and security do not go together."""
    return about(endpoint, Reason.TLS_MODE_MISMATCH, detail)


def handshake_failed(endpoint: Endpoint, problem: str, detail: str) -> Fault:
    """Make the fault that a server's TLS does not work with ours."""
    certain = problem not in PASSING_TROUBLES
    reason = Reason.TLS_HANDSHAKE_FAILED
    fault = about(endpoint, reason, detail, certain=certain, problem=problem)
    wanted = problem == CLIENT_CERTIFICATE
    return fault.specified(Finding.CLIENT_CERTIFICATE_WANTED if wanted else None)


def _fault_of_certificate(error: ssl.SSLCertVerificationError, endpoint: Endpoint) -> Fault:
    unknown = (error.verify_message.rstrip("."), None)
    problem, finding = CERTIFICATES.get(error.verify_code, unknown)
    reason, detail = Reason.TLS_VERIFICATION_FAILED, error.verify_message
    return about(endpoint, reason, detail, problem=problem).specified(finding)


def _in_words(said: str) -> str:
    """Put OpenSSL's word for an error into plain ones."""
    words = said.lower().replace("_", " ")
    for prefix in ("sslv3 ", "tlsv1 ", "tlsv13 ", "alert "):
        words = words.removeprefix(prefix)
    return f"the handshake breaks off ({words or 'without a reason'})"
