"""A domain's SRV records name its submission server, and prove an address as MX records do."""

from typing import Final

import pytest

from mailbox_operator.decide.declared.route import not_vouched_for, route_by_services
from mailbox_operator.decide.failure.fault import Fault
from mailbox_operator.decide.failure.reasons import Reason
from mailbox_operator.decide.machine.ownership import Login, served_by_services
from mailbox_operator.decide.servers.lookup import by_name
from mailbox_operator.decide.servers.submission import Service, certificate_names, chosen
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from unit.make import spec

STARTTLS, TLS = Security.STARTTLS, Security.TLS
JANE: Final = "jane@acme.example"
OWN: Final = Service("Mail.Acme.Example.", 465, 0, 1, TLS)
PLAIN: Final = Service("mail.acme.example.", 587, 0, 1, STARTTLS)
LATER: Final = Service("backup.acme.example.", 465, 10, 1, TLS)
NONE: Final = Service(".", 0, 0, 0, TLS)
ELSEWHERE: Final = Service("mail.hoster.example.", 465, 0, 1, TLS)


@pytest.mark.parametrize(
    ("services", "endpoint"),
    [
        pytest.param([PLAIN, OWN], Endpoint("mail.acme.example", 465, TLS), id="TLS first"),
        pytest.param([PLAIN], Endpoint("mail.acme.example", 587, STARTTLS), id="STARTTLS only"),
        pytest.param([LATER, OWN], Endpoint("mail.acme.example", 465, TLS), id="lower priority"),
        pytest.param(
            [NONE, PLAIN], Endpoint("mail.acme.example", 587, STARTTLS), id="no TLS service"
        ),
        pytest.param([NONE], None, id="a dot for none"),
        pytest.param([], None, id="no records"),
        pytest.param([Service("192.0.2.7.", 465, 0, 1, TLS)], None, id="an address for a name"),
        pytest.param([Service("a b.example.", 465, 0, 1, TLS)], None, id="no host name"),
    ],
)
def test_the_preferred_record_names_the_server(
    services: list[Service], endpoint: Endpoint | None
) -> None:
    assert chosen(services, JANE) == endpoint


def test_records_of_one_priority_share_the_addresses_by_weight() -> None:
    heavy, light = Service("a.example.", 465, 0, 89, TLS), Service("b.example.", 465, 0, 9, TLS)

    hosts = [chosen([light, heavy], f"{n}@acme.example") for n in range(1000)]

    assert 850 < hosts.count(heavy.endpoint) < 950
    assert hosts.count(light.endpoint) == 1000 - hosts.count(heavy.endpoint)


def test_an_address_has_the_same_server_at_every_check() -> None:
    records = [Service(f"{n}.example.", 465, 0, 1, TLS) for n in range(9)]

    assert chosen(records, JANE) == chosen(reversed(records), JANE.upper())


@pytest.mark.parametrize(
    ("target", "known", "names"),
    [
        ("mail.acme.example", False, ("mail.acme.example", "acme.example")),
        ("acme.example", False, ("acme.example",)),
        ("smtp.fastmail.com", True, ("smtp.fastmail.com", "acme.example")),
        ("mail.hoster.example", False, ("acme.example",)),
        ("mail.evilacme.example", False, ("acme.example",)),
    ],
)
def test_a_strange_target_counts_by_the_domains_certificate_only(
    target: str,
    known: bool,  # noqa: FBT001 - a column
    names: tuple[str, ...],
) -> None:
    assert certificate_names(target, "acme.example", known=known) == names


def test_a_known_provider_is_recognised_by_its_record() -> None:
    record = Service("smtp.fastmail.com.", 465, 0, 1, TLS)

    found = route_by_services(spec(address=JANE), [record])

    assert found.preset is by_name("Fastmail")
    assert not found.is_elsewhere


def test_a_domain_without_a_server_asks_for_the_host() -> None:
    with pytest.raises(Fault) as caught:
        route_by_services(spec(address=JANE), [NONE])

    assert caught.value.reason is Reason.INVALID_SPEC
    assert "state smtp.host" in caught.value.facts["problem"]


def test_the_owner_is_asked_about_a_server_elsewhere() -> None:
    found = route_by_services(spec(address=JANE), [ELSEWHERE])

    assert found.is_elsewhere
    assert "mail.hoster.example:465" in not_vouched_for(spec(address=JANE), found).facts["problem"]


@pytest.mark.parametrize(
    ("services", "login", "proves"),
    [
        pytest.param([OWN], Login(OWN.endpoint, "Jane@acme.example"), True, id="that server"),
        pytest.param([ELSEWHERE], Login(ELSEWHERE.endpoint, JANE), True, id="a hoster's"),
        pytest.param([OWN], Login(OWN.endpoint, "joe@acme.example"), False, id="another account"),
        pytest.param([OWN], Login(ELSEWHERE.endpoint, JANE), False, id="another server"),
        pytest.param([OWN, LATER], Login(LATER.endpoint, JANE), False, id="a backup"),
        pytest.param([OWN, PLAIN], Login(PLAIN.endpoint, JANE), False, id="the other kind"),
        pytest.param([], Login(OWN.endpoint, JANE), False, id="no records"),
        pytest.param([NONE], Login(Endpoint("", 0, TLS), JANE), False, id="a dot for none"),
        pytest.param([Service("a.example.", 2525, 0, 1, TLS)],
                     Login(Endpoint("a.example", 2525, TLS), JANE), False, id="a port of anybody"),
    ],
)  # fmt: skip
def test_a_record_vouches_for_its_server(
    services: list[Service],
    login: Login,
    proves: bool,  # noqa: FBT001 - a column
) -> None:
    assert served_by_services(spec(address=JANE), login, services) is proves
