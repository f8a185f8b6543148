"""Names of objects as people type them: `jane`, or `sender/newsletter`."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Self

from mailbox_operator.decide.declared.kinds import KINDS
from mailbox_operator.decide.words import Kind

SHORT: Final[Mapping[Kind, str]] = {
    Kind.MAILBOX: "mbx",
    Kind.INFRASTRUCTURE: "minfra",
    Kind.SENDER: "snd",
}


NAME: Final = re.compile(r"[^/?#%\s]+")
"""What may stand in the path of an object; the API server knows which names there can be."""


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
        if kind is None or not NAME.fullmatch(name):
            known = ", ".join(each.lower() for each in Kind)
            raise CommandError(f"{text} names no object: write NAME, or KIND/NAME with {known}")
        return cls(kind, name)

    @classmethod
    def named(
        cls, texts: Sequence[str], usual: Kind = Kind.MAILBOX, *, everywhere: bool = False
    ) -> list[Self]:
        """Read all that was typed.

        Args:
            texts: Names.
            usual: Whose names they are without a kind.
            everywhere: Whether all namespaces are meant.

        Raises:
            CommandError: One names no kind of this project, or nothing; or a name is meant everywhere.
        """
        if texts and everywhere:
            raise CommandError(
                "a name cannot be looked up in all namespaces: leave out -A, or use -n NAMESPACE"
            )
        return [cls.of(each, usual) for each in texts]

    def only(self, kind: Kind) -> Self:
        """Insist on a kind.

        Raises:
            CommandError: It is another.
        """
        if self.kind is not kind:
            raise CommandError(f"{self} is no {kind}, and this command is about a {kind} alone")
        return self

    def __str__(self) -> str:
        return f"{self.kind} {self.name}"


def _words() -> Mapping[str, Kind]:
    """Return every name of a kind that kubectl takes."""
    named = {word: kind for kind in Kind for word in (kind.lower(), KINDS[kind].plural)}
    return named | {short: kind for kind, short in SHORT.items()}
