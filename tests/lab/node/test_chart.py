"""The operator's chart, as it is, on the node."""

import asyncio
import secrets
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from lab.controlplane.plane import ControlPlane
from lab.node.network import Destination
from lab.node.node import Node
from lab.node.workloads import OPERATOR, ROOT
from lab.stand.cluster import Cluster

pytestmark = [pytest.mark.cluster, pytest.mark.asyncio(loop_scope="module")]


async def test_operator_and_gateway_of_the_chart_become_available(
    cluster: Cluster, helm: Path, plane: ControlPlane, tmp_path: Path
) -> None:
    name = f"operator-{secrets.token_hex(4)}"
    chart = str(ROOT / "helm" / "mailbox-operator")
    here = [f"--namespace={name}", f"--kubeconfig={plane.kubeconfig}", "--wait", "--timeout=60s"]
    api = Destination(urlsplit(plane.url).port or 443, "10.0.0.1", seen_as=443)

    async with Node.run(cluster, OPERATOR, reachable=[api], directory=tmp_path) as node:
        options = ["--create-namespace", "--set=crds.enabled=false,gateway.enabled=true"]
        install = [str(helm), "install", name, chart, *here, *options]
        await asyncio.to_thread(subprocess.run, install, check=True)
        pods = node.pods(name)
        ready = [pod.status.ready for pod in pods]
        await asyncio.to_thread(subprocess.run, [str(helm), "uninstall", name, *here], check=True)

    assert ready == [True] * 4
    assert [pod.status.state["terminated"]["exitCode"] for pod in pods] == [0] * 4
    assert {each.address for pod in pods for each in pod.wire.dialled} == {"10.0.0.1"}
