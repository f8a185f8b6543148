from collections.abc import AsyncIterator

import pytest

from lab.controlplane.plane import ControlPlane
from mailbox_operator.cluster.apiserver import ApiServer, connect


@pytest.fixture
async def api(plane: ControlPlane) -> AsyncIterator[ApiServer]:
    async with await connect(str(plane.kubeconfig)) as opened:
        yield opened
