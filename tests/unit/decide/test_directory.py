"""The public directory finds servers, agrees with what is kept by hand, and vouches for nobody."""

import re
from importlib.resources import files
from typing import Final

import pytest

from mailbox_operator.decide.machine.ownership import (
    Exchanger,
    Login,
    served_by_exchangers,
    served_by_preset,
)
from mailbox_operator.decide.network.egress import MAIL_PORTS
from mailbox_operator.decide.servers.directory import FILE, directory, read_directory
from mailbox_operator.decide.servers.lookup import by_domain, by_host, by_mx, by_name, for_domain
from mailbox_operator.decide.servers.preset import UsernameFormat
from mailbox_operator.decide.status.conditions import Endpoint
from mailbox_operator.decide.texts.shapes import DOMAIN, HOST, PRESET_NAME
from mailbox_operator.decide.words import Security
from unit.make import spec

TEXT: Final = (files("mailbox_operator.decide.servers") / FILE).read_text(encoding="utf-8")
LIBERO: Final = Endpoint("smtp.libero.it", 465, Security.TLS)


def test_the_directory_says_where_and_when_its_facts_are_from() -> None:
    head = TEXT[:600]

    assert "thunderbird/autoconfig" in head
    assert re.search(r"commit [0-9a-f]{40} of \d{4}-\d\d-\d\d", head)


def test_every_line_of_the_directory_is_one_that_the_api_admits() -> None:
    known = directory()

    assert len(known) > 800
    assert all(map(DOMAIN.fits, known))
    assert all(HOST.fits(each.endpoint.host) for each in known.values())
    assert all(PRESET_NAME.fits(each.name) for each in known.values())
    assert {each.endpoint.port for each in known.values()} <= MAIL_PORTS


def test_the_directory_lists_every_domain_once() -> None:
    listed = [word for line in TEXT.splitlines() if line[0] != "#" for word in line.split(" ")[4:]]

    assert len(listed) == len(set(listed)) == len(directory())


def test_the_directory_agrees_with_the_presets_kept_by_hand() -> None:
    both = {domain: by_domain(domain) for domain in directory()}

    others = {
        domain: directory()[domain].endpoint.host
        for domain, kept in both.items()
        if kept is not None and directory()[domain].endpoint.host not in kept.hosts
    }

    assert len([kept for kept in both.values() if kept is not None]) > 30
    assert others == {}


def test_user_names_of_the_directory_agree_with_the_presets_kept_by_hand() -> None:
    both = ((by_host(each.endpoint.host), each) for each in directory().values())

    assert [each.name for kept, each in both if kept and kept.username is not each.username] == []


@pytest.mark.parametrize(
    ("domain", "host", "port", "username"),
    [
        ("libero.it", "smtp.libero.it", 465, "jane@libero.it"),
        ("yahoo.co.uk", "smtp.mail.yahoo.com", 465, "jane@yahoo.co.uk"),
        ("hotmail.co.uk", "smtp-mail.outlook.com", 587, "jane@hotmail.co.uk"),
        ("aol.de", "smtp.aol.com", 465, "jane@aol.de"),
        ("gmx.eu", "mail.gmx.net", 465, "jane@gmx.eu"),
        ("free.fr", "smtp.free.fr", 465, "jane"),
        ("inbox.lt", "mail.inbox.lt", 465, "jane@inbox.lt"),
        ("miobox.jp", "mbox.iijmio-mail.jp", 587, "jane.miobox.jp"),
        ("POSTEO.NET", "posteo.de", 465, "jane@POSTEO.NET"),
        ("163.com", "smtp.163.com", 465, "jane@163.com"),
        ("naver.com", "smtp.naver.com", 465, "jane@naver.com"),
    ],
)
def test_the_server_of_a_public_domain_is_known(
    domain: str, host: str, port: int, username: str
) -> None:
    found = for_domain(domain)

    assert found is not None
    assert (found.endpoint.host, found.endpoint.port) == (host, port)
    assert found.username_for(f"jane@{domain}") == username


def test_a_server_that_is_kept_by_hand_is_found_with_all_that_is_known_of_it() -> None:
    assert for_domain("yahoo.ca") is by_name("Yahoo")
    assert for_domain("umich.edu") is by_name("Gmail")


def test_a_provider_of_the_directory_is_found_by_name_host_and_exchanger() -> None:
    found = for_domain("libero.it")

    assert found is not None
    assert by_name("Libero.it") is by_host("SMTP.libero.it") is by_mx(["mx.libero.it."]) is found


@pytest.mark.parametrize("exchange", ["mx.evillibero.it", "libero.it.evil.example"])
def test_a_likeness_of_a_listed_domain_is_no_match(exchange: str) -> None:
    assert by_mx([exchange]) is None


def test_the_directory_alone_proves_no_address() -> None:
    jane = spec(address="jane@libero.it")
    login = Login(LIBERO, "jane@libero.it")

    assert not served_by_preset(jane, login)
    assert served_by_exchangers(jane, login, (Exchanger("mx.libero.it.", 10),))
    assert not served_by_exchangers(jane, login, (Exchanger("mx.elsewhere.example.", 10),))


def test_a_line_names_server_and_domains() -> None:
    read = read_directory("# a comment\nsmtp.a.test 587 STARTTLS LocalPart a.test b.test\n")

    assert set(read) == {"a.test", "b.test"}
    assert read["a.test"].endpoint == Endpoint("smtp.a.test", 587, Security.STARTTLS)
    assert read["a.test"].username is UsernameFormat.LOCAL_PART
