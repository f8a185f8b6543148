"""The tables of metrics in docs/, and the metrics that an expression asks for."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import promql_parser

DOCS: Final = Path(__file__).parents[3] / "docs"
PAGES: Final = "".join((DOCS / name).read_text() for name in ("metrics.md", "sending.md"))
ROW: Final = re.compile(r"^\| `(\w+)` \| (gauge|counter|histogram) \| ([^|]*) \|", re.MULTILINE)
LIBRARY: Final = re.compile(r"(process|python)_\w+|up")
TARGET: Final = frozenset({"job", "instance", "namespace", "pod", "le"})
"""Labels that Prometheus adds to what it scrapes, and that of a histogram's buckets."""
PARTS: Final = ("lhs", "rhs", "expr", "args", "vector_selector", "param")
SUFFIXES: Final = ("_bucket", "_sum", "_count")


@dataclass(frozen=True, slots=True)
class Documented:
    """One metric as its page has it."""

    name: str
    type: str
    labels: frozenset[str]

    @property
    def samples(self) -> Iterator[str]:
        """Name the series that it comes as."""
        if self.type == "histogram":
            yield from (f"{self.name}{suffix}" for suffix in SUFFIXES)
        else:
            yield self.name


METRICS: Final = [
    Documented(name, kind, frozenset(re.findall(r"`(\w+)`", labels)))
    for name, kind, labels in ROW.findall(PAGES)
]
SAMPLES: Final[Mapping[str, Documented]] = {
    sample: metric for metric in METRICS for sample in metric.samples
}


def selectors(expression: str) -> Iterator[promql_parser.VectorSelector]:
    """Parse an expression, and return what it selects.

    Raises:
        ValueError: It is no PromQL.
    """
    waiting: list[Any] = [promql_parser.parse(expression)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, promql_parser.VectorSelector):
            yield node
        for part in PARTS:
            found = getattr(node, part, None)
            waiting += found if isinstance(found, list) else [found] if found is not None else []


def groupings(expression: str) -> Iterator[str]:
    """Return the labels that an expression groups or joins by."""
    for grouped in re.findall(r"\b(?:by|on|without|group_left)\s*\(([^()]*)\)", expression):
        yield from re.findall(r"\w+", grouped)


def mistakes(expression: str, also: Collection[str] = ()) -> list[str]:
    """Name what an expression asks for and nobody tells: metrics, and labels that they have not.

    Args:
        expression: PromQL.
        also: Metrics that are there as well, such as recorded ones; their labels are not checked.
    """
    known = TARGET.union(*(metric.labels for metric in METRICS))
    found = [f"by {label}" for label in groupings(expression) if label not in known]
    for selector in selectors(expression):
        name = selector.name or ""
        metric = SAMPLES.get(name)
        if name in also or LIBRARY.fullmatch(name):
            continue
        if metric is None:
            found.append(name)
            continue
        labels = {matcher.name for matcher in selector.matchers.matchers}
        found += [f"{name}: {each}" for each in labels - metric.labels - TARGET]
    return found
