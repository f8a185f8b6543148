"""Reads docs/examples, and changes copies of what is there."""

import copy
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import yaml

FOLDER: Final = Path(__file__).parents[3] / "docs" / "examples"

Manifest = dict[str, Any]


def documents(file: Path) -> list[Manifest]:
    """Read every object of a file."""
    return [each for each in yaml.safe_load_all(file.read_text()) if each]


@dataclass(frozen=True, slots=True)
class Example:
    """One Mailbox, and the Secrets that come with it."""

    mailbox: Manifest
    secrets: tuple[Manifest, ...]

    @classmethod
    def read(cls, name: str) -> Self:
        """Read `docs/examples/<name>.yaml`."""
        found = documents(FOLDER / f"{name}.yaml")
        (mailbox,) = (each for each in found if each["kind"] == "Mailbox")
        return cls(mailbox, tuple(each for each in found if each["kind"] == "Secret"))

    @property
    def name(self) -> str:
        """The name of the Mailbox."""
        return str(self.mailbox["metadata"]["name"])

    @property
    def spec(self) -> Manifest:
        """The spec of the Mailbox."""
        return dict(self.mailbox["spec"])

    @property
    def address(self) -> str:
        """The address of the Mailbox."""
        return str(self.spec["address"])

    @property
    def values(self) -> dict[str, str]:
        """What the Secrets hold; no example uses a key twice."""
        return {key: value for each in self.secrets for key, value in each["stringData"].items()}

    def named(self, name: str) -> Self:
        """Copy it under another name, which the Secret with the credentials gets as well."""
        own = self.spec.get("credentialsSecretRef", {}).get("name")
        secrets = tuple(_renamed(each, name, only=own) for each in self.secrets)
        changed = replace(self, mailbox=_renamed(self.mailbox, name), secrets=secrets)
        return changed.specified(credentialsSecretRef={"name": name}) if own else changed

    def specified(self, **fields: Any) -> Self:
        """Copy it with other fields in the spec."""
        return replace(self, mailbox={**self.mailbox, "spec": {**self.spec, **fields}})

    def holding(self, **values: str) -> Self:
        """Copy it with other values in the Secrets; `_` in a key stands for any other sign."""
        secrets = copy.deepcopy(self.secrets)
        for each in secrets:
            held = each["stringData"]
            held |= {key: values[_word(key)] for key in held if _word(key) in values}
        return replace(self, secrets=secrets)


def _word(key: str) -> str:
    return key.replace("-", "_").replace(".", "_")


def _renamed(manifest: Manifest, name: str, only: str | None = None) -> Manifest:
    if only is not None and manifest["metadata"]["name"] != only:
        return manifest
    return {**manifest, "metadata": {**manifest["metadata"], "name": name}}
