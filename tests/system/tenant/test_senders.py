"""The senders of the values."""

from typing import Any

import pytest

from system.tenant.chart import Chart

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
