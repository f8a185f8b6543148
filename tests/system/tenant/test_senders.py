"""The senders of the values."""

from typing import Any

import pytest

from lab.stand.specs import SMTP
from system.tenant.chart import CHART, Chart, of_kind, only
from system.tenant.values import Values, bare, jane
from unit.tables.schema import FILES, messages

ADMITTED = {"readsSecrets": True, "namespace": "mail"}
ANY = {"senders": {"shop": {"mailboxes": ["jane"]}}}
CAMPAIGN = {
    "mailboxes": ["jane", "john"],
    "secretName": "campaign-login",
    "loginRevision": 2,
    "suspend": True,
}


SPRING = {
    "selector": {"matchLabels": {"campaign": "spring"}},
    "choose": "ByRecipient",
    "from": "Rewrite",
    "limits": {"perDay": 500},
}
BY_THE_SCHEMA = {
    "A key of matchLabels": {"matchLabels": {"a b": "c"}},
    "The operators In and NotIn": {"matchExpressions": [{"key": "cold", "operator": "In"}]},
}
"""What the chart's schema refuses, by the beginning of what the API server says of it."""


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
    [
        {},
        {"mailboxes": []},
        {"mailboxes": ["jane"], "limits": {"every": "5m"}},
        {"mailboxes": ["jane"], "limits": {"perDay": 0}},
        {"mailboxes": ["jane"], "choose": "Random"},
        {"mailboxes": ["jane", "jane"]},
        *({"selector": each} for each in BY_THE_SCHEMA.values()),
    ],
)
def test_a_wrong_sender_is_refused(chart: Chart, sender: Any) -> None:
    assert "keycloak" in chart.refusal({"senders": {"keycloak": sender}})


def test_a_sender_may_select_its_mailboxes_and_share_the_recipients_among_them(
    chart: Chart,
) -> None:
    (made,) = chart.render({"senders": {"spring": SPRING}})

    asked = {name: value for name, value in SPRING.items() if name != "selector"}
    assert made["spec"] == {"mailboxes": {"selector": SPRING["selector"]}, **asked}


@pytest.mark.parametrize(
    ("senders", "told"),
    [
        pytest.param(
            {"app": {"mailboxes": ["jane@acme.example"]}},
            "Its address is not its name",
            id="address",
        ),
        pytest.param({"app": {"mailboxes": ["acme/jane"]}}, '"acme/jane" names no', id="namespace"),
        pytest.param(
            {"app": {"mailboxes": ["jane"], "selector": {}}}, "State names or a selector", id="both"
        ),
        pytest.param({"app": {}}, "State names or a selector", id="neither"),
        pytest.param(
            {"app": {"selector": {}, "choose": "ByRecipient"}}, "needs from: Rewrite", id="verified"
        ),
        pytest.param({"App": {"mailboxes": ["jane"]}}, "begins and ends with a", id="capitals"),
        pytest.param(
            {"a" * 59: {"mailboxes": ["jane"]}}, "must have at most 58 characters", id="long"
        ),
        pytest.param(
            {"app": {"mailboxes": ["jane"], "secretName": "a/b"}}, "app: secretName", id="secret"
        ),
        pytest.param(
            {
                "app": {"mailboxes": ["jane"], "secretName": "shop-smtp"},
                "shop": {"mailboxes": ["jane"]},
            },
            "sender shop: the Secret shop-smtp is that of sender app already",
            id="one Secret of two",
        ),
    ],
)
def test_a_mistake_in_a_sender_is_told_before_the_cluster_sees_it(
    chart: Chart, senders: Any, told: str
) -> None:
    assert told in chart.refusal({"senders": senders})


def test_a_sender_does_not_take_the_secret_of_a_mailbox(chart: Chart) -> None:
    mailbox = jane(bare(SMTP), credentials={"username": "jane", "password": "x"})
    (made,) = of_kind(chart.render(mailbox), "Secret")
    name = made["metadata"]["name"]

    senders = {"app": {"mailboxes": ["jane"], "secretName": name}}

    assert f"the Secret {name} is that of mailbox jane" in chart.refusal(
        mailbox | {"senders": senders}
    )


def test_the_chart_names_a_mistake_as_the_api_does() -> None:
    templates = "".join(path.read_text() for path in (CHART / "templates").glob("*.tpl"))
    seen = [message for message in messages(FILES[2]) if "cannot change" not in message]

    missing = [message for message in seen if message not in templates]
    assert [each for each in missing if not each.startswith(tuple(BY_THE_SCHEMA))] == []


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
