"""The labels of an object, in a form of which ten thousand take little room."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final, NamedTuple

MOST_LABELS_BYTES: Final = 4096
"""Of all keys and values. The API server has no bound; what has more is selected by no Sender."""

MOST_SHARED: Final = 1024
BETWEEN: Final = "\n"
"""Between two values: no label contains it."""


class Labels(NamedTuple):
    """The keys, which the objects of one chart share, and the values in one text, in the same order."""

    keys: tuple[str, ...] | None
    values: str

    @property
    def mapping(self) -> Mapping[str, str] | None:
        """Write them as labels are written; None where they were too large to be kept."""
        if self.keys is None:
            return None
        return dict(zip(self.keys, self.values.split(BETWEEN), strict=True)) if self.keys else {}


NO_LABELS: Final = Labels((), "")
TOO_LARGE: Final = Labels(None, "")


def read_labels(found: object) -> Labels:
    """Read what `metadata.labels` holds."""
    if not isinstance(found, Mapping) or not found:
        return NO_LABELS
    labels = {str(key): str(value) for key, value in found.items()}
    if _size(labels) > MOST_LABELS_BYTES:
        return TOO_LARGE
    keys = tuple(sorted(labels))
    return Labels(_keys(keys), _values(BETWEEN.join(labels[key] for key in keys)))


def cut(labels: Mapping[str, str]) -> Mapping[str, str]:
    """Leave out what is far beyond the bound, so that it is still seen to be too large."""
    kept, size = dict[str, str](), 0
    for key, value in labels.items():
        if size > MOST_LABELS_BYTES:
            break
        kept[key] = value
        size += len(key) + len(value)
    return kept


def _size(labels: Mapping[str, str]) -> int:
    return sum(len(key) + len(value) for key, value in labels.items())


@lru_cache(MOST_SHARED)
def _keys(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return one and the same tuple for the same keys, as long as there are few different ones."""
    return keys


@lru_cache(MOST_SHARED)
def _values(values: str) -> str:
    return values
