"""Names of objects as people type them: `jane`, or `sender/newsletter`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Self

from mailbox_operator.decide.declared.kinds import KINDS
from mailbox_operator.decide.words import Kind

SHORT: Final[Mapping[Kind, str]] = {
    Kind.MAILBOX: "mbx",
    Kind.INFRASTRUCTURE: "minfra",
    Kind.SENDER: "snd",
}


class CommandError(Exception):
    """A command cannot be carried out; the message says why, and what to do."""


class TooLateError(CommandError):
    """What a command waited for did not come in time."""


@dataclass(frozen=True, slots=True)
class Target:
    """One object that a command is about."""

    kind: Kind
    name: str

    @classmethod
    def of(cls, text: str, usual: Kind = Kind.MAILBOX) -> Self:
        """Read what was typed.

        Args:
            text: A name, or a kind and a name.
            usual: Whose name it is without a kind.

        Raises:
            CommandError: It names no kind of this project, or nothing.
        """
        word, slash, name = text.partition("/")
        if not slash:
            word, name = usual.lower(), text
        kind = _words().get(word.lower())
        if kind is None or not name:
            known = ", ".join(each.lower() for each in Kind)
            raise CommandError(f"{text} names no object: write NAME, or KIND/NAME with {known}")
        return cls(kind, name)

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def _words() -> Mapping[str, Kind]:
    """Return every name of a kind that kubectl takes."""
    named = {word: kind for kind in Kind for word in (kind.lower(), KINDS[kind].plural)}
    return named | {short: kind for kind, short in SHORT.items()}
