"""Brings the content of the two Secrets of the gateway's certificate up to date, in memory."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from mailbox_operator.cluster.signing import Signer, read_leaf, signers
from mailbox_operator.decide.sending.certificates import (
    AUTHORITY_LIFE,
    LEAF_LIFE,
    kept,
    needs_authority,
    needs_leaf,
    signer,
    validity_from,
)

CERTIFICATE: Final = "tls.crt"
KEY: Final = "tls.key"
AUTHORITIES: Final = "ca.crt"
"""The authorities, newest first; both Secrets have it."""

AUTHORITY_KEYS: Final = "ca.key"


@dataclass(frozen=True, slots=True)
class Renewed:
    """What both Secrets have to contain."""

    leaf: Mapping[str, bytes] = field(repr=False)
    authority: Mapping[str, bytes] = field(repr=False)


def renewed(
    leaf: Mapping[str, bytes], authority: Mapping[str, bytes], names: Sequence[str], now: datetime
) -> Renewed:
    """Make what is due; what is still good stays as it is.

    Args:
        leaf: What the Secret with the certificate contains; nothing if there is none.
        authority: The same of the one with the authority.
        names: For which the certificate is.
        now: By the API server's clock.
    """
    found = _signers(leaf, authority)
    if needs_authority([each.known for each in found], now):
        found.append(Signer.make(validity_from(now, AUTHORITY_LIFE)))
    known = [each.known for each in found]
    pair = {key: leaf.get(key, b"") for key in (CERTIFICATE, KEY)}
    present = read_leaf(pair[CERTIFICATE], pair[KEY], found)
    by = signer(known, now)
    if by is not None and needs_leaf(present, known, names, now):
        made = _signer(found, by.mark).issue(names, validity_from(now, LEAF_LIFE))
        pair = dict(zip((CERTIFICATE, KEY), made, strict=True))
        present = read_leaf(*made, found)
    keeping = [_signer(found, mark) for mark in kept(known, present, now)]
    bundle = {AUTHORITIES: b"".join(each.pem for each in keeping)}
    keys = {AUTHORITY_KEYS: b"".join(each.key_pem for each in keeping)}
    return Renewed(leaf=pair | bundle, authority=bundle | keys)


def _signers(leaf: Mapping[str, bytes], authority: Mapping[str, bytes]) -> list[Signer]:
    """Read the authorities; if their Secret is lost, applications still trust the other one's."""
    known = signers(authority.get(AUTHORITIES, b""), authority.get(AUTHORITY_KEYS, b""))
    marks = {each.mark for each in known}
    told = signers(leaf.get(AUTHORITIES, b""))
    return [*known, *(each for each in told if each.mark not in marks)]


def _signer(found: Sequence[Signer], mark: str) -> Signer:
    return next(each for each in found if each.mark == mark)
