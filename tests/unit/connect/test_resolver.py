"""The system's own resolver, asked of a name server that lies, fails and changes its mind."""

import json
import subprocess
import sys
from collections.abc import Mapping
from typing import Final

import pytest

from lab.node.runtime import check_runtime
from unit.connect import resolving

CONFIGURATION: Final = """\
nameserver 127.0.0.1
search corp.test
options ndots:2 timeout:2 attempts:1
"""
SANDBOX: Final = (
    *("bwrap", "--die-with-parent", "--unshare-user", "--unshare-net", "--uid", "0", "--gid", "0"),
    *("--cap-add", "CAP_NET_BIND_SERVICE", "--dev-bind", "/", "/"),
)


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What came of each host, in a network with a name server of its own."""
    check_runtime()
    file = tmp_path_factory.mktemp("etc") / "resolv.conf"
    file.write_text(CONFIGURATION)
    program = (sys.executable, "-m", resolving.__name__)
    command = (*SANDBOX, "--ro-bind", str(file), "/etc/resolv.conf", *program)
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    found: Mapping[str, str] = json.loads(done.stdout)
    return found


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
        pytest.param("questions", "2", id="two questions: one for each family"),
    ],
)
def test_tells_what_became_of_a_name(outcomes: Mapping[str, str], host: str, outcome: str) -> None:
    assert outcomes[host] == outcome


def test_dials_a_host_by_either_family(outcomes: Mapping[str, str]) -> None:
    assert outcomes["both.example"] in {"::1", "127.0.0.7"}


def test_dials_a_host_that_has_more_addresses_than_a_datagram_holds(
    outcomes: Mapping[str, str],
) -> None:
    assert outcomes["huge.example"] in resolving.HOSTS["huge.example"]
