"""Which namespaces may use a ManagedInfrastructure: a label selector (metav1.LabelSelector)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, assert_never

from mailbox_operator.decide.declared.fields import Fields
from mailbox_operator.decide.texts.shapes import LABEL_KEY, LABEL_VALUE

MOST_REQUIREMENTS: Final = 16
MOST_VALUES: Final = 32


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
