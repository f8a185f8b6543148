"""`make docs`: writes the reasons in docs/reasons.md from their table, in the groups of README.md."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from mailbox_operator.decide.failure.findings import WORDS_OF
from mailbox_operator.decide.failure.reasons import Move, Reason, Rule
from mailbox_operator.decide.failure.rules import RULES
from mailbox_operator.decide.machine.lasting import LASTING, Lasting
from mailbox_operator.decide.words import Infrastructure

ROOT: Final = Path(__file__).parents[3]
README: Final = ROOT / "README.md"
PAGE: Final = ROOT / "docs" / "reasons.md"
PART: Final = re.compile(r"(<!-- reasons -->\n).*?(<!-- /reasons -->)", re.DOTALL)
PLACEHOLDER: Final = re.compile(r"\{(\w+)\}")
SILENT: Final = ("advice", "lacking", "other", "page", "recurrence")
GROUPED: Final = re.compile(r"^\| ([^|]*?) ?\| ((?:`\w+` ?)+)\|", re.MULTILINE)

Groups = Mapping[str, Sequence[Reason]]


def page(text: str) -> str:
    """Put the reasons into the page."""
    found = groups(README.read_text())
    made = "\n".join((*overview(found), *sections(found)))
    return PART.sub(lambda part: f"{part[1]}{made}\n\n{part[2]}", text)


def groups(readme: str) -> Groups:
    """Read which reasons README.md names together; a row without a name belongs to the one above."""
    found = dict[str, list[Reason]]()
    for name, reasons in GROUPED.findall(readme):
        group = found.setdefault(name or list(found)[-1], [])
        group += map(Reason, re.findall(r"\w+", reasons))
    return found


def overview(found: Groups) -> Iterator[str]:
    """Write a table that leads to each reason."""
    yield "| What it is | Reasons |\n|---|---|"
    for name, reasons in found.items():
        links = ", ".join(f"[{reason}](#{reason.lower()})" for reason in reasons)
        yield f"| [{name}](#{anchor(name)}) | {links} |"


def anchor(heading: str) -> str:
    """Name the anchor that GitHub gives a heading."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def sections(found: Groups) -> Iterator[str]:
    """Describe each reason under a heading of its own."""
    for name, reasons in found.items():
        yield f"\n## {name}"
        for reason in reasons:
            yield f"\n### {reason}\n"
            yield from described(reason, RULES[reason])


def described(reason: Reason, rule: Rule) -> Iterator[str]:
    """Say what a reason means, who must act and how, and when it is tried again."""
    yield f"{written(rule.what)}.\n"
    private, managed = (rule.for_whom(infrastructure) for infrastructure in Infrastructure)
    if private == managed:
        yield from todo("Who must act", *private)
    else:
        yield f"- **Private**, {private[0]}: {written(private[1])}."
        yield f"- **Managed**, {managed[0]}: {written(managed[1])}."
    yield f"- **Tried again**: {rule.retry}."
    if reason in LASTING:
        yield from lasting(LASTING[reason])
    yield from cases(reason)


def todo(title: str, move: Move, text: str) -> Iterator[str]:
    """Say who must act, and what is to be done."""
    yield f"- **{title}**: {move}."
    yield f"- **What to do**: {written(text)}."


def lasting(words: Lasting) -> Iterator[str]:
    """Say what is added once the trouble lasts."""
    yield f"- **If it lasts**, {words.move}: {written(words.todo)}."
    if words.platform_todo:
        at = "If it lasts at a server of the platform"
        yield f"- **{at}**, {Move.PLATFORM}: {written(words.platform_todo)}."


def cases(reason: Reason) -> Iterator[str]:
    """List the cases of a reason that have words of their own."""
    found = {name: words for name, words in WORDS_OF.items() if reason in words.reasons}
    if found:
        yield "\n[Special cases](#special-cases):\n"
    for name, words in found.items():
        move = f"{words.move} / {Move.PLATFORM}" if words.or_platform else words.move
        what = "" if words.what == RULES[reason].what else f"{written(words.what)}. "
        yield f"- **{written(name)}**, {move}: {what}{written(words.todo)}."


def written(text: str) -> str:
    """Write a text with its placeholders in angle brackets, and without those that only add."""
    whole = PLACEHOLDER.sub(lambda found: "" if found[1] in SILENT else f"`<{found[1]}>`", text)
    return whole[0].upper() + whole[1:]


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
