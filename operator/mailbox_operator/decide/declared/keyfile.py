"""Names what people put in place of a service account's key file."""

from collections.abc import Mapping
from typing import Final

OAUTH_CLIENT: Final = "an OAuth client's"
WRONG_KEYS: Final = {
    "authorized_user": "a person's own login, as gcloud writes it",
    "external_account": "a configuration of Workload Identity Federation, which has no key",
    "external_account_authorized_user": "a login of Workforce Identity Federation",
    "gdch_service_account": "a service account's of Google Distributed Cloud",
    "impersonated_service_account": "a configuration of impersonation, which has no key",
}
"""What a file is, by its `type`. Source: Google Auth libraries, application default credentials."""

LABELS: Final = (
    ("ENCRYPTED PRIVATE KEY", "it is encrypted"),
    ("OPENSSH PRIVATE KEY", "it is a key for SSH"),
    ("EC PRIVATE KEY", "it is a key of another algorithm"),
    ("DSA PRIVATE KEY", "it is a key of another algorithm"),
    ("PUBLIC KEY", "it is a public key"),
    ("CERTIFICATE", "it is a certificate"),
)
ESCAPED: Final = (
    r"it has \n written out in place of line breaks: take the file as it was downloaded"
)
CUT_OFF: Final = "its END line is missing"


def kind_of_file(content: Mapping[str, object]) -> str:
    """Say whose file this is, if it is a known one that is not a service account's; else empty."""
    if "web" in content or "installed" in content:
        return OAUTH_CLIENT
    kind = content.get("type")
    return WRONG_KEYS.get(kind, "") if isinstance(kind, str) else ""


def mistake_in_key(pem: str) -> str:
    """Say what is wrong with the form of a key, if it is a known mistake; else empty."""
    if r"\n" in pem:
        return ESCAPED
    for label, mistake in LABELS:
        if f"-----BEGIN {label}-----" in pem:
            return mistake
    return CUT_OFF if "-----BEGIN " in pem and "-----END " not in pem else ""
