import pytest

from mailbox_operator.decide.declared.providers.smtp import SmtpAccess
from mailbox_operator.decide.declared.route import (
    ALTERNATES,
    Route,
    alternate,
    route,
    route_by_mx,
    route_by_services,
)
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.servers.preset import Preset
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from unit.make import ENDPOINT, spec

OWN = Preset(
    "Acme", ENDPOINT, ("acme.example",), ("mx.acme.example",), app_password_url="https://a"
)
NOTHING = SmtpAccess()
STARTTLS, TLS = Security.STARTTLS, Security.TLS


@pytest.mark.parametrize(
    ("smtp", "endpoint"),
    [
        (SmtpAccess("a.example"), Endpoint("a.example", 587, STARTTLS)),
        (SmtpAccess("a.example", security=TLS), Endpoint("a.example", 465, TLS)),
        (SmtpAccess("a.example", 465), Endpoint("a.example", 465, TLS)),
        (SmtpAccess("a.example", 2525), Endpoint("a.example", 2525, STARTTLS)),
        (SmtpAccess("a.example", 8465, TLS), Endpoint("a.example", 8465, TLS)),
        (SmtpAccess(preset="fastmail"), Endpoint("smtp.fastmail.com", 465, TLS)),
        (SmtpAccess(preset="ACME"), ENDPOINT),
        (NOTHING, ENDPOINT),
    ],
)
def test_the_route_goes_where_the_mailbox_says(smtp: SmtpAccess, endpoint: Endpoint) -> None:
    found = route(spec(smtp=smtp), [OWN])

    assert found is not None
    assert found.endpoint == endpoint


def test_the_route_knows_a_server_that_is_named_outright() -> None:
    found = route(spec(smtp=SmtpAccess("smtp.mail.me.com")))

    assert found is not None
    assert found.wants_app_password("s3cret")
    assert found.username_for("jane@icloud.com") == "jane@icloud.com"


def test_the_route_knows_nothing_of_a_strange_server() -> None:
    found = Route(ENDPOINT)

    assert not found.wants_app_password("s3cret")
    assert found.advice(Reason.APP_PASSWORD_REQUIRED, "s3cret") == ""
    assert found.username_for("jane@a.example") == "jane@a.example"


def test_the_route_leaves_a_strange_domain_to_its_exchangers() -> None:
    assert route(spec(smtp=NOTHING)) is None


def test_the_route_goes_where_the_exchangers_point() -> None:
    found = route_by_mx(["mx1.mx.acme.example."], [OWN])

    assert found == Route(ENDPOINT, OWN)


def test_strange_exchangers_lead_nowhere() -> None:
    assert route_by_mx(["mx.stranger.example"]) is None


def test_the_route_asks_for_a_host_where_nobody_is_known() -> None:
    with pytest.raises(Fault) as caught:
        route_by_services(spec(smtp=NOTHING), [])

    assert caught.value.facts["field"] == "spec.smtp"
    assert "acme.example" in caught.value.facts["problem"]


def test_the_route_refuses_a_preset_that_nobody_has() -> None:
    with pytest.raises(Fault) as caught:
        route(spec(smtp=SmtpAccess(preset="Nowhere")))

    assert caught.value.facts["field"] == "spec.smtp.preset"


@pytest.mark.parametrize("port", ALTERNATES)
def test_another_port_speaks_the_other_way(port: int) -> None:
    stated = SmtpAccess("a.example", port).endpoint

    other = alternate(stated)

    assert other is not None
    assert (other.host, other.security) != (stated.host, stated.security)
    assert other == SmtpAccess("a.example", other.port).endpoint


def test_an_odd_port_has_no_other() -> None:
    assert alternate(Endpoint("a.example", 8465, TLS)) is None
