from pathlib import Path

import pytest

from lab.controlplane.build import BuildError, build, find_go
from lab.controlplane.programs import Program

# Stands in for Go: answers for its version, and "builds" a note of how it was called.
GO = """#!/bin/sh
[ "$1" = env ] && echo {version} && exit
shift 4
[ "$2" = go.etcd.io/etcd/server/v3 ] || {{ echo "no such package: $2" >&2; exit 1; }}
echo "$GOFLAGS $CGO_ENABLED $PWD" > "$1"
"""


def environ_with_go(folder: Path, version: str = "go1.26.8") -> dict[str, str]:
    go = folder / "go"
    go.write_text(GO.format(version=version))
    go.chmod(0o755)
    return {"PATH": str(folder)}


def test_a_missing_go_is_explained() -> None:
    with pytest.raises(BuildError) as caught:
        find_go(Path.cwd(), {"PATH": ""})

    message = str(caught.value)
    assert "there is no `go` on the PATH" in message
    assert "https://go.dev/doc/install" in message
    assert "KUBEBUILDER_ASSETS" in message
    assert "KUBECONFIG" in message


def test_an_old_go_is_explained(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"1\.26 or newer, and .*/go answers: go1\.25\.9"):
        find_go(tmp_path, environ_with_go(tmp_path, "go1.25.9"))


def test_a_build_runs_in_the_module_and_leaves_the_program_alone(tmp_path: Path) -> None:
    cache = tmp_path / "cache"

    built = build(Program.ETCD, cache, environ_with_go(tmp_path))

    flags, rest = built.read_text().split(maxsplit=1)
    assert flags == "-mod=readonly"
    assert rest.split()[:2] == ["-trimpath", "0"]
    assert Path(rest.split()[2]).joinpath("go.sum").exists()
    assert {path.name for path in cache.iterdir()} == {"etcd", ".lock"}


def test_a_built_program_is_not_built_again(tmp_path: Path) -> None:
    first = build(Program.ETCD, tmp_path / "cache", environ_with_go(tmp_path))

    again = build(Program.ETCD, tmp_path / "cache", {"PATH": ""})

    assert again == first


def test_a_failed_build_says_what_go_said(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match=r"no such package: helm\.sh/helm/v4/cmd/helm"):
        build(Program.HELM, tmp_path / "cache", environ_with_go(tmp_path))

    assert not (tmp_path / "cache" / "helm").exists()


def test_a_long_build_shows_progress(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    build(Program.ETCD, tmp_path / "cache", environ_with_go(tmp_path))

    said = capsys.readouterr().err
    assert said == "building etcd (first run only, about half a minute on 2 cores): 0m00s\n"
