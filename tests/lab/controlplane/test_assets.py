import subprocess
import sys
from pathlib import Path

import pytest

from lab.controlplane import assets as module
from lab.controlplane.assets import Assets
from lab.controlplane.build import BuildError
from lab.controlplane.programs import SOURCES, Program


def put(folder: Path, *programs: Program) -> Path:
    folder.mkdir(parents=True)
    for program in programs:
        (folder / program).touch(mode=0o755)
    return folder


def test_a_given_cluster_comes_before_given_programs(tmp_path: Path) -> None:
    on_path, given = put(tmp_path / "path", Program.KUBECTL), put(tmp_path / "given", *Program)
    environ = {"KUBECONFIG": "mine", "KUBEBUILDER_ASSETS": str(given), "PATH": str(on_path)}

    assets = Assets({**environ, "HOME": str(tmp_path)})

    assert assets.external
    assert assets.programs == (Program.KUBECTL, Program.HELM)
    assert assets.find(Program.KUBECTL) == on_path / "kubectl"
    assert assets.find(Program.HELM) is None


def test_given_programs_come_before_the_cache_and_the_path(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path), "PATH": str(put(tmp_path / "path", *Program))}
    cache = put(Assets(environ).cache(Program.HELM), *Program)
    given = put(tmp_path / "given", Program.ETCD)

    assets = Assets({**environ, "KUBEBUILDER_ASSETS": str(given)})

    assert not assets.external
    assert assets.find(Program.ETCD) == given / "etcd"
    assert assets.find(Program.HELM) == cache / "helm"


def test_a_missing_program_is_not_taken_from_the_path(tmp_path: Path) -> None:
    on_path = put(tmp_path / "path", *Program)

    assets = Assets({"HOME": str(tmp_path), "PATH": str(on_path)})

    assert assets.find(Program.KUBECTL) is None


def test_a_missing_program_is_built(tmp_path: Path) -> None:
    assets = Assets({"HOME": str(tmp_path), "PATH": ""})

    with pytest.raises(BuildError):
        assets.locate(Program.KUBECTL)


def test_the_cache_moves_with_the_environment() -> None:
    at_home = Assets({"HOME": "/home/jane"}).cache(Program.HELM)
    elsewhere = Assets({"HOME": "/home/jane", "XDG_CACHE_HOME": "/caches"}).cache(Program.HELM)

    assert at_home.parent == Path("/home/jane/.cache/mailbox-operator/controlplane")
    assert elsewhere.parent == Path("/caches/mailbox-operator/controlplane")
    assert at_home.name == elsewhere.name


def test_a_module_has_a_folder_of_its_own_in_the_cache() -> None:
    folders = {program.value: Assets({}).cache(program).name for program in Program}

    assert len(set(folders.values())) == 6
    assert folders["etcd"] == folders["helm"]
    assert folders["kubectl"] == folders["kube-apiserver"] == folders["kube-controller-manager"]


def test_a_cluster_needs_no_checker_of_schemas_and_no_metrics() -> None:
    assert {Program.KUBECONFORM, Program.KUBE_STATE_METRICS}.isdisjoint(Assets({}).programs)


def test_the_command_finds_what_it_is_asked_for(tmp_path: Path) -> None:
    given = put(tmp_path / "given", *Program)
    environ = {
        "PYTHONPATH": str(Path(module.__file__).parents[2]),
        "KUBEBUILDER_ASSETS": str(given),
    }

    done = subprocess.run(
        [sys.executable, "-m", "lab.controlplane.assets", "kubeconform", "helm"],
        env=environ,
        check=True,
        capture_output=True,
        text=True,
    )

    assert done.stdout.split() == [
        *("kubeconform", str(given / "kubeconform")),
        *("helm", str(given / "helm")),
    ]


def test_the_environment_stays_out_of_the_logs() -> None:
    assert "hunter2" not in repr(Assets({"PASSWORD": "hunter2"}))


def test_the_versions_come_from_the_go_modules() -> None:
    versions = {program.value: SOURCES[program].version for program in Program}

    assert versions == {
        "etcd": "v3.7.3",
        "kube-apiserver": "v1.37.2",
        "kube-controller-manager": "v1.37.2",
        "kubectl": "v1.37.2",
        "helm": "v4.3.1",
        "kubeconform": "v0.8.0",
        "kube-state-metrics": "v2.18.0",
        "kind": "v0.33.0",
        "actionlint": "v1.7.12",
    }
