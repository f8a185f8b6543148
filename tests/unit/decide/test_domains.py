"""A domain that the platform binds belongs to its namespaces."""

from collections.abc import Collection
from typing import Final

import pytest

from mailbox_operator.decide.declared.domains import Domains, bound_to

BOUND: Final[Domains] = {
    "*.acme.example": ("below",),
    "acme.example": ("acme", "acme-staging"),
    "*.mail.acme.example": ("mail",),
    "lists.acme.example": ("lists",),
}


@pytest.mark.parametrize(
    ("domain", "namespaces"),
    [
        ("acme.example", ("acme", "acme-staging")),
        ("lists.acme.example", ("lists",)),
        ("shop.acme.example", ("below",)),
        ("deep.shop.acme.example", ("below",)),
        ("mail.acme.example", ("below",)),
        ("eu.mail.acme.example", ("mail",)),
        ("notacme.example", None),
        ("example", None),
        ("acme.example.evil.test", None),
    ],
)
def test_the_longest_name_counts(domain: str, namespaces: Collection[str] | None) -> None:
    assert bound_to(domain, BOUND) == namespaces
