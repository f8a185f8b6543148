"""`make docs`: writes the reference in docs/command-line.md from the command line itself."""

import argparse
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from mailbox_operator.cli import PROGRAM, parser_of

PAGE: Final = Path(__file__).parents[3] / "docs" / "command-line.md"
PART: Final = re.compile(r"(<!-- commands -->\n).*?(<!-- /commands -->)", re.DOTALL)
WITHOUT_VALUE: Final = 0


def page(text: str) -> str:
    """Put the reference into the page."""
    made = "\n".join(reference())
    return PART.sub(lambda found: f"{found[1]}{made}\n{found[2]}", text)


def reference() -> Iterator[str]:
    """Write a section for each command."""
    for name, command in commands().items():
        yield f"\n### {name}\n"
        yield f"{command.description or sentence(helps()[name])}\n"
        yield "| argument | what it does |\n|---|---|"
        yield from (row(each) for each in arguments(command))
        if command.epilog:
            yield f"\n```text\n{command.epilog.rstrip()}\n```"


def commands() -> Mapping[str, argparse.ArgumentParser]:
    """Return the commands by name."""
    found: Mapping[str, argparse.ArgumentParser] = _group().choices
    return found


def helps() -> Mapping[str, str]:
    """Return what `--help` says of each command."""
    return {each.dest: each.help or "" for each in _group()._choices_actions}  # noqa: SLF001 - see `_group`


def arguments(command: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return the arguments of a command but `--help`."""
    return [each for each in command._actions if each.dest != "help"]  # noqa: SLF001 - see `_group`


def row(action: argparse.Action) -> str:
    """Write a line of the table."""
    value = action.metavar or "|".join(map(str, action.choices or ()))
    named = f" {value}" if value and action.nargs != WITHOUT_VALUE else ""
    words = ", ".join(f"`{each}{named}`" for each in action.option_strings) or f"`{value}`"
    words = words.replace("|", "\\|")
    return f"| {words} | {action.help} |"


def sentence(text: str) -> str:
    """Write a help text as a sentence."""
    return f"{text[0].upper()}{text[1:]}."


def _group() -> argparse._SubParsersAction:  # type: ignore[type-arg] # argparse has no public way to ask
    (found,) = (
        each
        for each in parser_of(PROGRAM)._actions  # noqa: SLF001 - the same
        if isinstance(each, argparse._SubParsersAction)  # noqa: SLF001 - the same
    )
    return found


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text()))
