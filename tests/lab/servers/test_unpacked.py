"""Which mail servers are fetched, and what is said where one is missing."""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from lab.servers.unpacked import INSTALL, unpacked

SCRIPT = Path(__file__).parents[3] / INSTALL
APT_GET = '#!/bin/sh\necho "$@" >> "$CALLS"\n[ -z "$FAILS" ] || exit 1\n'
DPKG = '#!/bin/sh\ntouch "$3/unpacked"\n'


class Fetch(NamedTuple):
    """The script on a machine whose package manager is told what to do."""

    cache: Path
    calls: Path

    def run(self, fails: str = "") -> int:
        """Run it; tell its exit status."""
        for name, content in (("apt-get", APT_GET), ("dpkg", DPKG)):
            stub = self.calls.with_name(name)
            stub.write_text(content)
            stub.chmod(0o755)
        path = f"{self.calls.parent}:{os.environ['PATH']}"
        told = {"PATH": path, "CALLS": str(self.calls), "FAILS": fails}
        environment = {**os.environ, **told, "MAIL_SERVERS": str(self.cache)}
        return subprocess.run([SCRIPT], env=environment, check=False).returncode

    @property
    def downloads(self) -> int:
        """How often packages were downloaded."""
        lines = self.calls.read_text().splitlines() if self.calls.exists() else []
        return sum(line.startswith("download") for line in lines)


@pytest.fixture
def fetch(tmp_path: Path) -> Fetch:
    return Fetch(tmp_path / "cache", tmp_path / "calls")


def test_mail_servers_are_fetched_once(fetch: Fetch) -> None:
    assert fetch.run() == 0
    before = fetch.downloads
    assert fetch.run() == 0

    assert (fetch.cache / "trixie" / "unpacked").exists()
    assert fetch.downloads == before


@pytest.mark.parametrize("marker", ["", "exim4-daemon-light libidn12\n"])
def test_a_cache_of_other_packages_is_fetched_again(fetch: Fetch, marker: str) -> None:
    fetch.cache.mkdir()
    (fetch.cache / "complete").write_text(marker)

    assert fetch.run() == 0

    assert (fetch.cache / "unpacked").exists()


def test_a_download_that_fails_is_not_complete(fetch: Fetch) -> None:
    assert fetch.run(fails="yes") != 0
    assert fetch.run() == 0

    assert (fetch.cache / "unpacked").exists()


def test_a_server_that_is_missing_names_what_installs_it() -> None:
    with pytest.raises(RuntimeError, match=rf"^Exim is missing: {INSTALL}$"):
        unpacked("Exim", "usr/sbin/nowhere")
