"""Which objects are meant: a label selector, as a mapping (metav1.LabelSelector) or as one text."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from mailbox_operator.decide.declared.fields import Fields
from mailbox_operator.decide.texts.shapes import LABEL_KEY, LABEL_VALUE, Shape

MOST_REQUIREMENTS: Final = 16
MOST_VALUES: Final = 32
PART: Final = re.compile(r"(?:[^,()]|\([^()]*\))+")
"""Of a selector in one text; a list in parentheses has commas of its own."""

SET: Final = re.compile(r"\A(?P<key>\S+)\s+(?P<word>in|notin)\s*\((?P<values>[^()]*)\)")
EQUAL: Final = re.compile(r"\A(?P<key>[^\s=!]+)\s*(?P<sign>==?|!=)\s*(?P<value>\S*)")
PRESENT: Final = re.compile(r"\A(?P<absent>!)?\s*(?P<key>[^\s=!]+)")
SYNTAX: Final = (
    "write a label selector such as tier=gold, 'tier in (gold, silver)', tier!=gold or !tier, several"
    " of them with commas between"
)


class Operator(StrEnum):
    """How a label is compared."""

    IN = "In"
    NOT_IN = "NotIn"
    EXISTS = "Exists"
    DOES_NOT_EXIST = "DoesNotExist"


@dataclass(frozen=True, slots=True)
class Requirement:
    """One expression of a label selector (metav1.LabelSelectorRequirement)."""

    key: str
    operator: Operator
    values: tuple[str, ...] = ()

    def admits(self, labels: Mapping[str, str]) -> bool:
        """Say whether labels meet the expression."""
        value = labels.get(self.key)
        match self.operator:
            case Operator.IN:
                return value in self.values
            case Operator.NOT_IN:
                return value not in self.values
            case Operator.EXISTS:
                return value is not None
            case Operator.DOES_NOT_EXIST:
                return value is None
            case _:
                assert_never(self.operator)


SELECTOR_FIELDS: Final = ("matchLabels", "matchExpressions")


def parse_selector(fields: Fields) -> tuple[Requirement, ...]:
    """Read a label selector; an empty one has no requirements."""
    return (*_equal(fields), *_expressions(fields))


def _equal(fields: Fields) -> Iterator[Requirement]:
    for key, value in fields.mapping("matchLabels", MOST_REQUIREMENTS).items():
        path = f"{fields.at('matchLabels')}.{key}"
        fields.checked(key, LABEL_KEY, path)
        yield Requirement(key, Operator.IN, (fields.checked(value, LABEL_VALUE, path),))


def _expressions(fields: Fields) -> Iterator[Requirement]:
    known = ("key", "operator", "values")
    for expression in fields.each("matchExpressions", MOST_REQUIREMENTS, known):
        yield _requirement(expression)


def _requirement(fields: Fields) -> Requirement:
    operator = fields.word("operator", Operator)
    values = fields.texts("values", LABEL_VALUE, MOST_VALUES)
    if (operator in (Operator.IN, Operator.NOT_IN)) != bool(values):
        problem = "In and NotIn need values, Exists and DoesNotExist take none"
        fields.refuse("values", problem)
    return Requirement(fields.text("key", LABEL_KEY), operator, values)


def read_selector(text: str) -> tuple[Requirement, ...]:
    """Read a label selector as `kubectl --selector` takes it; an empty text has no requirements.

    Raises:
        ValueError: It is none; the message states the rule that is broken.

    Source:
        k8s.io/apimachinery labels.Parse; its `<` and `>` are left out, as in LabelSelector.
    """
    if not text.strip():
        return ()
    parts = PART.findall(text)
    if ",".join(parts) != text:
        raise ValueError(SYNTAX)
    return tuple(_read_part(part.strip()) for part in parts)


def _read_part(part: str) -> Requirement:
    if found := SET.fullmatch(part):
        operator = Operator.IN if found["word"] == "in" else Operator.NOT_IN
        return _checked(found["key"], operator, *map(str.strip, found["values"].split(",")))
    if found := EQUAL.fullmatch(part):
        operator = Operator.NOT_IN if found["sign"] == "!=" else Operator.IN
        return _checked(found["key"], operator, found["value"])
    if found := PRESENT.fullmatch(part):
        return _checked(
            found["key"], Operator.DOES_NOT_EXIST if found["absent"] else Operator.EXISTS
        )
    raise ValueError(SYNTAX)


def _checked(key: str, operator: Operator, *values: str) -> Requirement:
    rules: list[tuple[str, Shape]] = [(key, LABEL_KEY), *((each, LABEL_VALUE) for each in values)]
    for text, shape in rules:
        if not shape.fits(text):
            raise ValueError(f"{text!r}: {shape.problem}")
    return Requirement(key, operator, values)
