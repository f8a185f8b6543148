"""The names the demo takes in a cluster."""

from typing import Final

MAILBOXES: Final = "mailbox-demo"
"""The tenant's namespace."""

PLATFORM: Final = "mailbox-demo-operator"
"""The namespace of the operator, of its ServiceAccount and of the platform's Secrets."""

INFRASTRUCTURE: Final = "mailbox-demo"
"""The ManagedInfrastructure; not `default`, which a cluster may have."""
