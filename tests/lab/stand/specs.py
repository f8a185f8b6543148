"""The ordinary spec of a Mailbox for each of the six combinations."""

from typing import Any, Final

Spec = dict[str, Any]

CREDENTIALS: Final[Spec] = {"credentialsSecretRef": {"name": "jane"}}
JANE: Final[Spec] = {"address": "jane@acme.example"}

MANAGED_GOOGLE: Final[Spec] = JANE | {"provider": "Google", "infrastructure": "Managed"}
MANAGED_OUTLOOK: Final[Spec] = JANE | {"provider": "Outlook", "infrastructure": "Managed"}
MANAGED_SMTP: Final[Spec] = JANE | CREDENTIALS | {"provider": "SMTP", "infrastructure": "Managed"}
GOOGLE: Final[Spec] = JANE | CREDENTIALS | {"provider": "Google", "infrastructure": "Private"}
OUTLOOK: Final[Spec] = JANE | CREDENTIALS | {"provider": "Outlook", "infrastructure": "Private"}
SMTP: Final[Spec] = (
    JANE
    | CREDENTIALS
    | {"provider": "SMTP", "infrastructure": "Private", "smtp": {"host": "smtp.acme.example"}}
)
