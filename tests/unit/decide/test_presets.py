from collections import Counter

import pytest

from mailbox_operator.decide.declared.server import TLS_PORTS
from mailbox_operator.decide.network.egress import MAIL_PORTS
from mailbox_operator.decide.servers.known import PRESETS
from mailbox_operator.decide.servers.lookup import by_domain, by_host, by_mx, by_name, for_domain
from mailbox_operator.decide.servers.preset import Preset, UsernameFormat
from mailbox_operator.decide.texts.shapes import DOMAIN, HOST, LINK, PRESET_NAME
from mailbox_operator.decide.words import Security
from unit.make import ENDPOINT

OWN = Preset("Acme", ENDPOINT, ("acme.example", "zoho.com"), ("mx.acme.example", "zoho.com"))
every = pytest.mark.parametrize("preset", PRESETS, ids=lambda preset: preset.name)


def repeated(words: list[str]) -> list[str]:
    return [word for word, times in Counter(words).items() if times > 1]


def test_nothing_leads_to_two_presets() -> None:
    assert repeated([preset.name.casefold() for preset in PRESETS]) == []
    assert repeated([host for preset in PRESETS for host in preset.hosts]) == []
    assert repeated([domain for preset in PRESETS for domain in preset.domains]) == []
    assert repeated([suffix for preset in PRESETS for suffix in preset.mx_suffixes]) == []


@every
def test_a_preset_is_one_that_the_api_admits(preset: Preset) -> None:
    assert PRESET_NAME.fits(preset.name)
    assert HOST.fits(preset.endpoint.host)
    assert all(map(DOMAIN.fits, (*preset.domains, *preset.mx_suffixes)))
    assert not preset.app_password_url or LINK.fits(preset.app_password_url)


@every
def test_a_preset_is_in_lower_case(preset: Preset) -> None:
    words = (preset.endpoint.host, *preset.domains, *preset.mx_suffixes)

    assert [word for word in words if word != word.lower()] == []


@every
def test_port_and_security_go_together(preset: Preset) -> None:
    endpoint = preset.endpoint

    assert endpoint.port in MAIL_PORTS
    assert (endpoint.port in TLS_PORTS) is (endpoint.security is Security.TLS)


@every
def test_a_preset_is_found_by_whatever_it_says(preset: Preset) -> None:
    assert by_name(preset.name.upper()) is preset
    assert {by_host(host.upper()) for host in preset.hosts} == {preset}
    assert {by_domain(domain.upper()) for domain in preset.domains} <= {preset}
    assert {by_mx([f"mx1.{suffix}."]) for suffix in preset.mx_suffixes} <= {preset}


@pytest.mark.parametrize(
    ("exchange", "name"),
    [
        ("aspmx.l.google.com.", "Gmail"),
        ("acme-example.mail.protection.outlook.com", "Microsoft365"),
        ("outlook-com.olc.protection.outlook.com", "OutlookCom"),
        ("mx.zoho.eu", "ZohoProEU"),
        ("MX2.ZOHO.COM", "ZohoPro"),
        ("in1-smtp.messagingengine.com", "Fastmail"),
        ("contoso-example.a-v1.mx.microsoft", "Microsoft365"),
        ("acme-example.mail.protection.office365.us", "Microsoft365USGovernment"),
        ("mx-eu.mail.am0.yahoodns.net", "Yahoo"),
        ("mx-apac.mail.gm0.yahoodns.net", "Yahoo"),
        ("mx-aol.mail.gm0.yahoodns.net", "AOL"),
        ("mx.zoho.com.au", "ZohoProAU"),
        ("mx00.ionos.de", "IONOS"),
        ("mx01.kundenserver.de", "IONOS"),
        ("mx00.ionos.co.uk", "IONOSUK"),
        ("mx00.mail.com", "MailCom"),
        ("mxbiz1.qq.com", "TencentExmail"),
        ("mx3.qq.com", "QQ"),
        ("qiye163mx01.mxmail.netease.com", "NetEaseEnterprise"),
        ("mailsec.protonmail.ch", "Proton"),
        ("mxn.mxhichina.com", "AliyunEnterprise"),
        ("mx1.larksuite.com", "Lark"),
        ("mx1.naver.com", "Naver"),
        ("mx.zoho.uk", "ZohoProUK"),
        ("mx2.zoho.ae", "ZohoProAE"),
        ("inbound-smtp.us-east-1.amazonaws.com.", "WorkMail-us-east-1"),
        ("inbound-smtp.eu-west-1.amazonaws.com", "WorkMail-eu-west-1"),
        ("mx1.sg.aliyun.com", "AlibabaMailSG"),
        ("mx01.mail.icloud.com", "iCloud"),
        ("aspmx1.migadu.com", "Migadu"),
        ("mx.hover.com.cust.hostedemail.com", "Hover"),
        ("mx1.mail.hostpoint.ch", "Hostpoint"),
        ("mailserver.purelymail.com", "Purelymail"),
        ("jp1-aspmx1.worksmobile.com", "NaverWorks"),
    ],
)
def test_the_longest_end_of_an_exchanger_decides(exchange: str, name: str) -> None:
    found = by_mx([exchange])

    assert found is not None
    assert found.name == name


@pytest.mark.parametrize(
    "exchange",
    [
        "mx.acme.example",
        "evilgoogle.com",
        "google.com.evil.example",
        "inbound-smtp.ap-south-1.amazonaws.com",
        "acme.cust.hostedemail.com",
    ],
)
def test_a_likeness_is_no_match(exchange: str) -> None:
    assert by_mx([exchange]) is None


def test_the_platform_goes_before_the_built_in_table() -> None:
    assert by_domain("zoho.com", [OWN]) is OWN
    assert by_mx(["mx.zoho.com"], [OWN]) is OWN
    assert by_name("ACME", [OWN]) is OWN
    assert by_host("SMTP.acme.example", [OWN]) is OWN


def test_nothing_is_found_for_strangers() -> None:
    assert by_name("Acme") is None
    assert by_domain("acme.example") is None
    assert for_domain("acme.example") is None
    assert by_host("smtp.acme.example") is None
    assert by_mx([]) is None


@pytest.mark.parametrize(
    ("preset", "username"),
    [
        (Preset("a", ENDPOINT), "jane@acme.example"),
        (Preset("b", ENDPOINT, username=UsernameFormat.LOCAL_PART), "jane"),
        (Preset("c", ENDPOINT, login="apikey"), "apikey"),
        (Preset("d", ENDPOINT, username=UsernameFormat.DOTTED), "jane.acme.example"),
    ],
)
def test_the_preset_knows_the_login_name(preset: Preset, username: str) -> None:
    assert preset.username_for("jane@acme.example") == username
