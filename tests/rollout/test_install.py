"""The operator's chart from nothing: CRDs, Managed infrastructure, `helm test`, upgrade, uninstall."""

import shutil
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from rollout.helm import OPERATOR
from rollout.site import Site
from scenarios.eventually import eventually
from scenarios.standings import connected, of_infrastructure, summary

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

OFFER: Final[dict[str, Any]] = {"managedInfrastructures": {"default": {}}}
KINDS: Final = ("mailboxes.mailbox-operator.io", "managedinfrastructures.mailbox-operator.io")


async def test_one_command_brings_everything_up_and_helm_test_proves_it(site: Site) -> None:
    (await site.install(**OFFER)).well()

    async def offered() -> object:
        return summary(await site.cluster.find("ManagedInfrastructure", "default"))

    await eventually(offered, lambda seen: seen == of_infrastructure(connected()), tell=site.logs)
    tested = (await site.operator.run("test", "mailbox-operator")).well()
    assert "Phase:          Succeeded" in tested.said
    assert [pod.status.restarts for pod in site.pods()] == [0, 0]


async def test_the_operator_is_refused_nothing(site: Site) -> None:
    asked = site.requests()

    assert asked
    assert [each for each in asked if each.code == 403] == []


async def test_the_first_upgrade_takes_the_infrastructure_over(site: Site) -> None:
    before = await site.cluster.find("ManagedInfrastructure", "default")

    (await site.operator.upgrade(OPERATOR, site.values(**OFFER), "--wait")).well()

    after = await site.cluster.find("ManagedInfrastructure", "default")
    manifest = await site.operator.run("get", "manifest", "mailbox-operator")
    assert before is not None
    assert after is not None
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert "helm.sh/hook" not in after["metadata"].get("annotations", {})
    assert "kind: ManagedInfrastructure" in manifest.said


async def test_an_upgrade_brings_newer_crds(site: Site, tmp_path: Path) -> None:
    newer = Path(shutil.copytree(OPERATOR, tmp_path / "mailbox-operator"))
    file = newer / "files" / "crds" / "mailboxes.yaml"
    crd = yaml.safe_load(file.read_text())
    crd["spec"]["names"]["shortNames"].append("mboxes")
    file.write_text(yaml.safe_dump(crd))

    (await site.operator.upgrade(newer, site.values(**OFFER), "--wait")).well()

    path = "--output=jsonpath={.spec.names.shortNames}"
    assert "mboxes" in site.cluster.plane.kubectl("get", "crd", KINDS[0], path)


async def test_an_uninstall_leaves_the_kinds_and_a_new_install_takes_them_over(site: Site) -> None:
    (await site.operator.uninstall("--wait", "--timeout=60s")).well()
    left = site.cluster.plane.kubectl("get", "crd", "--output=name")

    (await site.install(**OFFER)).well()

    assert [kind for kind in KINDS if kind not in left] == []
    assert len(site.pods()) >= 2


async def test_crds_that_somebody_applied_are_taken_over_when_asked(site: Site) -> None:
    (await site.operator.uninstall("--wait", "--timeout=60s")).well()
    crds = OPERATOR.parents[1] / "crds"
    for kind in KINDS:
        site.cluster.plane.kubectl("delete", "crd", kind)
    site.cluster.plane.kubectl("apply", "--server-side", f"--filename={crds}")

    refused = await site.install()
    (await site.install(options=["--take-ownership"])).well()

    assert refused.status != 0
    assert "cannot be imported into the current release" in refused.said
