"""Reads a status back that was written earlier, here or elsewhere.

Whoever may write statuses may write nonsense. What cannot be read is as if it were absent, so it is
found out and written again, and an odd status never keeps the operator from its work.
"""

import re
from collections.abc import Iterator, Mapping
from sys import intern
from typing import Any, Final

from mailbox_operator.decide.status.capacity import Capacity
from mailbox_operator.decide.status.conditions import (
    Condition,
    Endpoint,
    MailboxCount,
    Status,
)
from mailbox_operator.decide.words import Security

MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


def parse_status(content: Any) -> Status:
    """Read a status as the API server sends it."""
    status: Mapping[str, Any] = content if isinstance(content, Mapping) else {}
    return Status(
        observed_generation=_number(status.get("observedGeneration"), -1),
        conditions=tuple(_conditions(status.get("conditions"))),
        consent_url=_text(status.get("consentURL")),
        granted_identity=_text(status.get("grantedIdentity")),
        claimed_at=_time(status.get("claimedAt")),
        unproved_since=_time(status.get("unprovedSince")),
        secret_version=_text(status.get("secretVersion")),
        last_handled_reconnect_at=_text(status.get("lastHandledReconnectAt")),
        endpoint=_endpoint(status.get("endpoint")),
        binding=_binding(status.get("binding")),
        mailboxes=_mailboxes(status.get("mailboxes")),
        capacity=_capacity(status.get("capacity")),
    )


def status_written_at(managed: Any) -> str:
    """Say when a status was last changed, by `metadata.managedFields`; empty where it is unknown."""
    entries = managed if isinstance(managed, list) else ()
    times = (
        _time(entry.get("time"))
        for entry in entries
        if isinstance(entry, Mapping) and entry.get("subresource") == "status"
    )
    return max(times, default="")


def _conditions(content: Any) -> Iterator[Condition]:
    for item in content if isinstance(content, list) else ():
        if isinstance(item, Mapping):
            yield Condition(
                type=_shared(item.get("type")),
                status=_shared(item.get("status")),
                reason=_shared(item.get("reason")),
                message=_shared(item.get("message")),
                observed_generation=_number(item.get("observedGeneration"), 0),
                last_transition_time=_shared(item.get("lastTransitionTime")),
            )


def _endpoint(content: Any) -> Endpoint | None:
    match content:
        case {"host": str(host), "port": int(port), "security": str(security)}:
            known = security in list(Security)
            return Endpoint(intern(host), port, Security(security)) if known else None
        case _:
            return None


def _binding(content: Any) -> str:
    return _text(content.get("name")) if isinstance(content, Mapping) else ""


def _mailboxes(content: Any) -> MailboxCount | None:
    match content:
        case {"selected": int(selected), "connected": int(connected)}:
            return MailboxCount(selected, connected)
        case _:
            return None


def _capacity(content: Any) -> Capacity | None:
    match content:
        case {"limit": int(limit), "used": int(used), "available": int(available)}:
            return Capacity(limit, used, available, _time(content.get("nextAt")))
        case _:
            return None


def _number(value: Any, default: int) -> int:
    return value if type(value) is int else default


def _shared(value: Any) -> str:
    """Read a text of which a fleet of ten thousand has a handful: each is kept in memory once."""
    return intern(str(value)) if isinstance(value, str) else ""


def _time(value: Any) -> str:
    """Read a time; claims are compared by it, so one that is none counts for nothing."""
    text = _text(value)
    return intern(text) if MOMENT.fullmatch(text) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
