"""Both benches read the command line and the environment alike."""

from pathlib import Path

import pytest

from tools.bench.gateway.options import Options as GatewayOptions
from tools.bench.options import Options
from tools.bench.sizes import NEWCOMERS


def test_the_environment_says_what_the_command_line_leaves_out() -> None:
    environ = {"N": "300", "CONTENDED": "1", "REPLICAS": "1,2", "OUT": "run.json"}

    found = Options.read(["--repeat", "3"], environ)

    assert found == Options(300, contended=True, repeat=3, replicas=(1, 2), save=Path("run.json"))


def test_the_command_line_comes_before_the_environment() -> None:
    found = Options.read(["-n", "200", "--save", "mine.json"], {"N": "300", "OUT": "run.json"})

    assert (found.size, found.save) == (200, Path("mine.json"))


@pytest.mark.parametrize("environ", [{}, {"N": "", "CONTENDED": "0", "REPLICAS": "", "OUT": ""}])
def test_the_bench_of_the_operator_measures_a_thousand_mailboxes_by_default(
    environ: dict[str, str],
) -> None:
    assert Options.read([], environ) == Options(1000)


def test_the_bench_of_the_gateway_reads_the_same_way() -> None:
    found = GatewayOptions.read(["--rounds", "3"], {"MESSAGES": "200", "OUT": "run.json"})

    assert found == GatewayOptions(200, rounds=3, crowd=500, save=Path("run.json"))


def test_every_newcomer_has_an_account() -> None:
    options = Options.read(["-n", "10", "--repeat", "3", "--contended"], {})

    assert options.accounts == 10 + 6 * NEWCOMERS
