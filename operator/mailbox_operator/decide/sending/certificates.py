"""Decides when the gateway's certificate and its authority are replaced, and which names it has.

An application reads the authority from its Secret, and many read it only when they start. So a new
authority is announced first, beside the one before, and signs only after that; the one before stays
until no certificate that it signed is valid. Nothing here knows how a certificate is written down.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

LEAF_LIFE: Final = timedelta(days=90)
AUTHORITY_LIFE: Final = timedelta(days=3 * 365)
ANNOUNCED: Final = timedelta(days=14)
"""How long a new authority is in all bindings before it signs."""

BACKDATED: Final = timedelta(hours=1)
"""By so much a certificate begins earlier: an application's clock may be behind."""

LAST_DAYS: Final = timedelta(days=7)
"""A certificate is replaced this long before it expires, by any authority."""

MOST_AUTHORITIES: Final = 4


@dataclass(frozen=True, slots=True)
class Validity:
    """When a certificate is valid; both ends are aware."""

    since: datetime
    until: datetime

    def covers(self, now: datetime) -> bool:
        """Say whether it is valid now."""
        return self.since <= now < self.until

    def is_aged(self, now: datetime) -> bool:
        """Say whether two thirds of its life are over."""
        return now >= self.since + (self.until - self.since) * 2 / 3


@dataclass(frozen=True, slots=True)
class Authority:
    """What is known of an authority.

    Attributes:
        mark: Tells it from others.
        validity: Of its certificate.
        signs: Whether its key is at hand.
    """

    mark: str
    validity: Validity
    signs: bool


@dataclass(frozen=True, slots=True)
class Leaf:
    """What is known of the gateway's certificate.

    Attributes:
        issuer: The mark of the authority that signed it; empty if it is none of those that are known.
        validity: Its own.
        names: For which it is.
    """

    issuer: str
    validity: Validity
    names: frozenset[str]


def validity_from(now: datetime, life: timedelta) -> Validity:
    """Return the validity of a certificate that is made now."""
    return Validity(now - BACKDATED, now - BACKDATED + life)


def names_of(
    host: str, more: Iterable[str] = (), cluster_domain: str = "cluster.local"
) -> tuple[str, ...]:
    """Name what the certificate is for: the host in the bindings, and more; each name once.

    A Service has four names; which of them a pod uses depends on its namespace.
    """
    found: dict[str, None] = {}
    for name in filter(None, (host, *more)):
        found[name] = None
        service, namespace, kind, *_ = *name.split("."), "", "", ""
        if kind == "svc":
            short = f"{service}.{namespace}"
            all_names = (service, short, f"{short}.svc", f"{short}.svc.{cluster_domain}")
            found |= dict.fromkeys(all_names)
    return tuple(found)


def needs_authority(authorities: Sequence[Authority], now: datetime) -> bool:
    """Say whether a new authority is due: none signs, or the newest is at two thirds of its life."""
    able = [each for each in _valid(authorities, now) if each.signs]
    return not able or able[0].validity.is_aged(now)


def kept(authorities: Sequence[Authority], leaf: Leaf | None, now: datetime) -> tuple[str, ...]:
    """Return the marks of the authorities that applications are given, newest first.

    Besides the newest these are all whose certificates may still be valid: an application may speak to
    a replica that has not read the new one yet.
    """
    newest, *others = _valid(authorities, now) or (None,)
    if newest is None:
        return ()
    is_over = leaf is not None and leaf.issuer == newest.mark and _signed_alone(newest, now)
    by_need = sorted(others, key=lambda each: leaf is None or each.mark != leaf.issuer)
    wanted = {newest.mark, *(each.mark for each in by_need[: MOST_AUTHORITIES - 1] if not is_over)}
    return tuple(each.mark for each in (newest, *others) if each.mark in wanted)


def signer(authorities: Sequence[Authority], now: datetime) -> Authority | None:
    """Choose who signs the next certificate: the newest that was announced; None if nobody can.

    Where none was announced long enough, the one that is known longest signs, unless it expires before
    the announcement is over.
    """
    able = [each for each in _valid(authorities, now) if each.signs]
    lasting = [each for each in able if each.validity.until > now + ANNOUNCED] or able
    announced = [each for each in lasting if _was_announced(each, now)]
    return next(iter(announced or lasting[-1:]), None)


def needs_leaf(
    leaf: Leaf | None, authorities: Sequence[Authority], names: Iterable[str], now: datetime
) -> bool:
    """Say whether a new certificate is due: one that can still be used waits for an announcement."""
    if leaf is None or not leaf.validity.covers(now) or leaf.names != frozenset(names):
        return True
    if leaf.issuer not in {each.mark for each in _valid(authorities, now)}:
        return True
    by = signer(authorities, now)
    is_known = by is not None and (by.mark == leaf.issuer or _was_announced(by, now))
    return leaf.validity.is_aged(now) and (is_known or leaf.validity.until <= now + LAST_DAYS)


def _valid(authorities: Sequence[Authority], now: datetime) -> list[Authority]:
    """Return those that are valid now, newest first."""
    valid = [each for each in authorities if each.validity.covers(now)]
    return sorted(valid, key=lambda each: each.validity.since, reverse=True)


def _was_announced(authority: Authority, now: datetime) -> bool:
    return now >= authority.validity.since + BACKDATED + ANNOUNCED


def _signed_alone(authority: Authority, now: datetime) -> bool:
    """Say whether all that others signed before this authority was announced has expired."""
    return _was_announced(authority, now - LEAF_LIFE)
