"""README says nothing that is not there."""

import re
from pathlib import Path

import pytest
import yaml

from mailbox_operator.cli import main
from mailbox_operator.decide.declared.mailbox import parse_mailbox
from mailbox_operator.decide.failure.reasons import Reason

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_names_every_reason_and_no_other() -> None:
    table = README.split("## What can go wrong")[1].split("Every reason,")[0]
    rows = "".join(line for line in table.splitlines() if line.startswith("| "))

    assert set(re.findall(r"`([A-Z]\w+)`", rows)) == set(Reason)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_readme_and_values_tell_one_figure_of_memory() -> None:
    values = (ROOT / "helm" / "mailbox-operator" / "values.yaml").read_text()
    table = re.search(r"memory with 10,000 Mailboxes \|[^|]*\| (\d+) MiB", README)
    comment = re.search(r"10,000 Mailboxes take (\d+) MiB at their peak", values)
    assert table is not None
    assert comment is not None

    requested = yaml.safe_load(values)["resources"]["requests"]["memory"]
    assert table[1] == comment[1]
    assert int(table[1]) <= int(requested.removesuffix("Mi"))


def test_every_target_it_names_is_in_the_makefile() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(re.findall(r"(?:`|\$ )make ([a-z]+)", README)) <= targets


def test_its_first_example_is_a_mailbox() -> None:
    example = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert example is not None

    assert parse_mailbox(yaml.safe_load(example[1])).problem is None


def test_the_command_it_shows_exists(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--help"])

    assert ended.value.code == 0
    assert "--filename" in capsys.readouterr().out
