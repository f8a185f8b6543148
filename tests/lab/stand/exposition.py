"""Reads the metrics of the operator and of the API server."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

SAMPLE: Final = re.compile(r"^(\w+)(?:\{(.*)\})? (\S+)")
LABEL: Final = re.compile(r'(\w+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Sample:
    """One value."""

    name: str
    labels: Mapping[str, str]
    value: float


def samples(text: str, *names: str) -> list[Sample]:
    """Read the samples of some metrics."""
    lines = (SAMPLE.match(line) for line in text.splitlines() if line.startswith(names))
    return [
        Sample(found[1], dict(LABEL.findall(found[2] or "")), float(found[3]))
        for found in lines
        if found and found[1] in names
    ]


def total(text: str, name: str) -> float:
    """Add up one metric over all labels."""
    return sum(sample.value for sample in samples(text, name))
