"""Which namespaces may use addresses of a domain, where the platform says so."""

from collections.abc import Collection, Mapping
from typing import Final

from mailbox_operator.decide.declared.fields import Fields
from mailbox_operator.decide.texts.shapes import DOMAIN_OR_SUBDOMAINS, NAMESPACE

MOST_DOMAINS: Final = 256
MOST_NAMESPACES: Final = 64

Domains = Mapping[str, tuple[str, ...]]
"""Namespaces by domain: acme.example is itself only, *.acme.example is every domain below it."""


def bound_to(domain: str, bound: Domains) -> Collection[str] | None:
    """Return the namespaces that a domain is bound to; None if to none. The longest name wins."""
    found, rest = bound.get(domain), domain
    while found is None and rest:
        rest = rest.partition(".")[2]
        found = bound.get(f"*.{rest}")
    return found


def read_domains(fields: Fields) -> Domains:
    """Read `domains`."""
    bound: dict[str, tuple[str, ...]] = {}
    for entry in fields.each("domains", MOST_DOMAINS, ("name", "namespaces")):
        name, namespaces = _bound(entry)
        if name in bound:
            fields.refuse("domains", "it must name each domain only once")
        bound[name] = namespaces
    return bound


def _bound(fields: Fields) -> tuple[str, tuple[str, ...]]:
    name = fields.text("name", DOMAIN_OR_SUBDOMAINS)
    namespaces = fields.texts("namespaces", NAMESPACE, MOST_NAMESPACES, distinct=True)
    if not namespaces:
        fields.refuse("namespaces", "name at least one namespace")
    return name, namespaces
