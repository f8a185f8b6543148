"""What every process bounds before it opens a connection."""

import asyncio
from asyncio.sslproto import SSLProtocol
from collections.abc import Iterator
from threading import Barrier

import pytest

from mailbox_operator.assemble.process import THREADS, prepare
from mailbox_operator.tlsbuffers import RECORD_BYTES


@pytest.fixture(autouse=True)
def buffers() -> Iterator[None]:
    """Leave asyncio as it was."""
    before = SSLProtocol.max_size
    yield
    SSLProtocol.max_size = before


async def test_a_process_bounds_the_buffers_of_its_connections() -> None:
    prepare("INFO")

    assert SSLProtocol.max_size == RECORD_BYTES


async def test_a_process_has_as_many_threads_as_it_says() -> None:
    prepare("INFO")
    together = Barrier(THREADS)

    places = await asyncio.gather(*(asyncio.to_thread(together.wait, 10) for _ in range(THREADS)))

    assert sorted(places) == list(range(THREADS))
