"""The dashboards as the chart ships them: their panels, and what these ask Prometheus."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[3] / "helm" / "mailbox-operator" / "files" / "dashboards"
BOARDS: Final[Mapping[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))
}
TIMES: Final = {"__rate_interval": "1m", "__range": "10m", "__interval": "15s"}
VARIABLE: Final = re.compile(r"\$\{?(\w+)\}?")


@dataclass(frozen=True, slots=True)
class Panel:
    """One panel that shows something.

    Attributes:
        board: Name of its dashboard.
        content: As Grafana has it.
    """

    board: str
    content: Mapping[str, Any]

    @property
    def title(self) -> str:
        """What stands above it."""
        title: str = self.content["title"]
        return title

    @property
    def name(self) -> str:
        """Tell it from all others."""
        return f"{self.board}: {self.title}"

    def queries(self, **chosen: str) -> Iterator[tuple[str, str]]:
        """Return its queries as Prometheus gets them, with their legends; all is chosen unless told."""
        for target in self.content["targets"]:
            expr = VARIABLE.sub(lambda found: value_of(found[1], chosen), target["expr"])
            yield expr, target["legendFormat"]


def value_of(variable: str, chosen: Mapping[str, str]) -> str:
    """Fill in a variable as Grafana does."""
    return chosen.get(variable) or TIMES.get(variable, ".*")


PANELS: Final = [
    Panel(board, panel)
    for board, content in BOARDS.items()
    for panel in content["panels"]
    if panel["type"] != "row"
]
