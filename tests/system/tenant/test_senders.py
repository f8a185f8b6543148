"""The senders of the values."""

from typing import Any

import pytest

from system.tenant.chart import Chart, of_kind, only
from system.tenant.values import Values

ADMITTED = {"readsSecrets": True, "namespace": "mail"}
ANY = {"senders": {"shop": {"mailboxes": ["jane"]}}}
CAMPAIGN = {
    "mailboxes": ["jane", "john"],
    "secretName": "campaign-login",
    "loginRevision": 2,
    "suspend": True,
}


def test_a_sender_names_its_mailboxes(chart: Chart) -> None:
    (made,) = chart.render({"senders": {"keycloak": {"mailboxes": ["jane"]}}})

    assert (made["kind"], made["metadata"]["name"]) == ("Sender", "keycloak")
    assert made["spec"] == {"mailboxes": {"names": ["jane"]}}


def test_a_sender_has_every_field_that_is_stated(chart: Chart) -> None:
    (made,) = chart.render({"senders": {"campaign": CAMPAIGN | {"labels": {"team": "sales"}}}})

    spec = {"mailboxes": {"names": CAMPAIGN["mailboxes"]}, **CAMPAIGN}
    assert made["spec"] == spec | {"mailboxes": {"names": ["jane", "john"]}}
    assert made["metadata"]["labels"]["team"] == "sales"


def test_a_sender_that_is_null_is_none(chart: Chart) -> None:
    assert chart.render({"senders": {"keycloak": None}}) == []


@pytest.mark.parametrize(
    "sender",
    [{}, {"mailboxes": []}, {"mailboxes": ["jane"], "limits": {}}, {"mailboxes": ["jane", "jane"]}],
)
def test_a_wrong_sender_is_refused(chart: Chart, sender: Any) -> None:
    assert "senders" in chart.refusal({"senders": {"keycloak": sender}})


@pytest.mark.cluster
def test_the_api_server_takes_a_sender_of_the_chart(tenant: Chart) -> None:
    tenant.install({"senders": {"campaign": CAMPAIGN}})


def test_the_gateway_is_bound_in_a_namespace_with_senders_that_admits_the_operator(
    chart: Chart,
) -> None:
    bindings = of_kind(chart.render(ANY | {"operator": ADMITTED}), "RoleBinding")

    assert {
        each["metadata"]["name"]: (each["roleRef"]["name"], each["subjects"][0]["name"])
        for each in bindings
    } == {
        "acme-operator": ("mailbox-operator-secrets", "mailbox-operator"),
        "acme-gateway": ("mailbox-operator-gateway-secrets", "mailbox-operator-gateway"),
    }


@pytest.mark.parametrize(
    "values", [{"operator": ADMITTED}, ANY, {"senders": {"shop": None}, "operator": ADMITTED}]
)
def test_the_gateway_is_not_bound_elsewhere(chart: Chart, values: Values) -> None:
    names = [each["roleRef"]["name"] for each in of_kind(chart.render(values), "RoleBinding")]

    assert "mailbox-operator-gateway-secrets" not in names


@pytest.mark.parametrize(
    ("access", "verbs"),
    [
        ("view", {"get", "list", "watch"}),
        ("operate", {"get", "list", "watch"}),
        ("edit", {"get", "list", "watch", "create", "update", "patch", "delete"}),
    ],
)
def test_people_see_senders_and_edit_them_if_they_edit_mailboxes(
    chart: Chart, access: str, verbs: set[str]
) -> None:
    people = {"people": [{"kind": "Group", "name": "acme"}], "peopleAccess": access}

    (rule,) = [
        each
        for each in only(chart.render(people), "Role")["rules"]
        if "senders" in each["resources"]
    ]

    assert set(rule["verbs"]) == verbs
