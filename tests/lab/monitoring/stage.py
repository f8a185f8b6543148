"""What a fleet stands on: the mail world, and a cluster with an operator's rights in it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from lab.controlplane.plane import ControlPlane
from lab.servers.authority import Authority
from lab.stand.cluster import Cluster
from lab.stand.installation import Installation
from lab.stand.world import World


@asynccontextmanager
async def stage(
    plane: ControlPlane, helm: Path, folder: Path, *options: str
) -> AsyncIterator[tuple[World, Installation]]:
    """Set it up for as long as the block; the options are Helm's."""
    async with (
        Cluster.of(plane) as cluster,
        World.open(Authority(), folder) as world,
        Installation.of(cluster, helm, folder, *options) as home,
    ):
        yield world, home
