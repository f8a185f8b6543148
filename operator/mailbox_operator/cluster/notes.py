"""What is noted on the Secret of a grant: whose it is, and what becomes of it without a Mailbox."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from mailbox_operator.cluster.grantsecret import MAILBOX_ANNOTATION, TOKEN
from mailbox_operator.cluster.listing import Item
from mailbox_operator.decide.cluster.clocks import Clocks
from mailbox_operator.decide.declared.deletion import read_policy
from mailbox_operator.decide.declared.resource import Key
from mailbox_operator.decide.declared.secret import decode_secret, read_moment
from mailbox_operator.decide.grants.fate import Fate
from mailbox_operator.decide.grants.orphan import Orphan, orphaned_since
from mailbox_operator.decide.names import (
    CONSENT,
    GRANT,
    GRANTED,
    GROUP,
    ORPHANED,
    annotations_of,
    grant_name,
)
from mailbox_operator.decide.status.conditions import TIME_FORMAT
from mailbox_operator.decide.words import DeletionPolicy, Kind, Provider

SINCE: Final = f"{GROUP}/orphaned-since"
UNTIL: Final = f"{GROUP}/kept-until"
FATE: Final = f"{GROUP}/fate"
POLICY: Final = f"{GROUP}/deletion-policy"
APPROVED: Final = f"{GROUP}/revocation-approved"
"""Annotation by which an administrator lets an orphaned grant end now."""

YES: Final = "true"

Notes = Mapping[str, str | None]
"""Annotations by name; None for one that is not to be there."""


def uid_of(metadata: Mapping[str, Any]) -> str:
    """Return the uid of the Mailbox that a grant was given to."""
    return str(metadata["name"]).removeprefix(grant_name(""))


def orphan_of(secret: Mapping[str, Any]) -> Orphan | None:
    """Read a grant, except its token; None where it names no Mailbox.

    Raises:
        Fault: A value is too long, or no text.
    """
    metadata = secret["metadata"]
    noted = annotations_of(metadata)
    namespace, _, name = noted.get(MAILBOX_ANNOTATION, "").partition("/")
    if not namespace or not name:
        return None
    kept = decode_secret(metadata["name"], secret.get("data"))
    provider = kept.text("provider", "")
    is_revocable = bool(kept.text(TOKEN, "")) and provider in set(Provider)
    return Orphan(
        uid=uid_of(metadata),
        key=Key(Kind.MAILBOX, namespace, name),
        provider=provider,
        address=kept.text("address", ""),
        account=kept.text("account", ""),
        login=kept.text("login", ""),
        identity=kept.text("identity", ""),
        consented=bool(kept.text("consent", "")) and is_revocable,
        policy=read_policy(noted.get(POLICY, "")),
        granted=read_moment(noted.get(GRANTED, "")),
        created=read_moment(str(metadata.get("creationTimestamp") or "")),
        since=read_moment(noted.get(SINCE, "")),
        held=noted.get(FATE) == Fate.HELD,
        approved=noted.get(APPROVED) == YES,
    )


def notes_of(orphan: Orphan, fate: Fate, until: datetime, now: Clocks) -> Notes:
    """Say what is to stand on the Secret of an orphaned grant.

    Notes that a backup brought are made again, and an approval that it brought is void.
    """
    notes: dict[str, str | None] = {
        SINCE: orphaned_since(orphan, now).strftime(TIME_FORMAT),
        UNTIL: until.strftime(TIME_FORMAT) if fate is Fate.GRACE else None,
        FATE: fate.value,
    }
    return notes | {APPROVED: None} if orphan.is_restored else notes


def notes_of_living(metadata: Mapping[str, Any], policy: DeletionPolicy | None) -> Notes:
    """Say what is to stand on the Secret of a grant whose Mailbox is there.

    Args:
        metadata: Of the Secret.
        policy: The one that counts; None where that is not known, so that the noted one stays. The
            default is not noted, unless another one was.
    """
    noted = annotations_of(metadata).get(POLICY)
    is_noted = read_policy(noted or "") is policy
    left = {SINCE: None, UNTIL: None, FATE: None, APPROVED: None}
    return left | {POLICY: noted if policy is None or is_noted else policy.value}


def changes(metadata: Mapping[str, Any], notes: Notes, *, orphaned: bool) -> Item | None:
    """Write the patch that brings notes onto a Secret; None where they stand there already.

    It takes effect on the very version that was read, and on no other.
    """
    noted, labels = annotations_of(metadata), metadata.get("labels") or {}
    differing = {name: text for name, text in notes.items() if noted.get(name) != text}
    if not differing and (ORPHANED in labels) == orphaned:
        return None
    same = {"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]}
    label = {ORPHANED: YES if orphaned else None}
    return {"metadata": {**same, "labels": label, "annotations": differing}}


def inherited(secret: Mapping[str, Any], heir: Key, uid: str, now: datetime) -> Item:
    """Write the Secret by which another Mailbox has the same grant."""
    noted = annotations_of(secret["metadata"])
    kept = {CONSENT: noted.get(CONSENT), POLICY: noted.get(POLICY)}
    named = {MAILBOX_ANNOTATION: str(heir), GRANTED: now.strftime(TIME_FORMAT), **kept}
    return {
        "metadata": {
            "name": grant_name(uid),
            "labels": {GRANT: YES},
            "annotations": {name: text for name, text in named.items() if text},
        },
        "data": secret.get("data") or {},
    }
