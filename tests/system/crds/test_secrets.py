"""`verify` refuses the Secrets that the API server refuses, and no others."""

from typing import Any

import pytest
import yaml

from lab.controlplane.kubectl import KubectlError
from lab.controlplane.plane import ControlPlane
from system.crds.manifests import DRY
from unit.tables.secrets import GOOD, REFUSED

pytestmark = pytest.mark.cluster


@pytest.mark.parametrize("content", GOOD.values(), ids=GOOD)
def test_the_api_server_accepts_good_names_of_secrets(
    api: ControlPlane, content: dict[str, Any]
) -> None:
    assert "created" in api.kubectl(*DRY, input=yaml.safe_dump(content))


@pytest.mark.parametrize(("content", "_field"), REFUSED.values(), ids=REFUSED)
def test_the_api_server_refuses_bad_names_of_secrets(
    api: ControlPlane, content: dict[str, Any], _field: str
) -> None:
    with pytest.raises(KubectlError):
        api.kubectl(*DRY, input=yaml.safe_dump(content))
