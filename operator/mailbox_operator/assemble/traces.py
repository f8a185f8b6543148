"""Builds what traces attempts or messages, for as long as a process runs."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mailbox_operator.report.tracing.tracing import Tracing, tracing
from mailbox_operator.settings.file import Settings


@asynccontextmanager
async def traced(settings: Settings) -> AsyncIterator[Tracing]:
    """Trace while the block lasts, if the platform wants it; then deliver what is left."""
    made = tracing(settings.tracing, settings.egress.ca_bundle_file)
    try:
        yield made
    finally:
        await asyncio.to_thread(made.close)
