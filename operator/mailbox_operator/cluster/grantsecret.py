"""How a grant is written down: one Secret per Mailbox uid, in the operator's namespace."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from mailbox_operator.cluster.secretdata import encoded
from mailbox_operator.decide.declared.mailbox import ReadableMailbox
from mailbox_operator.decide.declared.secret import LIMITS, Secret, decode_secret, read_moment
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.grants.precedence import Consent
from mailbox_operator.decide.grants.stored import StoredGrant
from mailbox_operator.decide.names import CONSENT, GRANT, GRANTED, GROUP, grant_name
from mailbox_operator.decide.status.conditions import TIME_FORMAT

MAILBOX_ANNOTATION: Final = f"{GROUP}/mailbox"
TOKEN: Final = "refresh-token"


def grant_of(secret: Secret) -> StoredGrant:
    """Read a grant."""
    return StoredGrant(
        refresh_token=secret.text(TOKEN),
        origin=secret.text("origin", ""),
        scope=secret.text("scope", ""),
        identity=secret.text("identity", ""),
        client=secret.text("client-id", ""),
        consent=secret.text("consent", ""),
        consented=read_moment(secret.text("consented-at", "")),
        login=secret.text("login", ""),
        account=secret.text("account", ""),
        replaces=secret.text(TOKEN),
    )


def consent_of(found: Mapping[str, Any]) -> Consent:
    """Read which consent a grant goes back to; one that cannot be read goes back to none."""
    kept = decode_secret(found["metadata"]["name"], found.get("data"))
    try:
        return Consent(kept.text("consent", ""), read_moment(kept.text("consented-at", "")))
    except Fault:
        return Consent("")


def is_too_long(mailbox: ReadableMailbox, grant: StoredGrant) -> bool:
    """Say whether a grant could not be read again."""
    return any(len(text) > LIMITS[key] for key, text in _content(mailbox, grant).items())


def manifest_of(mailbox: ReadableMailbox, grant: StoredGrant, now: datetime) -> dict[str, Any]:
    """Write the Secret of a grant."""
    written = now.strftime(TIME_FORMAT)
    named = {MAILBOX_ANNOTATION: str(mailbox.key), CONSENT: grant.consent, GRANTED: written}
    return {
        "metadata": {
            "name": grant_name(mailbox.uid),
            "labels": {GRANT: "true"},
            "annotations": {name: value for name, value in named.items() if value},
        },
        "data": data_of(mailbox, grant),
    }


def data_of(mailbox: ReadableMailbox, grant: StoredGrant) -> Mapping[str, str]:
    """Write what the Secret of a grant contains."""
    return encoded(_content(mailbox, grant))


def _content(mailbox: ReadableMailbox, grant: StoredGrant) -> Mapping[str, str]:
    fields = {
        TOKEN: grant.refresh_token,
        "origin": grant.origin,
        "scope": grant.scope,
        "identity": grant.identity,
        "client-id": grant.client,
        "consent": grant.consent,
        "consented-at": grant.consented.isoformat() if grant.consented else "",
        "login": grant.login,
        "account": grant.account,
        "provider": mailbox.spec.provider.value,
        "address": mailbox.spec.address,
    }
    return {key: value for key, value in fields.items() if value}
