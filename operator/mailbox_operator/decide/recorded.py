"""Reads a status back that was written earlier, here or elsewhere.

Whoever may write statuses may write nonsense. What cannot be read is as if it were absent, so it is
found out and written anew, and an odd status never keeps the operator from its work.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from mailbox_operator.decide.status import Condition, Endpoint, Status
from mailbox_operator.decide.words import Security


def parse_status(content: Any) -> Status:
    """Read a status as the API server sends it."""
    status: Mapping[str, Any] = content if isinstance(content, Mapping) else {}
    return Status(
        observed_generation=_number(status.get("observedGeneration"), -1),
        conditions=tuple(_conditions(status.get("conditions"))),
        consent_url=_text(status.get("consentURL")),
        granted_identity=_text(status.get("grantedIdentity")),
        secret_version=_text(status.get("secretVersion")),
        last_handled_reconnect_at=_text(status.get("lastHandledReconnectAt")),
        endpoint=_endpoint(status.get("endpoint")),
    )


def _conditions(content: Any) -> Iterator[Condition]:
    for item in content if isinstance(content, list) else ():
        if isinstance(item, Mapping):
            yield Condition(
                type=_text(item.get("type")),
                status=_text(item.get("status")),
                reason=_text(item.get("reason")),
                message=_text(item.get("message")),
                observed_generation=_number(item.get("observedGeneration"), 0),
                last_transition_time=_text(item.get("lastTransitionTime")),
            )


def _endpoint(content: Any) -> Endpoint | None:
    match content:
        case {"host": str(host), "port": int(port), "security": str(security)}:
            return Endpoint(host, port, Security(security)) if security in list(Security) else None
        case _:
            return None


def _number(value: Any, default: int) -> int:
    return value if type(value) is int else default


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
