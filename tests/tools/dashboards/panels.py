"""What both dashboards are made of: kinds of panels, their variables, and how they are written down."""

import json
from collections.abc import Sequence
from typing import Any, Final

from grafana_foundation_sdk.builders import bargauge, stat, table, timeseries
from grafana_foundation_sdk.builders.common import (
    ReduceDataOptions,
    StackingConfig,
    TableSortByFieldState,
    VizLegendOptions,
)
from grafana_foundation_sdk.builders.dashboard import (
    Dashboard,
    DashboardLink,
    DatasourceVariable,
    QueryVariable,
    Row,
    ThresholdsConfig,
)
from grafana_foundation_sdk.builders.prometheus import Dataquery
from grafana_foundation_sdk.cog.encoder import JSONEncoder
from grafana_foundation_sdk.models.common import (
    BigValueColorMode,
    BigValueGraphMode,
    LegendDisplayMode,
    LegendPlacement,
    StackingMode,
    VizOrientation,
)
from grafana_foundation_sdk.models.dashboard import (
    DashboardLinkType,
    DataSourceRef,
    DynamicConfigValue,
    Threshold,
    ThresholdsMode,
    VariableRefresh,
    VariableSort,
)
from grafana_foundation_sdk.models.prometheus import PromQueryFormat

SOURCE: Final = DataSourceRef(type_val="prometheus", uid="$datasource")
TAG: Final = "mailbox-operator"
WIDTH: Final = 24
GREEN: Final = "green"
ORANGE: Final = "orange"
RED: Final = "red"

Panel = stat.Panel | table.Panel | timeseries.Panel | bargauge.Panel
Steps = Sequence[tuple[str, float]]
"""Colours, each with the value that it begins at; the first one begins below all."""

Queries = Sequence[tuple[str, str]]
"""Expressions, each with the legend of what it returns."""

LETTERS: Final = "ABCDEF"
NEUTRAL: Final[Steps] = (("blue", 0),)
NONE_IS_GOOD: Final[Steps] = ((GREEN, 0), (ORANGE, 1))


def number(title: str, about: str, expr: str, unit: str = "short", steps: Steps = NEUTRAL) -> Panel:
    """Show one number as it is now; an old one would hide that nobody exports any more."""
    panel = stat.Panel().title(title).description(about).unit(unit).datasource(SOURCE)
    panel = panel.thresholds(_thresholds(steps)).color_mode(BigValueColorMode.VALUE)
    panel = panel.graph_mode(BigValueGraphMode.NONE).reduce_options(_last())
    panel = panel.no_value("no data")
    return panel.with_target(_query(expr).instant()).span(4).height(4)


def bars(
    title: str, about: str, queries: Queries, unit: str = "short", steps: Steps = NEUTRAL
) -> Panel:
    """Compare numbers as they are now."""
    panel = bargauge.Panel().title(title).description(about).unit(unit).datasource(SOURCE)
    panel = panel.thresholds(_thresholds(steps)).orientation(VizOrientation.HORIZONTAL).min(0)
    panel = panel.reduce_options(_last())
    for letter, (expr, words) in zip(LETTERS, queries, strict=False):
        panel = panel.with_target(_query(expr, words).instant().ref_id(letter))
    return panel.span(8).height(7)


def lines(title: str, about: str, queries: Queries, unit: str, *, stacked: bool = False) -> Panel:
    """Show how numbers went; each query has the legend of its lines."""
    panel = timeseries.Panel().title(title).description(about).unit(unit).datasource(SOURCE)
    legend = VizLegendOptions().display_mode(LegendDisplayMode.LIST).show_legend(show_legend=True)
    panel = panel.legend(legend.placement(LegendPlacement.BOTTOM).calcs([])).min(0)
    panel = panel.fill_opacity(25 if stacked else 8).line_width(1)
    if stacked:
        panel = panel.stacking(StackingConfig().mode(StackingMode.NORMAL).group("A"))
    for letter, (expr, words) in zip(LETTERS, queries, strict=False):
        panel = panel.with_target(_query(expr, words).ref_id(letter))
    return panel.span(8).height(8)


