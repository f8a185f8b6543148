"""How a gateway signs in to a mailbox by token: what the operator hands it, and nothing more."""

from dataclasses import dataclass, field

from mailbox_operator.decide.status.conditions import Endpoint


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """An access token of one Mailbox, and where it is good for.

    Only the leader exchanges refresh tokens, so there is one chain of them however many gateways send.

    Attributes:
        login: The account that signs in.
        token: The access token.
        endpoint: The provider's server.
        expires_at: Seconds since 1970 (UTC) at which the token expires.
        app_only: The token stands for an app that may act for the mailbox, not for a person.
    """

    login: str
    token: str = field(repr=False)
    endpoint: Endpoint
    expires_at: float
    app_only: bool = False
