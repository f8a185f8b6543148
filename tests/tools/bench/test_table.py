"""The pages show the run that is kept, with its commit, and nothing that a hand wrote."""

from dataclasses import replace
from pathlib import Path

import pytest

from tools.bench.compare import changed, compared, main
from tools.bench.record import KEPT, UNKNOWN, Record, commit, load, save
from tools.bench.runs import OPERATOR, text_of
from tools.bench.table import PAGES, page
from tools.bench.test_report import GOOD, phase

RUN = Record("0123456789ab", "2026-11-27", 2, "3.11.2", 0.5, {"Mailboxes": 1000}, GOOD)
LATER = Record("ba9876543210", "2026-11-28", 2, "3.11.2", 0.5, {"Mailboxes": 1000}, GOOD)
PAGE = "Before.\n<!-- bench: operator -->\nold\n<!-- /bench -->\nAfter.\n"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_page_has_the_tables_of_the_run_that_is_kept(path: Path) -> None:
    text = path.read_text()

    assert page(text, load(KEPT)) == text


def test_readme_has_the_table_of_the_operator() -> None:
    assert text_of(OPERATOR, load(KEPT)[OPERATOR]) in PAGES[0].read_text()


def test_a_page_names_the_commit_that_was_measured() -> None:
    text = page(PAGE, {"operator": RUN})

    assert "`0123456789ab`" in text
    assert text.startswith("Before.\n<!-- bench: operator -->\nCommit")
    assert text.endswith("|\n<!-- /bench -->\nAfter.\n")


def test_a_page_keeps_a_part_that_no_run_is_for() -> None:
    assert page(PAGE, {}) == PAGE


def test_a_file_keeps_the_run_of_the_other_bench(tmp_path: Path) -> None:
    save(tmp_path / "run.json", "operator", RUN)
    save(tmp_path / "run.json", "gateway", LATER)

    assert load(tmp_path / "run.json") == {"operator": RUN, "gateway": LATER}


def test_what_is_no_repository_has_no_commit(tmp_path: Path) -> None:
    assert commit(tmp_path) == UNKNOWN


def test_the_comparison_says_what_changed_and_between_which_commits() -> None:
    slow = replace(LATER, figures=GOOD | phase("refresh", seconds=1.6))

    text = compared({"operator": RUN}, {"operator": slow})

    assert "`0123456789ab`" in text
    assert "`ba9876543210`" in text
    assert "| 1.00 times" in text
    assert "| 1.60 times" in text
    assert "| +60 %" in text


def test_a_comparison_never_fails(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    now = tmp_path / "now.json"
    save(now, "operator", RUN)

    status = main([str(tmp_path / "missing.json"), str(now)])

    assert status == 0
    assert "There is no earlier run" in capsys.readouterr().out


def test_a_change_of_nothing_has_no_percentage() -> None:
    assert (changed(0.0, 3.0), changed(2.0, 1.0), changed(2.0, 2.0)) == ("", "-50 %", "+0 %")
