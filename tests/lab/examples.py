"""How many examples a property is tried with."""

import hypothesis

USUAL = 100
"""Examples of a property that names no number, unless the profile says otherwise."""


def examples(number: int) -> int:
    """Scale a number by the profile: the whole of it with `make test`, a quarter with `make unit`."""
    return max(1, number * hypothesis.settings().max_examples // USUAL)
