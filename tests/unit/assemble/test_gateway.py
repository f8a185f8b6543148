"""The parts of a gateway fit together, and its settings reach them."""

from collections.abc import AsyncIterator
from functools import cached_property
from typing import Any

import pytest
from kubernetes.aio import client

from mailbox_operator.assemble.gateway import GatewayParts
from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.connect.sending.ways import MailWays
from mailbox_operator.report.metrics.gateway_metrics import GatewayMetrics
from mailbox_operator.report.tracing.tracing import UNTRACED
from mailbox_operator.settings.file import Settings

PARTS = [name for name, part in vars(GatewayParts).items() if isinstance(part, cached_property)]
SECTIONS: dict[str, Any] = {
    "gateway": {
        "host": "gateway.test",
        "maxConnections": 7,
        "maxConnectionsPerSource": 6,
        "maxMessageBytes": 65_536,
        "maxMemoryBytes": 2_097_152,
        "relaySessions": 3,
    },
    "timeouts": {"finalReply": "90s"},
}


@pytest.fixture
async def parts() -> AsyncIterator[GatewayParts]:
    """Fit the parts of a replica; its API server does not answer."""
    settings = Settings.model_validate(SECTIONS)
    async with ApiServer(client.ApiClient(client.Configuration(host="http://127.0.0.1:9"))) as api:
        metrics = GatewayMetrics()
        yield GatewayParts(settings, "operators", api, "gateway.test", metrics, UNTRACED)


@pytest.mark.parametrize("part", PARTS)
async def test_a_part_is_fitted_even_if_it_is_asked_for_first(
    parts: GatewayParts, part: str
) -> None:
    assert getattr(parts, part) is getattr(parts, part)


async def test_a_provider_and_a_relay_are_met_as_it_is_set(parts: GatewayParts) -> None:
    ways = parts.way_out.ways

    assert isinstance(ways, MailWays)
    assert (ways.at_a_relay, parts.way_out.timeouts.final_seconds) == (3, 90)


async def test_applications_have_the_bounds_that_are_set(parts: GatewayParts) -> None:
    house = parts.listener.house

    assert (house.bounds.connections, house.bounds.connections_each) == (7, 6)
    assert (house.terms.most_bytes, house.buffers.total) == (65_536, 2_097_152)
