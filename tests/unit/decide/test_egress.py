from ipaddress import ip_network

import pytest
from hypothesis import given, strategies as some

from mailbox_operator.decide.network.egress import MAIL_PORTS, Egress, server_of

PUBLIC = "142.250.102.108"
PUBLIC_6 = "2a00:1450:4025:401::6c"


@pytest.mark.parametrize("address", [PUBLIC, PUBLIC_6, f"::ffff:{PUBLIC}", "64:ff9b::8efa:666c"])
def test_permits_a_public_server(address: str) -> None:
    assert Egress().permits([address], 587)


@pytest.mark.parametrize(
    "address",
    [
        pytest.param("127.0.0.1", id="loopback"),
        pytest.param("127.9.9.9", id="all of loopback"),
        pytest.param("::1", id="loopback, IPv6"),
        pytest.param("10.1.2.3", id="private"),
        pytest.param("172.31.0.1", id="private, 172.16/12"),
        pytest.param("192.168.1.1", id="private, 192.168/16"),
        pytest.param("fd12:3456::1", id="unique local"),
        pytest.param("fec0::1", id="site local"),
        pytest.param("169.254.1.1", id="link local"),
        pytest.param("fe80::1", id="link local, IPv6"),
        pytest.param("fe80::1%eth0", id="link local with a scope"),
        pytest.param("169.254.169.254", id="metadata"),
        pytest.param("fd00:ec2::254", id="metadata, IPv6"),
        pytest.param("100.64.0.1", id="CGNAT"),
        pytest.param("100.100.100.200", id="metadata behind CGNAT"),
        pytest.param("192.0.0.192", id="metadata in 192.0.0/24"),
        pytest.param("::ffff:10.1.2.3", id="IPv4-mapped"),
        pytest.param("::ffff:169.254.169.254", id="metadata, IPv4-mapped"),
        pytest.param("::10.1.2.3", id="IPv4-compatible"),
        pytest.param("64:ff9b::a9fe:a9fe", id="metadata by NAT64"),
        pytest.param("64:ff9b::7f00:1", id="loopback by NAT64"),
        pytest.param("64:ff9b:1::a01:203", id="local NAT64"),
        pytest.param("2002:a01:203::1", id="6to4"),
        pytest.param("2002:8efa:666c::1", id="6to4 to a public address"),
        pytest.param("192.88.99.1", id="6to4 relay"),
        pytest.param("2001:0:4136:e378:8000:63bf:3fff:fdd2", id="Teredo"),
        pytest.param("224.0.0.1", id="multicast"),
        pytest.param("ff02::1", id="multicast, IPv6"),
        pytest.param("0.0.0.0", id="unspecified"),  # noqa: S104 - nothing is bound to it
        pytest.param("::", id="unspecified, IPv6"),
        pytest.param("255.255.255.255", id="broadcast"),
        pytest.param("240.0.0.1", id="reserved"),
        pytest.param("198.18.0.1", id="benchmarks"),
        pytest.param("192.0.2.1", id="documentation"),
        pytest.param("2001:db8::1", id="documentation, IPv6"),
        pytest.param("3fff::1", id="documentation, newer"),
        pytest.param("168.63.129.16", id="Azure"),
        pytest.param("5f00::1", id="segment routing"),
    ],
)
def test_the_egress_policy_refuses_whatever_is_not_global(address: str) -> None:
    assert not Egress().permits([address], 587)


def test_the_egress_policy_refuses_one_bad_address_among_good_ones() -> None:
    assert not Egress().permits([PUBLIC, PUBLIC_6, "10.1.2.3"], 587)


def test_the_egress_policy_refuses_a_host_without_addresses() -> None:
    assert not Egress().permits([], 587)


@pytest.mark.parametrize(
    "address", ["10.1.2.3", "::ffff:10.1.2.3", "64:ff9b::a01:203", "fd12:3456::1"]
)
def test_permits_what_the_platform_allows(address: str) -> None:
    egress = Egress((ip_network("10.1.0.0/16"), ip_network("fd12::/16")))

    assert egress.permits([address, PUBLIC], 587)


def test_a_network_that_is_allowed_opens_no_other() -> None:
    assert not Egress((ip_network("10.1.0.0/16"),)).permits(["10.2.0.1"], 587)


@pytest.mark.parametrize("port", sorted(MAIL_PORTS))
def test_permits_the_ports_of_submission(port: int) -> None:
    assert Egress().permits([PUBLIC], port)


@pytest.mark.parametrize("port", [22, 25, 80, 443, 6443, 10250])
def test_the_egress_policy_refuses_other_ports(port: int) -> None:
    assert not Egress().permits([PUBLIC], port)


def test_permits_the_ports_of_the_platform_alone() -> None:
    egress = Egress(ports={8465})

    assert egress.permits([PUBLIC], 8465)
    assert not egress.permits([PUBLIC], 587)


@given(address=some.ip_addresses(network="10.0.0.0/8") | some.ip_addresses(network="fc00::/7"))
def test_the_egress_policy_refuses_every_private_address(address: object) -> None:
    assert not Egress().permits([str(address)], 587)


@given(address=some.ip_addresses(v=4))
def test_a_disguise_changes_nothing(address: object) -> None:
    plain, mapped = str(address), f"::ffff:{address}"

    assert Egress().permits([plain], 587) is Egress().permits([mapped], 587)


@pytest.mark.parametrize(
    ("denied", "address"),
    [
        ("142.250.0.0/16", PUBLIC),
        ("142.250.0.0/16", f"::ffff:{PUBLIC}"),
        ("142.250.0.0/16", "64:ff9b::8efa:666c"),
        ("64:ff9b::/96", "64:ff9b::8efa:666c"),
        ("2a00:1450::/32", PUBLIC_6),
        ("10.0.0.0/8", "10.1.2.3"),
    ],
)
def test_a_denied_network_is_refused_though_it_is_allowed(denied: str, address: str) -> None:
    every = (ip_network("0.0.0.0/0"), ip_network("::/0"))

    assert Egress(every).permits([address], 587)
    assert not Egress(every, denied=(ip_network(denied),)).permits([address], 587)
    assert Egress(every, denied=(ip_network(denied),)).permits(["51.1.2.3"], 587)


@pytest.mark.parametrize(
    ("address", "server"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("::FFFF:C000:207", "192.0.2.7"),
        ("64:ff9b::c000:207", "192.0.2.7"),
        ("2001:db8:0:1::7", "2001:db8:0:1::/64"),
        ("2001:0DB8::1:ffff:0:0:1", "2001:db8:0:1::/64"),
        ("fe80::1%eth0", "fe80::/64"),
    ],
)
def test_a_server_is_the_same_however_its_address_is_spelled(address: str, server: str) -> None:
    assert server_of(address) == server


def test_another_policy_counts_for_an_address_that_was_permitted_before() -> None:
    lenient, strict = Egress(), Egress(denied=(ip_network("51.1.2.3/32"),))

    permitted = [each.permits(["51.1.2.3"], 587) for each in (lenient, strict, lenient)]

    assert permitted == [True, False, True]
