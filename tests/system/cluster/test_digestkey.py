"""The key of digests, kept by a real API server."""

import pytest

from mailbox_operator.cluster.apiserver import ApiServer
from mailbox_operator.cluster.digestkey import DigestKey
from mailbox_operator.decide.declared.secret import Secret

pytestmark = pytest.mark.cluster


async def test_all_replicas_digest_with_one_key(api: ApiServer, namespace: str) -> None:
    first, second = (DigestKey(api, namespace, "key") for _ in range(2))
    secret = Secret("jane", {"password": b"p"})
    assert first.digest("acme", secret) == b""

    await first.load()
    await second.load()

    assert first.digest("acme", secret) == second.digest("acme", secret) != b""
