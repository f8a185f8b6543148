"""The dashboards say what each panel shows, and ask for nothing that nobody tells."""

import re
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
import yaml

from lab.monitoring.panels import BOARDS, PANELS, TIMES, Panel
from lab.servers.prometheus import promtool
from system.monitoring.exposed import groupings, mistakes

SOURCE = {"type": "prometheus", "uid": "$datasource"}
TAG = "mailbox-operator"
THERE = "mailbox_gateway_ready"
TAKEN = 'mailbox_gateway_messages_total{namespace="acme",outcome="Taken"}'
REFUSED = 'mailbox_gateway_messages_total{namespace="acme",outcome="Refused"}'


def each_panel(panel: Panel) -> str:
    return panel.name


@pytest.mark.parametrize("panel", PANELS, ids=each_panel)
def test_each_panel_says_what_it_shows_and_in_what_unit(panel: Panel) -> None:
    assert panel.title
    assert panel.content["description"].endswith(".")
    assert panel.content["fieldConfig"]["defaults"]["unit"]
    assert panel.content["datasource"] == SOURCE


@pytest.mark.parametrize("panel", PANELS, ids=each_panel)
def test_the_operator_exports_what_a_panel_asks_for(panel: Panel) -> None:
    found = [mistakes(expr) for expr, _ in panel.queries(tenant="acme|umbrella")]

    assert found
    assert not any(found)


@pytest.mark.parametrize("panel", PANELS, ids=each_panel)
def test_a_legend_names_what_its_query_groups_by(panel: Panel) -> None:
    for expr, legend in panel.queries():
        named = set(re.findall(r"\{\{(\w+)\}\}", legend)) - {"instance"}

        assert named <= set(groupings(expr))


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_every_variable_is_used_and_every_one_used_is_there(board: dict[str, Any]) -> None:
    there = {each["name"] for each in board["templating"]["list"]}
    queries = [target["expr"] for panel in board["panels"] for target in panel.get("targets", ())]

    used = set(re.findall(r"\$(\w+)", "".join(queries)))

    assert used - set(TIMES) == there - {"datasource"}


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_variables_offer_values_that_the_operator_exports(board: dict[str, Any]) -> None:
    offers = [each for each in board["templating"]["list"] if each["type"] == "query"]

    for each in offers:
        found = re.fullmatch(r"label_values\((\w+), (\w+)\)", each["query"])
        assert found
        assert mistakes(f'{found[1]}{{{found[2]}="x"}}') == []


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_no_panel_overlaps_another_or_the_border(board: dict[str, Any]) -> None:
    places = [panel["gridPos"] for panel in board["panels"]]

    assert all(place["x"] + place["w"] <= 24 for place in places)
    for one, other in combinations(places, 2):
        apart = (
            one["x"] + one["w"] <= other["x"]
            or other["x"] + other["w"] <= one["x"]
            or one["y"] + one["h"] <= other["y"]
            or other["y"] + other["h"] <= one["y"]
        )
        assert apart, (one, other)


def test_no_two_panels_and_no_two_dashboards_have_one_name() -> None:
    assert len({panel.name for panel in PANELS}) == len(PANELS)
    assert len({board["uid"] for board in BOARDS.values()}) == len(BOARDS)


@pytest.mark.parametrize("board", BOARDS.values(), ids=BOARDS)
def test_each_dashboard_leads_to_the_other(board: dict[str, Any]) -> None:
    assert TAG in board["tags"]
    assert [link["tags"] for link in board["links"]] == [[TAG]]


@pytest.mark.parametrize(
    ("series", "shown"),
    [
        pytest.param({THERE: "1x60", REFUSED: "0+1x60"}, [0.0], id="all is refused"),
        pytest.param({THERE: "1x60", REFUSED: "0+1x60", TAKEN: "0+3x60"}, [0.75], id="some is"),
        pytest.param({THERE: "1x60"}, [1.0], id="there was no mail"),
        pytest.param({}, [], id="there is no gateway"),
    ],
)
def test_the_share_of_mail_that_was_taken_is_true(
    series: dict[str, str], shown: list[float], tmp_path: Path
) -> None:
    ((expr, _),) = next(each for each in PANELS if each.title == "Taken").queries()
    samples = [{"labels": "{}", "value": value} for value in shown]
    asked = {"expr": expr, "eval_time": "30m", "exp_samples": samples}
    given = [{"series": name, "values": values} for name, values in series.items()]
    test = {"interval": "1m", "input_series": given, "promql_expr_test": [asked]}
    (tmp_path / "test.yaml").write_text(yaml.safe_dump({"tests": [test]}))

    assert "SUCCESS" in promtool("test", "rules", "test.yaml", folder=tmp_path)
