import io
import tarfile
from datetime import UTC, datetime
from typing import Any

from mailbox_operator.command.diagnose import LEFT_OUT, archived, pruned


def test_values_of_a_pods_environment_are_left_out_and_names_stay() -> None:
    env: list[Any] = [
        {"name": "HTTPS_PROXY", "value": "http://user:canary@proxy"},
        {"name": "TOKEN", "valueFrom": {"secretKeyRef": {"name": "proxy", "key": "token"}}},
    ]
    pod = {"spec": {"containers": [{"name": "operator", "env": env}]}}

    found = pruned(pod)["spec"]["containers"][0]["env"]

    assert found == [{"name": "HTTPS_PROXY", "value": LEFT_OUT}, env[1]]


def test_what_says_nothing_is_left_out_and_the_object_is_unchanged() -> None:
    noise = "kubectl.kubernetes.io/last-applied-configuration"
    metadata = {"name": "jane", "managedFields": [{}], "annotations": {noise: "{}", "mine": "1"}}
    body = {"metadata": metadata, "spec": {}}

    assert pruned(body) == {"metadata": {"name": "jane", "annotations": {"mine": "1"}}, "spec": {}}
    assert noise in metadata["annotations"]


def test_an_archive_holds_its_files_in_one_folder() -> None:
    packed = archived([("about.yaml", b"a: 1\n")], datetime(2026, 1, 1, tzinfo=UTC))

    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        (entry,) = archive.getmembers()
        content = archive.extractfile(entry)
        assert content is not None
        assert (entry.name, content.read()) == ("mailbox-diagnosis/about.yaml", b"a: 1\n")
