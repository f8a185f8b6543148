"""The rules: Prometheus' own tool reads and tests them, and every alert leads to a page."""

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from lab.servers.prometheus import promtool
from system.monitoring.exposed import mistakes

ROOT: Final = Path(__file__).parents[3]
RULES: Final = ROOT / "helm" / "mailbox-operator" / "files" / "rules.yaml"
RUNBOOK: Final = ROOT / "docs" / "alerts.md"
CASES: Final = sorted((Path(__file__).parent / "rules").glob("*.yaml"))
GROUPS: Final = yaml.safe_load(RULES.read_text())["groups"]
ALL: Final = [rule for group in GROUPS for rule in group["rules"]]
ALERTS: Final = [rule for rule in ALL if "alert" in rule]
NAMES: Final = sorted({rule["alert"] for rule in ALERTS})
RECORDS: Final = {rule["record"] for rule in ALL if "record" in rule}

Rule = Mapping[str, Any]


def expectations(path: Path) -> Iterator[Rule]:
    """Read the expectations of a file of tests."""
    for test in yaml.safe_load(path.read_text())["tests"]:
        yield from test.get("alert_rule_test", ())


def test_prometheus_reads_the_rules_without_a_complaint() -> None:
    said = promtool("check", "rules", "--lint=all", "--lint-fatal", str(RULES))

    assert f"SUCCESS: {len(ALL)} rules found" in said


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_the_alerts_fire_as_the_examples_expect(case: Path, tmp_path: Path) -> None:
    shutil.copy(RULES, tmp_path)
    shutil.copy(case, tmp_path)

    assert "SUCCESS" in promtool("test", "rules", case.name, folder=tmp_path)


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.stem)
def test_an_example_evaluates_the_groups_in_the_order_of_the_file(case: Path) -> None:
    order = yaml.safe_load(case.read_text())["group_eval_order"]

    assert order == [group["name"] for group in GROUPS]


def test_the_examples_find_a_wrong_rule(tmp_path: Path) -> None:
    hasty = RULES.read_text().replace("for: 15m", "for: 1m")
    (tmp_path / "rules.yaml").write_text(hasty)
    shutil.copy(CASES[0], tmp_path)

    with pytest.raises(AssertionError, match="MailboxNeedsOwner"):
        promtool("test", "rules", CASES[0].name, folder=tmp_path)


@pytest.mark.parametrize("name", NAMES)
def test_each_alert_has_an_example_that_fires_and_one_that_does_not(name: str) -> None:
    cases = [each for path in CASES for each in expectations(path) if each["alertname"] == name]

    assert any(each["exp_alerts"] for each in cases)
    assert any(not each["exp_alerts"] for each in cases)


def test_an_example_without_trouble_expects_silence_of_each_alert() -> None:
    silence = list(expectations(Path(__file__).parent / "rules" / "silence.yaml"))

    assert not any(each["exp_alerts"] for each in silence)
    heard = Counter(each["eval_time"] for each in silence)
    assert len(heard) > 4
    assert set(heard.values()) == {len(NAMES)}
    assert {each["alertname"] for each in silence} == set(NAMES)


@pytest.mark.parametrize("rule", ALERTS, ids=lambda rule: rule["alert"])
def test_each_alert_has_a_summary_a_severity_and_a_runbook(rule: Rule) -> None:
    page, _, anchor = rule["annotations"]["runbook_url"].partition("#")

    assert set(rule["annotations"]) == {"summary", "description", "runbook_url"}
    assert rule["labels"]["severity"] in {"critical", "warning"}
    assert ROOT / page == RUNBOOK
    assert anchor == rule["alert"].lower()


def test_the_runbook_has_a_heading_for_each_alert_and_no_other() -> None:
    headings = re.findall(r"^### (\w+)$", RUNBOOK.read_text(), re.MULTILINE)

    assert sorted(headings) == NAMES


@pytest.mark.parametrize("rule", ALL, ids=lambda rule: rule.get("alert") or rule["record"])
def test_the_operator_exports_what_a_rule_asks_for(rule: Rule) -> None:
    assert mistakes(rule["expr"], RECORDS) == []


def test_an_expression_for_an_unknown_metric_or_label_is_found() -> None:
    assert mistakes('rate(mailbox_operator_attempt_total{reason="x"}[5m])') != []
    assert mistakes('sum(mailbox_operator_attempts_total{resaon="x"})') != []
    assert mistakes("sum by (provder) (mailbox_operator_mailboxes)") != []


def test_each_record_is_used_or_documented() -> None:
    text = RUNBOOK.read_text() + "".join(rule["expr"] for rule in ALL)

    assert {record for record in RECORDS if record not in text} == set()
