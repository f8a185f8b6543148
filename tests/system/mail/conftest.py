import pytest

from lab.servers.authority import Authority


@pytest.fixture(scope="session")
def authority() -> Authority:
    return Authority()
