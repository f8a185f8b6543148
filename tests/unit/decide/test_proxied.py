"""What NO_PROXY means."""

import pytest

from mailbox_operator.decide.network.proxied import is_direct


@pytest.mark.parametrize(
    ("host", "exception"),
    [
        ("login.corp.example", "login.corp.example"),
        ("login.corp.example", "corp.example"),
        ("login.corp.example", ".corp.example"),
        ("login.corp.example", "*.corp.example"),
        ("LOGIN.Corp.Example.", "Corp.Example"),
        ("login.corp.example", " corp.example "),
        ("login.corp.example", "corp.example:443"),
        ("login.corp.example", "*"),
        ("10.1.2.3", "10.1.2.3"),
        ("10.1.2.3", "10.0.0.0/8"),
        ("10.1.2.3", "10.1.2.3:443"),
        ("2001:db8::1", "2001:db8::/32"),
        ("2001:db8::1", "2001:db8:0::1"),
        ("2001:db8::1", "[2001:db8::1]:443"),
    ],
)
def test_an_exception_is_reached_directly(host: str, exception: str) -> None:
    assert is_direct(host, 443, ["other.example", exception])


@pytest.mark.parametrize(
    ("host", "exception"),
    [
        ("login.corp.example", "example.com"),
        ("mycorp.example", "corp.example"),
        ("login.corp.example", "corp.example:8443"),
        ("login.corp.example", ""),
        ("login.corp.example", "."),
        ("login.corp.example", "10.0.0.0/8"),
        ("10.1.2.3", "192.168.0.0/16"),
        ("10.1.2.3", "10.1.2.3:8443"),
        ("10.1.2.3", "3"),
        ("10.1.2.3", "no/network"),
        ("2001:db8::1", "10.0.0.0/8"),
    ],
)
def test_every_other_host_takes_the_proxy(host: str, exception: str) -> None:
    assert not is_direct(host, 443, [exception])
