"""Secrets as people write them: which of them the API server takes, and which it refuses."""

from collections.abc import Mapping
from typing import Any, Final

Manifest = dict[str, Any]


def secret(**blocks: Any) -> Manifest:
    """Write a Secret with these blocks."""
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "jane"}, **blocks}


GOOD: Final[Mapping[str, Manifest]] = {
    "plain text": secret(stringData={"password": "p"}),
    "base64": secret(data={"password": "cA=="}),
    "base64 in lines": secret(data={"password": "cGFzc3dv\ncmQ=\n"}),
    "nothing at all": secret(),
    "null in place of a value": secret(data={"password": None}, stringData={"username": None}),
    "empty value": secret(data={"password": ""}, stringData={"username": ""}),
    "empty blocks": secret(data=None, stringData=None),
    "type and immutable": secret(type="Opaque", immutable=True, stringData={"password": "p"}),
    "odd but legal key": secret(stringData={"ca.crt_2-x": "p"}),
}
REFUSED: Final[Mapping[str, tuple[Manifest, str]]] = {
    "number as text": (secret(stringData={"password": 12345}), "stringData.password"),
    "fraction as text": (secret(stringData={"password": 1.5}), "stringData.password"),
    "truth as text": (secret(stringData={"password": True}), "stringData.password"),
    "list as text": (secret(stringData={"password": ["p"]}), "stringData.password"),
    "mapping as text": (secret(stringData={"password": {"a": "b"}}), "stringData.password"),
    "number as base64": (secret(data={"password": 12345}), "data.password"),
    "plain text as base64": (secret(data={"password": "hunter2!"}), "data.password"),
    "base64 without its end": (secret(data={"password": "cA"}), "data.password"),
    "base64 for URLs": (secret(data={"password": "_-8="}), "data.password"),
    "base64 with a space": (secret(data={"password": "cGFz c3dvcmQ="}), "data.password"),
    "misspelled block": (secret(stringdata={"password": "p"}), "stringdata"),
    "another object's block": (secret(spec={}), "spec"),
    "key with a space": (secret(stringData={"pass word": "p"}), "pass word"),
    "text for a block": (secret(stringData="password"), "stringData"),
    "immutable as a word": (secret(immutable="yes"), "immutable"),
    "label that is a number": (
        secret() | {"metadata": {"name": "jane", "labels": {"team": 7}}},
        "metadata.labels.team",
    ),
}
