import pytest

from mailbox_operator.decide.declared.infrastructure import Offer
from mailbox_operator.decide.declared.selector import Operator, Requirement, read_selector

IN = Requirement("team", Operator.IN, ("blue", "green"))
NOT_IN = Requirement("team", Operator.NOT_IN, ("blue", "green"))
EXISTS = Requirement("team", Operator.EXISTS)
DOES_NOT_EXIST = Requirement("team", Operator.DOES_NOT_EXIST)


@pytest.mark.parametrize(
    ("requirement", "blue", "red", "unlabelled"),
    [
        pytest.param(IN, True, False, False, id="In"),
        pytest.param(NOT_IN, False, True, True, id="NotIn"),
        pytest.param(EXISTS, True, True, False, id="Exists"),
        pytest.param(DOES_NOT_EXIST, False, False, True, id="DoesNotExist"),
    ],
)
def test_the_selector_compares_as_kubernetes_does(
    requirement: Requirement,
    blue: bool,  # noqa: FBT001 - a column of the table
    red: bool,  # noqa: FBT001 - a column of the table
    unlabelled: bool,  # noqa: FBT001 - a column of the table
) -> None:
    assert requirement.admits({"team": "blue"}) is blue
    assert requirement.admits({"team": "red"}) is red
    assert requirement.admits({}) is unlabelled


def test_an_empty_selector_admits_everybody() -> None:
    assert Offer().admits({})


def test_every_requirement_must_be_met() -> None:
    offer = Offer(selector=(EXISTS, NOT_IN))

    assert offer.admits({"team": "red"})
    assert not offer.admits({"team": "blue"})


@pytest.mark.parametrize(
    ("text", "requirements"),
    [
        pytest.param("", (), id="everything"),
        pytest.param("team", (EXISTS,), id="a key"),
        pytest.param("!team", (DOES_NOT_EXIST,), id="no such key"),
        pytest.param("team=blue", (Requirement("team", Operator.IN, ("blue",)),), id="one sign"),
        pytest.param("team == blue", (Requirement("team", Operator.IN, ("blue",)),), id="two"),
        pytest.param("team=", (Requirement("team", Operator.IN, ("",)),), id="an empty value"),
        pytest.param("team!=blue", (Requirement("team", Operator.NOT_IN, ("blue",)),), id="unlike"),
        pytest.param("team in (blue,green)", (IN,), id="a set"),
        pytest.param("team notin ( blue, green )", (NOT_IN,), id="no member of a set"),
        pytest.param("team in (blue,green), !team", (IN, DOES_NOT_EXIST), id="two requirements"),
    ],
)
def test_a_selector_is_read_as_kubectl_takes_it(
    text: str, requirements: tuple[Requirement, ...]
) -> None:
    assert read_selector(text) == requirements


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        pytest.param("team=blue,", "write a label selector", id="a comma at the end"),
        pytest.param(",", "write a label selector", id="a comma alone"),
        pytest.param("team in blue", "write a label selector", id="no parentheses"),
        pytest.param("team in (blue", "write a label selector", id="one parenthesis"),
        pytest.param("size > 3", "write a label selector", id="a comparison"),
        pytest.param("team blue", "write a label selector", id="two words"),
        pytest.param("a/b/c", "it must be a label key", id="no key"),
        pytest.param("team=bl%ue", "it must be a label value", id="no value"),
        pytest.param("team in (blue,%)", "it must be a label value", id="no value in a set"),
    ],
)
def test_a_text_that_is_no_selector_is_refused_with_the_rule(text: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        read_selector(text)
