"""The system's own resolver, asked of a name server that lies, fails and changes its mind."""

from collections.abc import Mapping

import pytest

from system.network import resolving
from system.network.own_network import outcomes_of


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What came of each host, in a network with a name server of its own."""
    return outcomes_of(resolving, tmp_path_factory.mktemp("etc"))


@pytest.mark.parametrize(
    ("host", "outcome"),
    [
        pytest.param("six.example", "::1", id="IPv6 only"),
        pytest.param("four.example", "127.0.0.7", id="IPv4 only"),
        pytest.param("half.example", "127.0.0.7", id="no route to its IPv6 address"),
        pytest.param("unroutable.example", "NetworkUnavailable", id="no route to it"),
        pytest.param("hidden.example", "HostNotPermitted", id="one bad address among many"),
        pytest.param("gone.example", "HostNotFound", id="no such name"),
        pytest.param("mail.gone.example", "HostNotFound", id="no such name; a search domain fails"),
        pytest.param("mail", "HostNotFound", id="no such name, of one label"),
        pytest.param("mail.servfail.example", "ProviderUnavailable", id="its servers fail"),
        pytest.param("mail.refused.example", "ProviderUnavailable", id="its servers refuse"),
        pytest.param("mail.silent.example", "ProviderUnavailable", id="its servers are silent"),
        pytest.param("while all names fail", "NetworkUnavailable", id="all names fail"),
        pytest.param("while nothing answers", "NetworkUnavailable", id="nothing answers"),
        pytest.param("a host that changed", "HostNotPermitted", id="it changed meanwhile"),
        pytest.param("mail.short.example", "127.0.0.7", id="hidden by the search list"),
        pytest.param("six-is-silent.example", "127.0.0.7", id="no answer about its IPv6 address"),
        pytest.param("four-is-silent.example", "::1", id="no answer about its IPv4 address"),
        pytest.param("six-fails.example", "127.0.0.7", id="its IPv6 address fails"),
        pytest.param("four-fails.example", "::1", id="its IPv4 address fails"),
        pytest.param("six-is-denied.example", "127.0.0.7", id="NXDOMAIN for IPv6 alone"),
        pytest.param("slow.example", "127.0.0.7", id="slow"),
        pytest.param("alias0.example", "127.0.0.7", id="a chain of aliases"),
        pytest.param("to-bad.example", "HostNotPermitted", id="an alias of a bad address"),
        pytest.param("to-nowhere.example", "HostNotFound", id="an alias of nothing"),
        pytest.param("to-broken.example", "ProviderUnavailable", id="an alias in a broken domain"),
        pytest.param("loop.example", "HostNotFound", id="aliases that lead nowhere"),
        pytest.param("cut.example", "ProviderUnavailable", id="cut short, and never whole"),
        pytest.param("garbled.example", "ProviderUnavailable", id="garbled"),
        pytest.param("unspecified.example", "HostNotPermitted", id="the unspecified address"),
        pytest.param("mapped.example", "HostNotPermitted", id="a bad address as IPv6 writes it"),
        pytest.param("wild.example", "HostNotPermitted", id="a wildcard of the search domain"),
        pytest.param("questions", "2", id="two questions: one for each family"),
    ],
)
def test_the_resolver_says_what_became_of_a_name(
    outcomes: Mapping[str, str], host: str, outcome: str
) -> None:
    assert outcomes[host] == outcome


def test_a_host_is_dialled_by_either_family(outcomes: Mapping[str, str]) -> None:
    assert outcomes["both.example"] in {"::1", "127.0.0.7"}


def test_a_host_with_more_addresses_than_a_datagram_holds_is_dialled(
    outcomes: Mapping[str, str],
) -> None:
    assert outcomes["huge.example"] in resolving.HOSTS["huge.example"]
