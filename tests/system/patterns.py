"""Finds every regular expression of the package, and makes the texts that are worst for it."""

import ast
import importlib
import pkgutil
import re
import re._constants as opcodes  # type: ignore[import-not-found]  # typeshed has none
import re._parser as parser  # type: ignore[import-not-found]  # typeshed has none
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import mailbox_operator
from mailbox_operator.decide.texts.shapes import Shape

FUNCTIONS: Final = frozenset(
    {"compile", "findall", "finditer", "fullmatch", "match", "search", "split", "sub", "subn"}
)
LENGTH: Final = 1_000_000
LONG_PATTERN: Final = 300
LENGTH_FOR_LONG_ONES: Final = 30_000
"""A pattern of many words tries them all at each place; if it were quadratic, this would take hours."""
MOST_WORDS: Final = 12
MOST_LETTERS: Final = 6
CATEGORIES: Final = {
    opcodes.CATEGORY_DIGIT: "0",
    opcodes.CATEGORY_SPACE: " ",
    opcodes.CATEGORY_WORD: "a",
    opcodes.CATEGORY_NOT_DIGIT: "a",
    opcodes.CATEGORY_NOT_SPACE: "a",
    opcodes.CATEGORY_NOT_WORD: "-",
}


@dataclass(frozen=True, slots=True)
class Found:
    """A pattern, and where it is.

    Attributes:
        whole: Whether it is only ever compared with a whole text.
    """

    place: str
    pattern: re.Pattern[str]
    whole: bool = False


def modules() -> Iterator[ModuleType]:
    """Import every module of the package."""
    for found in pkgutil.walk_packages(mailbox_operator.__path__, "mailbox_operator."):
        if not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def patterns() -> Iterator[Found]:
    """Find those a module keeps, alone or in a table, those within shapes, and those used in place."""
    for module in modules():
        for name, value in vars(module).items():
            for each in value.values() if isinstance(value, Mapping) else (value,):
                if isinstance(each, re.Pattern):
                    yield Found(f"{module.__name__}.{name}", each)
            if isinstance(value, Shape):
                for pattern in _enclosed(value.fits):
                    yield Found(f"{module.__name__}.{name}", pattern, whole=True)
        yield from _in_place(module)


def texts(pattern: re.Pattern[str]) -> Iterator[str]:
    """Make long texts of the letters a pattern knows: runs, alternations, beginnings without an end."""
    length = LENGTH_FOR_LONG_ONES if len(pattern.pattern) > LONG_PATTERN else LENGTH
    letters = list(dict.fromkeys(_letters(parser.parse(pattern.pattern))))[:MOST_LETTERS]
    words = [*letters, *_literals(pattern.pattern)[:MOST_WORDS]]
    for word in words:
        yield (word * (length // len(word) + 1))[:length]
        yield (word * (length // len(word) + 1))[:length] + "\0"
    for one, other in combinations(letters, 2):
        yield (one + other) * (length // len(one + other))
        yield one + other * (length // len(other))


def _literals(source: str) -> list[str]:
    return re.findall(r"[A-Za-z:/ ]{3,20}", source)


def _in_place(module: ModuleType) -> Iterator[Found]:
    tree = ast.parse(Path(str(module.__file__)).read_text())
    makers = {inner for each in ast.walk(tree) if _makes_patterns(each) for inner in ast.walk(each)}
    for node in ast.walk(tree):
        match node:
            case _ if node in makers:
                continue
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="re"), attr=name), args=[first, *_]
            ) if name in FUNCTIONS:
                place = f"{module.__name__}:{node.lineno}"
                if place_of_shapes(module, first):
                    continue
                source = eval(compile(ast.Expression(first), f"<{place}>", "eval"), vars(module))  # noqa: S307 - our own source
                yield Found(place, re.compile(source))


def _makes_patterns(node: ast.AST) -> bool:
    """Say whether a function returns a pattern: it is found where the module keeps it."""
    return isinstance(node, ast.FunctionDef) and "re.Pattern" in ast.unparse(
        node.returns or ast.Pass()
    )


def place_of_shapes(module: ModuleType, argument: ast.expr) -> bool:
    """Say whether a pattern is an argument of the function that makes shapes, which are found apart."""
    return module.__name__.endswith("texts.shapes") and isinstance(argument, ast.Name)


def _enclosed(function: Any) -> Iterator[re.Pattern[str]]:
    for cell in function.__closure__ or ():
        if isinstance(cell.cell_contents, re.Pattern):
            yield cell.cell_contents


def _letters(parsed: Any) -> Iterator[str]:
    for operation, argument in parsed:
        yield from _letters_of(operation, argument)


def _letters_of(operation: Any, argument: Any) -> Iterator[str]:
    match operation:
        case opcodes.LITERAL:
            yield chr(argument)
        case opcodes.NOT_LITERAL:
            yield chr(argument ^ 1)
        case opcodes.RANGE:
            yield chr(argument[0])
        case opcodes.CATEGORY:
            yield CATEGORIES[argument]
        case opcodes.ANY | opcodes.NEGATE:
            yield from "a\x01"
        case opcodes.IN:
            yield from _letters(argument)
        case _:
            for part in _parts(argument):
                yield from _letters(part)


def _parts(argument: Any) -> Iterator[Any]:
    """Find the sub-patterns within the argument of a group, a repetition, a choice or a look."""
    if isinstance(argument, parser.SubPattern):
        yield argument
    elif isinstance(argument, tuple | list):
        for item in argument:
            yield from _parts(item)
