"""A release is refused where any place states another version."""

from pathlib import Path

import pytest

from tools.release.versions import ReleaseError, check, stated, version_of


def test_a_tree_that_states_the_version_of_the_tag_everywhere_is_released(tree: Path) -> None:
    assert check(tree, "v0.1.0") == "0.1.0"


def test_the_package_and_two_fields_of_each_chart_state_the_version(tree: Path) -> None:
    places = [place for place, _ in stated(tree)]

    assert len(places) == 1 + 2 * len(list(tree.glob("helm/*/Chart.yaml")))


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        pytest.param(
            "operator/mailbox_operator/__init__.py",
            '"0.1.0"',
            '"0.1.1"',
            "__init__.py says 0.1.1, the tag says 0.1.0",
            id="the package",
        ),
        pytest.param(
            "helm/mailbox-operator/Chart.yaml",
            "\nversion: 0.1.0",
            "\nversion: 0.2.0",
            "helm/mailbox-operator/Chart.yaml, version, says 0.2.0",
            id="a chart",
        ),
        pytest.param(
            "helm/mailbox-tenant/Chart.yaml",
            "appVersion: 0.1.0",
            "appVersion: 0.0.9",
            "helm/mailbox-tenant/Chart.yaml, appVersion, says 0.0.9",
            id="what a chart is for",
        ),
        pytest.param(
            "CHANGELOG.md",
            "## 0.1.0 - 2027-01-31",
            "## 0.1.0",
            "has 0",
            id="no date in the changelog",
        ),
    ],
)
def test_a_place_that_states_something_else_is_named(
    tree: Path, file: str, old: str, new: str, said: str
) -> None:
    text = (tree / file).read_text()
    (tree / file).write_text(text.replace(old, new))

    with pytest.raises(ReleaseError) as caught:
        check(tree, "v0.1.0")

    assert said in str(caught.value)
    assert len(str(caught.value).splitlines()) == 1


def test_every_place_is_named_at_once(tree: Path) -> None:
    with pytest.raises(ReleaseError) as caught:
        check(tree, "v9.0.0")

    assert len(str(caught.value).splitlines()) == len(list(stated(tree))) + 1


@pytest.mark.parametrize("tag", ["0.1.0", "v0.1", "v0.1.0-rc.1", "v0.1.0\n", "latest"])
def test_a_tag_that_is_no_version_is_refused(tag: str) -> None:
    with pytest.raises(ReleaseError, match=r"no version such as v0\.1\.0"):
        version_of(tag)
