"""Files are read as kubectl reads them."""

import json
from pathlib import Path
from typing import Final

import pytest

from lab.controlplane.plane import ControlPlane
from mailbox_operator.manifests import read_manifests

pytestmark = pytest.mark.cluster

WORDS: Final = (
    "y", "n", "yes", "No", "on", "OFF", "true", "False", "~", "null", "", "12345", "012345", "089",
    "0o17", "0x1F", "0b11", "1_000", "-1", "+7", "1e5", "1E5", "1.5e3", ".5", "1.", "12:30",
    "190:20:30.15", "2024-01-01", "2001-12-14t21:59:43.10-05:00", "=", "hunter2", "'1'", "1.2.3",
)  # fmt: skip
HEAD: Final = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"


def test_kubectl_and_verify_read_the_same_words(plane: ControlPlane, tmp_path: Path) -> None:
    lines = [f"  key{number}: {word}" for number, word in enumerate(WORDS)]
    text = HEAD + "data:\n" + "\n".join([*lines, "  089: a number as a key", "  yes: a truth"])
    file = tmp_path / "all.yaml"
    file.write_text(text)

    (document,) = read_manifests([str(file)])

    local = ("annotate", "--local", "--output=json", "--filename=-", "a=b")
    assert document.content["data"] == json.loads(plane.kubectl(*local, input=text))["data"]
