"""A login proves an address by the word of the address's domain, never by the tenant's own."""

from typing import Final

import pytest

from mailbox_operator.decide.machine.ownership import (
    Exchanger,
    Login,
    is_own_login,
    served_by_exchangers,
    served_by_preset,
)
from mailbox_operator.decide.servers.known import PRESETS
from mailbox_operator.decide.servers.lookup import by_name
from mailbox_operator.decide.servers.preset import Preset, UsernameFormat
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.words import Security
from unit.make import spec

CEO: Final = "ceo@acme.example"
OWN: Final = Endpoint("mail.acme.example", 587, Security.STARTTLS)
OTHER_PORT: Final = Endpoint("mail.acme.example", 2525, Security.STARTTLS)
BY_TLS: Final = Endpoint("MAIL.Acme.Example", 465, Security.TLS)
EVIL: Final = Endpoint("mail.evil.example", 587, Security.STARTTLS)
HOSTING: Final = Preset("AcmeHosting", OWN, ("acme.example",))
UNIX: Final = Preset("Unix", OWN, ("acme.example",), ("mx.host.test",), UsernameFormat.LOCAL_PART)
ALIASED: Final = Preset("Gateway", OWN, ("acme.example",), ("acme.example",), login="apikey")


def preset_endpoint(name: str) -> Endpoint:
    found = by_name(name)
    assert found is not None
    return found.endpoint


GMAIL: Final = preset_endpoint("Gmail")
NUMBERED: Final = Endpoint("192.0.2.7", 587, Security.STARTTLS)
BACKED_UP: Final = (Exchanger("mail.acme.example.", 1), Exchanger("aspmx.l.google.com.", 9))
GOOGLE_MX: Final = (
    Exchanger("ASPMX.L.Google.com.", 1),
    Exchanger("alt1.aspmx.l.google.com.", 5),
)


@pytest.mark.parametrize(
    ("address", "login", "more", "proves"),
    [
        pytest.param("jane@gmail.com", Login(GMAIL, "Jane@Gmail.com"), (), True, id="Gmail's own"),
        pytest.param("jane@gmail.com", Login(GMAIL, "evil@gmail.com"), (), False, id="another account"),
        pytest.param("jane@googlemail.com", Login(GMAIL, "j.ane@gmail.com"), (), True, id="one Gmail"),
        pytest.param("jane@gmail.com", Login(GMAIL, "jane+x@gmail.com"), (), False, id="a label"),
        pytest.param("jane@gmail.com", Login(EVIL, "jane@gmail.com"), (), False, id="another server"),
        pytest.param("jane@gmail.com", Login(GMAIL, "jane"), (), False, id="the local part"),
        pytest.param(CEO, Login(GMAIL, CEO), (), False, id="no preset for the domain"),
        pytest.param(CEO, Login(OWN, CEO), (HOSTING,), True, id="the platform's word"),
        pytest.param(CEO, Login(BY_TLS, CEO), (HOSTING,), True, id="the other submission port"),
        pytest.param(CEO, Login(OTHER_PORT, CEO), (HOSTING,), False, id="a port of anybody"),
        pytest.param(CEO, Login(OWN, "ceo"), (UNIX,), True, id="what the preset derives"),
        pytest.param(CEO, Login(OWN, "jane"), (UNIX,), False, id="another local part"),
        pytest.param(CEO, Login(OWN, "apikey"), (ALIASED,), False, id="a login for everybody"),
        pytest.param(CEO, Login(OWN, CEO), (ALIASED,), False, id="a preset of keys"),
        pytest.param("ceo@sub.acme.example", Login(OWN, "ceo@sub.acme.example"), (HOSTING,), False,
                     id="a subdomain"),
    ],
)  # fmt: skip
def test_a_preset_vouches_for_its_own_domains(
    address: str,
    login: Login,
    more: tuple[Preset, ...],
    proves: bool,  # noqa: FBT001 - a column
) -> None:
    assert served_by_preset(spec(address=address), login, more) is proves


@pytest.mark.parametrize(
    ("login", "exchangers", "more", "proves"),
    [
        pytest.param(Login(GMAIL, CEO), GOOGLE_MX, (), True, id="a preset's exchangers"),
        pytest.param(Login(GMAIL, "evil@gmail.com"), GOOGLE_MX, (), False, id="another account"),
        pytest.param(Login(EVIL, CEO), GOOGLE_MX, (), False, id="the tenant's own server"),
        pytest.param(Login(GMAIL, CEO), (), (), False, id="no exchangers"),
        pytest.param(Login(GMAIL, CEO), (Exchanger(".", 0),), (), False, id="a null MX"),
        pytest.param(Login(OWN, CEO), (Exchanger("Mail.ACME.example.", 10),), (), True, id="that host"),
        pytest.param(Login(BY_TLS, CEO), (Exchanger("mail.acme.example.", 10),), (), True,
                     id="that host, the other submission port"),
        pytest.param(Login(OTHER_PORT, CEO), (Exchanger("mail.acme.example.", 10),), (), False,
                     id="a port of anybody"),
        pytest.param(Login(EVIL, CEO), (Exchanger("mx.mail.evil.example.", 10),), (), False,
                     id="a host below"),
        pytest.param(Login(EVIL, CEO), (Exchanger("evil.example.", 10),), (), False, id="a host above"),
        pytest.param(Login(EVIL, CEO), (*GOOGLE_MX, Exchanger("mail.evil.example.", 20)), (), False,
                     id="a backup only"),
        pytest.param(Login(GMAIL, CEO), BACKED_UP, (), False, id="a preset of a backup only"),
        pytest.param(Login(GMAIL, CEO), (Exchanger("aspmx.l.google.com.evil.example.", 1),), (), False,
                     id="a name that looks like it"),
        pytest.param(Login(NUMBERED, CEO), (Exchanger("192.0.2.7.", 1),), (), False,
                      id="an exchanger that is an address"),
        pytest.param(Login(OWN, "ceo"), (Exchanger("mx.host.test.", 1),), (UNIX,), False,
                     id="a local part at a host of many domains"),
        pytest.param(Login(OWN, CEO), (Exchanger("mx.host.test.", 1),), (UNIX,), True,
                     id="the address at a host of many domains"),
        pytest.param(Login(OWN, "apikey"), (Exchanger("mx.acme.example.", 1),), (ALIASED,), False,
                     id="a login for everybody"),
    ],
)  # fmt: skip
def test_exchangers_vouch_for_their_server(
    login: Login,
    exchangers: tuple[Exchanger, ...],
    more: tuple[Preset, ...],
    proves: bool,  # noqa: FBT001 - a column
) -> None:
    assert served_by_exchangers(spec(address=CEO), login, exchangers, more) is proves


@pytest.mark.parametrize("name", ["SendGrid", "Mailgun", "Brevo", "Postmark", "Resend", "Mandrill"])
def test_a_sending_service_proves_no_address(name: str) -> None:
    login = Login(preset_endpoint(name), CEO)
    host = Exchanger(login.endpoint.host, 1)

    assert not served_by_preset(spec(address=CEO), login)
    assert by_name(name) in PRESETS
    assert not served_by_exchangers(spec(address=CEO), login, (Exchanger(f"mx.{host.host}", 1),))


def test_a_login_is_compared_without_regard_to_case() -> None:
    assert is_own_login(spec(address="Jane@acme.example"), Login(OWN, "jane@ACME.example"))
