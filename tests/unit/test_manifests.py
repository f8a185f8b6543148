"""Files are read as kubectl reads them."""

from pathlib import Path
from typing import Any

import pytest

from mailbox_operator.manifests import ManifestError, read_manifests


def read(folder: Path, text: str) -> list[dict[str, Any]]:
    file = folder / "all.yaml"
    file.write_text(text)
    return [document.content for document in read_manifests([str(file)])]


@pytest.mark.parametrize(
    "text",
    [
        "kind: List\nitems:\n- {kind: A}\n- {kind: B}",
        "kind: MailboxList\nitems:\n- {kind: A}\n- {kind: B}",
        "kind: List\nitems:\n- {kind: A}\n- kind: BList\n  items: [{}]",
        "{kind: A}\n---\n# nothing\n---\n{kind: B}",
        "kind: List\nitems: &all\n- {kind: A}\n---\nkind: B",
    ],
    ids=["List", "list of a kind", "list in a list", "several documents", "anchor"],
)
def test_lists_of_every_kind_are_taken_apart(tmp_path: Path, text: str) -> None:
    assert [each["kind"] for each in read(tmp_path, text)] == ["A", "B"]


def test_items_of_a_typed_list_inherit_kind_and_version(tmp_path: Path) -> None:
    (found,) = read(tmp_path, "apiVersion: v1\nkind: SecretList\nitems: [{metadata: {name: x}}]")

    assert found == {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x"}}


def test_a_kind_that_only_ends_like_a_list_stays_whole(tmp_path: Path) -> None:
    assert read(tmp_path, "kind: AllowList\nspec: {}") == [{"kind": "AllowList", "spec": {}}]


def test_each_object_knows_its_file_and_line(tmp_path: Path) -> None:
    file = tmp_path / "all.yaml"
    file.write_text("# head\nkind: A\n---\nkind: List\nitems:\n- kind: B\n- kind: C\n")

    found = read_manifests([str(file)])

    assert [each.place for each in found] == [f"{file}:{line}" for line in (2, 6, 7)]


def test_a_folder_is_read_as_kubectl_reads_it(tmp_path: Path) -> None:
    for name in ("a.yaml", "b.yml", "c.json", "d.txt"):
        (tmp_path / name).write_text('{"kind": "A"}')

    assert len(read_manifests([str(tmp_path)])) == 3


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind: [", "not valid YAML"),
        ("kind: A\nkind: B", "the field kind must be there only once"),
        ("data: {a: 1, a: 2}", "the field a must be there only once"),
        ("just words", "a document must be a mapping"),
        ("kind: List\nitems: [words]", "a document must be a mapping"),
        ("kind: MailboxList\nitems: {a: b}", "the items of a MailboxList must be a list"),
        ("a: !!binary x", "not valid YAML"),
        ("a: !unknown x", "not valid YAML"),
    ],
)
def test_what_cannot_be_read_is_refused(tmp_path: Path, text: str, told: str) -> None:
    with pytest.raises(ManifestError, match=told):
        read(tmp_path, text)


def test_a_file_in_another_encoding_is_named_with_its_encoding(tmp_path: Path) -> None:
    file = tmp_path / "rendered.yaml"
    file.write_bytes("kind: A\n".encode("utf-16"))

    with pytest.raises(ManifestError, match=r"rendered.yaml: is UTF-16 text"):
        read_manifests([str(tmp_path)])
