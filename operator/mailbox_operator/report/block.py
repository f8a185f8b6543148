"""A block of code that is counted and traced."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from time import monotonic
from types import TracebackType


@dataclass(slots=True)
class Block:
    """A block of code that is counted and traced, however it ends.

    Attributes:
        took: Takes in the seconds.
        traced: The same block, as it is traced.
    """

    took: Callable[[float], None]
    traced: AbstractContextManager[None]
    _began: float = 0.0

    def __enter__(self) -> None:
        """Begin."""
        self._began = monotonic()
        self.traced.__enter__()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End; what was raised goes on."""
        try:
            self.traced.__exit__(kind, error, trace)
        finally:
            self.took(monotonic() - self._began)
