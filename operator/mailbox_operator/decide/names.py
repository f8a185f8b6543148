"""The names the project has at the API server: its group, labels, annotations and types of Secrets."""

from collections.abc import Mapping
from typing import Any, Final

GROUP: Final = "mailbox-operator.io"

PENDING_CONSENT: Final = f"{GROUP}/authorization"
"""Type and label of the Secrets with what browsers are out with; they are nobody's inputs."""

REFUSED_LOGINS: Final = f"{GROUP}/refused-logins"
"""Type of the Secret with the refused logins of the last hour; it is nobody's input either."""

ACCESS: Final = f"{GROUP}/access"
"""Type and label of the Secrets with the access tokens that gateways send by."""

GRANT: Final = f"{GROUP}/grant"
"""Label of the Secret that holds a grant."""

CONSENT: Final = f"{GROUP}/consent"
"""Annotation of that Secret: which consent the grant came by. A refresh does not change it."""

ORPHANED: Final = f"{GROUP}/orphaned"
"""Label of a grant whose Mailbox is gone."""

GRANTED: Final = f"{GROUP}/granted-at"
"""Annotation: when the grant was written down. A restored Secret was created much later."""

GATEWAY_CERTIFICATE: Final = f"{GROUP}/gateway-certificate"
"""Label of the Secrets with the gateway's certificate and authority, if the operator made them."""

LEDGER: Final = f"{GROUP}/ledger"
"""Label of the ConfigMaps that count what was sent as an address, or by a Sender."""

SENT: Final = f"{GROUP}/last-sent-at"
"""Annotation of a Mailbox: when its provider took a message."""

LIMITED: Final = f"{GROUP}/sending-limit-reached-at"
"""Annotation of a Mailbox: when its provider refused a message for its sending limit."""


def annotations_of(metadata: Mapping[str, Any]) -> Mapping[str, str]:
    """Return the annotations of an object."""
    return metadata.get("annotations") or {}


def grant_name(uid: str) -> str:
    """Name the Secret that holds the grant of a Mailbox uid."""
    return f"mailbox-grant-{uid}"


RECONNECT: Final = "mailbox-operator.io/reconnect-requested-at"


def access_name(uid: str) -> str:
    """Name the Secret that holds the access record of a Mailbox uid."""
    return f"mailbox-access-{uid}"