def listing(
    title: str, about: str, expr: str, columns: Sequence[str], value: str = "", unit: str = "short"
) -> Panel:
    """List series, the smallest value first: the labels in this order, then the value if it has a name."""
    unnamed = () if value else ("Value",)
    hidden = dict.fromkeys(("Time", "__name__", "instance", "job", "pod", *unnamed), True)
    order = {name: place for place, name in enumerate((*columns, "Value"))}
    renamed = {name: name.capitalize() for name in columns} | {"Value": value}
    options = {"excludeByName": hidden, "indexByName": order, "renameByName": renamed}
    panel = table.Panel().title(title).description(about).unit("short").datasource(SOURCE)
    panel = panel.with_transformation({"id": "organize", "options": options})  # type: ignore[arg-type]  # as Grafana has it
    if value:
        panel = panel.override_by_name(value, [DynamicConfigValue("unit", unit)])
        panel = panel.sort_by([TableSortByFieldState().display_name(value)])
    query = _query(expr).instant().format(PromQueryFormat.TABLE)
    return panel.with_target(query).span(24).height(9)


def painted(colour: str) -> list[DynamicConfigValue]:
    """Give a line one colour, whatever comes beside it."""
    return [DynamicConfigValue("color", {"mode": "fixed", "fixedColor": colour})]


def board(uid: str, title: str, about: str, panels: Sequence[Panel | str]) -> Dashboard:
    """Make a dashboard of these panels; a text begins a row."""
    link = DashboardLink("Mailbox operator").type(DashboardLinkType.DASHBOARDS).tags([TAG])
    source = DatasourceVariable("datasource").type("prometheus").label("Data source")
    made = Dashboard(title).uid(uid).description(about).tags([TAG]).refresh("30s")
    made = made.time("now-6h", "now").timezone("browser").link(link.keep_time(keep_time=True))
    made = made.readonly().with_variable(source)
    for each in panels:
        made = made.with_row(Row(each)) if isinstance(each, str) else made.with_panel(each)
    return made


def choice(name: str, label: str, of: str, metric: str = "mailboxes") -> QueryVariable:
    """Let people choose some values of a label, or all."""
    query = f"label_values(mailbox_operator_{metric}, {of})"
    made = QueryVariable(name).label(label).query(query).datasource(SOURCE).multi(multi=True)
    made = made.include_all(include_all=True).all_value(".*")
    return made.refresh(VariableRefresh.ON_TIME_RANGE_CHANGED).sort(VariableSort.ALPHABETICAL_ASC)


def grown(selector: str) -> str:
    """Say by how much counters grew in the time shown, those that are new in it included."""
    return f"(({selector} unless {selector} offset $__range) or increase({selector}[$__range]))"


def written(made: Dashboard) -> str:
    """Write a dashboard as Grafana imports it."""
    content = json.loads(JSONEncoder(sort_keys=True).encode(made.build()))
    _lay_out(content["panels"])
    return json.dumps(content, indent=1, sort_keys=True) + "\n"


def _lay_out(panels: Sequence[dict[str, Any]]) -> None:
    """Place panels side by side, and in lines below each other."""
    left, top, tallest = 0, 0, 0
    for number_of, panel in enumerate(panels, start=1):
        size = panel["gridPos"] if panel["type"] != "row" else {"w": WIDTH, "h": 1}
        if left + size["w"] > WIDTH:
            left, top, tallest = 0, top + tallest, 0
        panel |= {"id": number_of, "gridPos": {**size, "x": left, "y": top}}
        left, tallest = left + size["w"], max(tallest, size["h"])


def _query(expr: str, legend: str = "__auto") -> Dataquery:
    return Dataquery().expr(expr).legend_format(legend).datasource(SOURCE).ref_id("A")


def _thresholds(steps: Steps) -> ThresholdsConfig:
    (first, _), *rest = steps
    found = [Threshold(color=first, value=None), *(Threshold(color=c, value=v) for c, v in rest)]
    return ThresholdsConfig().mode(ThresholdsMode.ABSOLUTE).steps(found)


def _last() -> ReduceDataOptions:
    return ReduceDataOptions().calcs(["lastNotNull"])
