"""Which specs a real API server admits, and what it answers to the others."""

from collections.abc import Mapping
from typing import Any

import pytest

from lab.controlplane.kubectl import KubectlError
from lab.controlplane.plane import ControlPlane
from lab.stand.specs import SMTP, Spec
from system.crds.manifests import DRY, INFRASTRUCTURE, MAILBOX, SENDER, manifest
from unit.tables import infrastructures, senders, specs

pytestmark = pytest.mark.cluster


def good(kind: str, table: Mapping[str, Spec]) -> list[Any]:
    return [pytest.param(kind, spec, id=f"{kind}: {name}") for name, spec in table.items()]


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        *good(MAILBOX, specs.GOOD),
        *good(INFRASTRUCTURE, infrastructures.GOOD),
        *good(SENDER, senders.GOOD),
    ],
)
def test_a_good_spec_is_admitted(api: ControlPlane, kind: str, spec: Spec) -> None:
    assert "created" in api.kubectl(*DRY, input=manifest(kind, spec))


def bad(kind: str, table: Mapping[str, tuple[Spec, str]]) -> list[Any]:
    return [
        pytest.param(kind, spec, fragment, id=f"{kind}: {name}")
        for name, (spec, fragment) in table.items()
    ]


@pytest.mark.parametrize(
    ("kind", "spec", "fragment"),
    [
        *bad(MAILBOX, specs.BAD),
        *bad(INFRASTRUCTURE, infrastructures.BAD),
        *bad(SENDER, senders.BAD),
        *bad(SENDER, senders.MISTAKES),
    ],
)
def test_a_bad_spec_is_refused(api: ControlPlane, kind: str, spec: Spec, fragment: str) -> None:
    with pytest.raises(KubectlError) as caught:
        api.kubectl(*DRY, input=manifest(kind, spec))

    assert fragment in str(caught.value)


@pytest.mark.parametrize("kind", [MAILBOX, INFRASTRUCTURE])
def test_a_long_name_is_refused(api: ControlPlane, kind: str) -> None:
    spec = SMTP if kind == MAILBOX else {}

    with pytest.raises(KubectlError, match="must have at most 63 characters"):
        api.kubectl(*DRY, input=manifest(kind, spec, "j" * 64))


def test_a_name_whose_secret_would_not_fit_into_a_label_is_refused(api: ControlPlane) -> None:
    with pytest.raises(KubectlError, match="must have at most 58 characters"):
        api.kubectl(*DRY, input=manifest(SENDER, senders.names("noreply"), "j" * 59))


def transitions(kind: str, table: Mapping[str, tuple[Spec, Spec, str]]) -> list[Any]:
    return [pytest.param(kind, *row, id=f"{kind}: {name}") for name, row in table.items()]


@pytest.mark.parametrize(
    ("kind", "old", "new", "fragment"),
    [*transitions(MAILBOX, specs.TRANSITIONS), *transitions(SENDER, senders.TRANSITIONS)],
)
def test_an_immutable_field_never_changes(
    api: ControlPlane, namespace: str, kind: str, old: Spec, new: Spec, fragment: str
) -> None:
    api.kubectl("create", "-n", namespace, "-f", "-", input=manifest(kind, old))

    with pytest.raises(KubectlError) as caught:
        api.kubectl("replace", "-n", namespace, "-f", "-", input=manifest(kind, new))

    assert fragment in str(caught.value)


def test_a_mutable_field_may_change(api: ControlPlane, namespace: str) -> None:
    new = SMTP | {"suspend": True, "smtp": {"preset": "Zoho"}, "displayName": "Jane"}
    api.kubectl("create", "-n", namespace, "-f", "-", input=manifest(MAILBOX, SMTP))

    assert "replaced" in api.kubectl(
        "replace", "-n", namespace, "-f", "-", input=manifest(MAILBOX, new)
    )
