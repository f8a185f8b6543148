"""`python -m tools.pictures.fleet`: draws the dashboard of the fleet for docs/.

What is drawn are the queries of the shipped dashboard, answered by a real Prometheus that scrapes
a real operator; it is not Grafana that draws them.
"""

import asyncio
import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from lab.browser.chromium import chromium
from lab.controlplane.plane import ControlPlane
from lab.controlplane.programs import Program
from lab.monitoring.fleet import OPTIONS, Fleet
from lab.monitoring.panels import BOARDS, Panel
from lab.monitoring.stage import stage
from lab.servers.prometheus import Prometheus
from lab.stand.definitions import files

HERE: Final = Path(__file__).parent
IMAGE: Final = HERE.parents[2] / "docs" / "images" / "fleet-dashboard.png"
SHOWN_SECONDS: Final = 60.0
EVERY_SECONDS: Final = 0.5
"""Between two messages, so that there is mail to see."""

STEPS: Final = 60
WIDTH: Final = 1440

Answer = Mapping[str, Any]


async def main() -> None:
    """Run a fleet for a while, and draw what there is to see."""
    with TemporaryDirectory() as folder, ControlPlane.start() as plane:
        helm = plane.assets.locate(Program.HELM)
        plane.kubectl("apply", "--server-side", *files())
        plane.kubectl("wait", "--for=condition=Established", "--timeout=60s", *files())
        async with (
            stage(plane, helm, Path(folder), *OPTIONS) as (world, home),
            Fleet.open(world, home, Path(folder)) as fleet,
        ):
            began = time.time()
            await fleet.settle_in()
            while time.time() - began < SHOWN_SECONDS:
                await (await fleet.shop()).send()
                await asyncio.sleep(EVERY_SECONDS)
            panels = await answered(fleet.prometheus, "fleet")
        await draw(panels, IMAGE)


async def answered(prometheus: Prometheus, board: str) -> list[Answer]:
    """Return the panels of a dashboard, each with what its queries return."""
    return [
        {"panel": content, "answers": await asked(prometheus, Panel(board, content))}
        for content in BOARDS[board]["panels"]
    ]


async def asked(prometheus: Prometheus, panel: Panel) -> Sequence[Answer]:
    """Ask what a panel asks: lines over time, and all others now."""
    if panel.content["type"] == "row":
        return []
    now, found = time.time(), []
    over_time = panel.content["type"] == "timeseries"
    for expr, legend in panel.queries():
        if over_time:
            start, step = now - SHOWN_SECONDS, SHOWN_SECONDS / STEPS
            series = await prometheus.query_range(expr, start, now, step)
        else:
            series = await prometheus.query(expr)
        found += [{"legend": legend, **each} for each in series]
    return found


async def draw(panels: Sequence[Answer], image: Path) -> None:
    """Draw a dashboard in a browser, and take a picture of it."""
    async with chromium() as browser:
        page = await browser.new_page(
            viewport={"width": WIDTH, "height": 900}, device_scale_factor=1.5
        )
        await page.set_content((HERE / "fleet.html").read_text())
        await page.evaluate(f"draw({json.dumps(panels)})")
        await page.screenshot(path=image, full_page=True)


if __name__ == "__main__":
    asyncio.run(main())
