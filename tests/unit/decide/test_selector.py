import pytest

from mailbox_operator.decide.declared.infrastructure import Offer
from mailbox_operator.decide.declared.selector import Operator, Requirement

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
