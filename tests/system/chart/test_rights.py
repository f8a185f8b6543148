"""What the operator asks the API server whether it may, the chart allows; under every values file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from mailbox_operator.cluster.scope import Scope
from mailbox_operator.decide.cluster.rights import Right, rights
from mailbox_operator.settings.file import load
from system.chart.release import OPERATOR, Chart, Rendered

VALUES: Final = sorted((OPERATOR / "ci").glob("*.yaml"))
HOME: Final = "mail"
COMPONENT: Final = "app.kubernetes.io/component"


def needed(rendered: Rendered) -> set[Right]:
    """Name what an operator with this configuration asks for."""
    (text,) = [
        each["data"]["config.yaml"]
        for each in rendered.all("ConfigMap")
        if (each["metadata"].get("labels") or {}).get(COMPONENT) == "operator"
    ]
    settings = load(text)
    scope = Scope.of(settings, settings.operator_namespace or HOME)
    return set(rights(scope.duties, settings.leader_election.lease_name))


def granted(rendered: Rendered) -> Iterator[tuple[str, dict[str, Any]]]:
    """Return the rules that the operator is bound to, each with its namespace; empty for all."""
    bound = {
        (kind, each["roleRef"]["name"], each["metadata"].get("namespace", ""))
        for kind in ("ClusterRole", "Role")
        for each in rendered.all(f"{kind}Binding")
    }
    for kind in ("ClusterRole", "Role"):
        for role in rendered.all(kind):
            place = role["metadata"].get("namespace", "")
            if (kind, role["metadata"]["name"], place) in bound:
                yield from ((place, rule) for rule in role.get("rules") or ())


def allows(place: str, rule: dict[str, Any], right: Right) -> bool:
    """Say whether a rule grants a right."""
    return (
        place in ("", right.namespace)
        and right.group in rule.get("apiGroups", ())
        and right.resource in rule.get("resources", ())
        and right.verb in rule["verbs"]
        and (not rule.get("resourceNames") or right.name in rule["resourceNames"])
    )


@pytest.mark.parametrize("values", VALUES, ids=lambda path: path.stem)
def test_the_chart_allows_all_that_the_operator_asks_for(helm: Path, values: Path) -> None:
    rendered = Chart(helm, OPERATOR, "mailbox-operator", HOME).render("--values", str(values))
    rules = list(granted(rendered))

    missing = [each for each in needed(rendered) if not any(allows(*rule, each) for rule in rules)]

    assert missing == []
