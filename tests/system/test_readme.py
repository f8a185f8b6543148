"""README and the pages beside it say nothing that is not there."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from mailbox_operator.cli import main
from mailbox_operator.decide.declared.mailbox import Mailbox, ReadableMailbox, parse_mailbox
from mailbox_operator.decide.declared.sender import ReadableSender, Sender, parse_sender
from mailbox_operator.decide.failure.reasons import Reason

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text()
PERFORMANCE = (ROOT / "docs" / "performance.md").read_text()
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
TARGET = re.compile(r"(?:`|\$ )make ([a-z-]+)")
ANCHOR = re.compile(r"\]\((?!https?:)([^)#]*)#([^)]+)\)")


def test_readme_names_every_reason_and_no_other() -> None:
    table = README.split("## What can go wrong")[1].split("Every reason,")[0]
    rows = "".join(line for line in table.splitlines() if line.startswith("| "))

    assert set(re.findall(r"`([A-Z]\w+)`", rows)) == set(Reason)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text())

    assert [link for link in links if not (page.parent / link).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_anchor_that_a_link_names_is_on_its_page(page: Path) -> None:
    links = ANCHOR.findall(page.read_text())

    assert [name for path, name in links if name not in anchors(page, path)] == []


def anchors(page: Path, path: str) -> set[str]:
    """Read the anchors of a page that a link on another one names."""
    text = (page.parent / path if path else page).read_text()
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    slugs = {re.sub(r"[^\w -]", "", each).strip().lower().replace(" ", "-") for each in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', text))


def test_performance_and_values_agree_on_the_memory_of_a_large_fleet() -> None:
    values = (ROOT / "helm" / "mailbox-operator" / "values.yaml").read_text()
    table = re.search(r"memory with 10,000 Mailboxes[^|]*\|[^|]*\| (\d+) MiB", PERFORMANCE + README)
    comment = re.search(r"10,000 Mailboxes take (\d+) MiB at their peak", values)
    assert table is not None
    assert comment is not None

    requested = yaml.safe_load(values)["resources"]["requests"]["memory"]
    assert table[1] == comment[1]
    assert int(table[1]) <= int(requested.removesuffix("Mi"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_target_that_a_page_names_is_in_the_makefile(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))

    assert set(TARGET.findall(page.read_text())) <= targets


def test_readme_shows_the_two_commands() -> None:
    assert {"demo", "test"} <= set(re.findall(r"^\$ make ([a-z]+)$", README, re.MULTILINE))


def test_the_first_example_of_readme_is_a_mailbox_and_an_application_that_sends() -> None:
    example = re.search(r"```yaml\n(.*?)```", README, re.DOTALL)
    assert example is not None

    mailbox, sender = map(parse_document, yaml.safe_load_all(example[1]))

    assert isinstance(mailbox, ReadableMailbox)
    assert isinstance(sender, ReadableSender)
    assert sender.selects == (mailbox.key.name,)


def parse_document(body: Any) -> Mailbox | Sender:
    return parse_sender(body) if body["kind"] == "Sender" else parse_mailbox(body)


def test_the_command_that_readme_shows_exists(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["verify", "--help"])

    assert ended.value.code == 0
    assert "--filename" in capsys.readouterr().out
