"""The picture of the fleet's dashboard is drawn from what Prometheus answers."""

from pathlib import Path
from typing import Any

from lab.monitoring.panels import PANELS, Panel
from lab.servers.prometheus import Prometheus
from tools.pictures.fleet import answered, draw

LABELS = {"namespace": "acme", "name": "jane", "reason": "InvalidCredentials"}


async def test_the_picture_asks_a_prometheus_for_every_panel(tmp_path: Path) -> None:
    with Prometheus.running(tmp_path, []) as prometheus:
        panels = await answered(prometheus, "fleet")

    titles = [each["panel"]["title"] for each in panels if each["panel"]["type"] != "row"]
    assert titles == [each.title for each in PANELS if each.board == "fleet"]


async def test_the_picture_shows_every_kind_of_panel(tmp_path: Path) -> None:
    image = tmp_path / "fleet.png"

    await draw([filled(each) for each in PANELS if each.board == "fleet"], image)

    assert image.stat().st_size > 50_000


def filled(panel: Panel) -> dict[str, Any]:
    """Answer each query of a panel with one series, over time and now."""
    values = [[moment, "0.5"] for moment in range(60)]
    series = {"metric": LABELS, "value": values[-1], "values": values}
    answers = [{"legend": legend, **series} for _, legend in panel.queries()]
    return {"panel": panel.content, "answers": answers}
