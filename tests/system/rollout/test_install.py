"""The operator's chart from nothing: CRDs, Managed infrastructure, `helm test`, upgrade, uninstall."""

import shutil
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final

import pytest
import pytest_asyncio
import yaml

from lab.stand.cluster import Object
from lab.stand.eventually import eventually
from lab.stand.manifests import mailbox
from lab.stand.specs import MANAGED_GOOGLE
from lab.stand.standings import connected, summary, unconnected
from system.rollout.helm import OPERATOR
from system.rollout.site import Site

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.timeout(240),
]

OFFER: Final[dict[str, Any]] = {"managedInfrastructures": {"default": {}}}
WAIT: Final = ("--wait", "--timeout=60s")
CRDS: Final = OPERATOR.parents[1] / "crds"
KINDS: Final = tuple(f"{file.stem}.mailbox-operator.io" for file in sorted(CRDS.glob("*.yaml")))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def installed(site: Site) -> Site:
    """The site, after the first install that its cluster has ever seen; each test leaves it so."""
    (await site.install(**OFFER)).well()
    return site


async def infrastructure(site: Site) -> Object:
    return await site.cluster.find("ManagedInfrastructure", "default") or {}


async def test_one_command_brings_everything_up_and_helm_test_proves_it(installed: Site) -> None:
    async def offered() -> object:
        return summary(await infrastructure(installed))

    await eventually(offered, lambda seen: seen == unconnected(connected()), tell=installed.logs)
    tested = (await installed.operator.run("test", "mailbox-operator")).well()
    assert "Phase:          Succeeded" in tested.said
    assert [pod.status.restarts for pod in installed.pods()] == [0, 0]


async def test_the_api_server_refuses_the_operator_nothing(installed: Site) -> None:
    asked = installed.requests()

    assert asked
    assert [each for each in asked if each.code == HTTPStatus.FORBIDDEN] == []


async def test_an_upgrade_takes_the_infrastructure_over_and_a_rollback_keeps_it(
    installed: Site,
) -> None:
    first = await infrastructure(installed)

    (await installed.operator.upgrade(OPERATOR, installed.values(**OFFER), *WAIT)).well()
    upgraded = await infrastructure(installed)
    manifest = await installed.operator.run("get", "manifest", "mailbox-operator")
    (await installed.operator.run("rollback", "mailbox-operator", "1", *WAIT)).well()
    rolled_back = await infrastructure(installed)

    assert "kind: ManagedInfrastructure" in manifest.said
    assert "helm.sh/hook" not in upgraded["metadata"]["annotations"]
    uids = [each["metadata"]["uid"] for each in (first, upgraded, rolled_back)]
    assert len(set(uids)) == 1


async def test_an_upgrade_brings_newer_crds(installed: Site, tmp_path: Path) -> None:
    newer = Path(shutil.copytree(OPERATOR, tmp_path / "mailbox-operator"))
    file = newer / "files" / "crds" / "mailboxes.yaml"
    file.write_text(with_short_name(file, "mboxes"))

    (await installed.operator.upgrade(newer, installed.values(**OFFER), *WAIT)).well()

    path = "--output=jsonpath={.spec.names.shortNames}"
    assert "mboxes" in installed.cluster.plane.kubectl(
        "get", "crd", "mailboxes.mailbox-operator.io", path
    )


async def test_an_uninstall_leaves_the_mailboxes_and_a_new_install_takes_them_over(
    installed: Site,
) -> None:
    place = {"metadata": {"name": "ana", "namespace": "default"}}
    await installed.cluster.apply(mailbox(MANAGED_GOOGLE) | place)

    (await installed.operator.uninstall(*WAIT)).well()
    left = installed.cluster.plane.kubectl("get", "mailboxes,minfra", "--output=name")
    (await installed.install(**OFFER)).well()

    assert left.split() == [
        "mailbox.mailbox-operator.io/ana",
        "managedinfrastructure.mailbox-operator.io/default",
    ]
    assert len(installed.pods()) >= 2


async def test_crds_that_somebody_applied_are_taken_over_when_asked(
    installed: Site, tmp_path: Path
) -> None:
    (await installed.operator.uninstall(*WAIT)).well()
    plane = installed.cluster.plane
    plane.kubectl("delete", "crd", *KINDS)
    for file in CRDS.glob("*.yaml"):
        (tmp_path / file.name).write_text(with_short_name(file, f"old{file.stem}"))
    plane.kubectl("apply", "--server-side", f"--filename={tmp_path}")

    refused = await installed.install(**OFFER)
    (await installed.install(options=["--take-ownership", "--force-conflicts"], **OFFER)).well()

    assert refused.status != 0
    assert "cannot be imported into the current release" in refused.said
    path = "--output=jsonpath={.items[*].spec.names.shortNames}"
    assert "old" not in plane.kubectl("get", "crd", *KINDS, path)


def with_short_name(file: Path, name: str) -> str:
    """Give the kind of a CRD one more short name."""
    crd = yaml.safe_load(file.read_text())
    crd["spec"]["names"]["shortNames"].append(name)
    return yaml.safe_dump(crd)
