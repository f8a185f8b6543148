"""A black hole at a host's first address costs no way out: the next one is dialled meanwhile."""

from collections.abc import Mapping

import pytest

from system.network import detours
from system.network.own_network import outcomes_of


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, str]:
    """What came of each way, in a network with a name server of its own."""
    return outcomes_of(detours, tmp_path_factory.mktemp("etc"))


@pytest.mark.parametrize("name", detours.SILENT)
@pytest.mark.parametrize("way", ["as a service", "as a proxy"])
def test_a_sign_in_service_answers_although_an_address_on_the_way_is_silent(
    outcomes: Mapping[str, str], name: str, way: str
) -> None:
    assert outcomes[f"{name} {way}"] == "200"


@pytest.mark.parametrize("name", detours.SILENT)
def test_a_mail_server_is_reached_although_one_of_its_addresses_is_silent(
    outcomes: Mapping[str, str], name: str
) -> None:
    _, answering = detours.SILENT[name]

    assert outcomes[f"{name} by SMTP"] == answering
