"""Writes a pod's volumes into folders, and works out its environment."""

import base64
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from lab.node.api import Api, RefusedError, core
from lab.node.spec import ConfigError, Security, Spec, UnsupportedError, only
from lab.node.status import HOST
from lab.stand.cluster import Object

KEYED: Final = re.compile(r"metadata\.(labels|annotations)\['(.+)'\]")
REFERENCE: Final = re.compile(r"\$\$|\$\((\w+)\)")
Content = dict[str, tuple[bytes, int]]


@dataclass(frozen=True, slots=True)
class Sources:
    """What one pod's volumes and variables are made of."""

    api: Api
    spec: Spec
    security: Security
    ip: str

    async def environ(self) -> dict[str, str]:
        """Work out the container's own variables."""
        found: dict[str, str] = {}
        for each in self.spec.container.get("envFrom", ()):
            only(each, "configMapRef secretRef prefix", "envFrom")
            plural = "configmaps" if "configMapRef" in each else "secrets"
            data = await self._data(plural, each.get("configMapRef") or each["secretRef"])
            found |= {f"{each.get('prefix', '')}{k}": v.decode() for k, v in data.items()}
        for each in self.spec.container.get("env", ()):
            only(each, "name value valueFrom", "env")
            value = await self._value(each["valueFrom"]) if "valueFrom" in each else None
            if value is not None or "valueFrom" not in each:
                found[each["name"]] = (
                    expanded(each.get("value", ""), found) if value is None else value
                )
        return found

    async def _value(self, source: Object) -> str | None:
        only(source, "fieldRef configMapKeyRef secretKeyRef", "valueFrom")
        if "fieldRef" in source:
            return self._field(source["fieldRef"])
        plural = "configmaps" if "configMapKeyRef" in source else "secrets"
        ref = source.get("configMapKeyRef") or source["secretKeyRef"]
        data = await self._data(plural, ref)
        if ref["key"] in data:
            return data[ref["key"]].decode()
        if ref.get("optional"):
            return None
        raise ConfigError(f"couldn't find key {ref['key']} in {plural} {ref['name']}")

    def _field(self, ref: Object) -> str:
        path = ref["fieldPath"]
        if keyed := KEYED.fullmatch(path):
            return str(self.spec.pod["metadata"].get(keyed[1], {}).get(keyed[2], ""))
        known = {"status.podIP": self.ip, "status.podIPs": self.ip, "status.hostIP": HOST}
        for place in ("metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName"):
            known[place] = self.spec.pod[place.split(".")[0]][place.split(".")[1]]
        known["spec.serviceAccountName"] = self.spec.pod["spec"]["serviceAccountName"]
        if path not in known:
            raise UnsupportedError(f"tests/lab/node does not support fieldPath {path}")
        return known[path]

    async def write_volumes(self, folder: Path) -> Mapping[str, bool]:
        """Write each volume into a folder of its name; tell which of them can be written to."""
        writable = {}
        for volume in self.spec.pod["spec"].get("volumes", ()):
            place = folder / volume["name"]
            place.mkdir(parents=True, exist_ok=True)
            writable[volume["name"]] = "emptyDir" in volume
            content = await self._volume({k: v for k, v in volume.items() if k != "name"})
            for name, (value, mode) in content.items():
                write(place / name, value, self._seen(mode))
        return writable

    def _seen(self, mode: int) -> int:
        """Files belong to root, here to whom root is mapped to; keep from others what is root's."""
        readable = mode & 0o004 or self.security.files_group or self.security.user == 0
        return 0o444 if readable else 0

    async def _volume(self, volume: Object) -> Content:
        only(volume, "configMap secret emptyDir projected", "volumes")
        ((kind, source),) = volume.items()
        match kind:
            case "emptyDir":
                return {}
            case "projected":
                parts = [await self._projected(x, source) for x in source["sources"]]
                return {name: each for part in parts for name, each in part.items()}
            case _:
                return await self._keys(kind, source, source["defaultMode"])

    async def _projected(self, source: Object, volume: Object) -> Content:
        only(source, "serviceAccountToken configMap secret downwardAPI", "projected")
        ((kind, part),) = source.items()
        mode = volume["defaultMode"]
        match kind:
            case "serviceAccountToken":
                return {part["path"]: (await self._token(part), 0o644)}
            case "downwardAPI":
                return {
                    x["path"]: (self._field(x["fieldRef"]).encode(), mode) for x in part["items"]
                }
            case _:
                return await self._keys(kind, part, mode)

    async def _keys(self, kind: str, source: Object, mode: int) -> Content:
        only(source, "name secretName items optional defaultMode", kind)
        name = source.get("secretName") or source["name"]
        plural = "configmaps" if kind == "configMap" else "secrets"
        data = await self._data(plural, {**source, "name": name})
        items: Iterable[Object] = source.get("items") or [{"key": k, "path": k} for k in data]
        missing = [each["key"] for each in items if each["key"] not in data]
        if missing and not source.get("optional"):
            raise ConfigError(f"{plural} {name} has no key {missing[0]}")
        present = [each for each in items if each["key"] in data]
        return {each["path"]: (data[each["key"]], each.get("mode", mode)) for each in present}

    async def _data(self, plural: str, ref: Mapping[str, Any]) -> dict[str, bytes]:
        found = await self.api.find(plural, ref["name"], self.spec.namespace)
        if found is None and not ref.get("optional"):
            raise ConfigError(f"{plural} {ref['name']} not found")
        found = found or {}
        data: Mapping[str, str] = found.get("data") or {}
        binary: Mapping[str, str] = found.get("binaryData") or {}
        if plural == "secrets":
            return {key: base64.b64decode(value) for key, value in data.items()}
        decoded = {key: base64.b64decode(value) for key, value in binary.items()}
        return {key: value.encode() for key, value in data.items()} | decoded

    async def _token(self, source: Object) -> bytes:
        """Ask for a token of the pod's ServiceAccount, good as long as the pod. Renews none."""
        account = self.spec.pod["spec"]["serviceAccountName"]
        bound = {"apiVersion": "v1", "kind": "Pod", "name": self.spec.name, "uid": self.spec.uid}
        asked: dict[str, Any] = {
            "expirationSeconds": source.get("expirationSeconds", 3600),
            "boundObjectRef": bound,
            "audiences": [source["audience"]] if "audience" in source else [],
        }
        path = core("serviceaccounts", account, self.spec.namespace, "token")
        try:
            made = await self.api.ask("POST", path, {"spec": asked})
        except RefusedError as error:  # of a namespace that is about to go
            raise ConfigError(str(error)) from error
        if made is None:
            raise ConfigError(f"serviceaccounts {account} not found")
        return str(made["status"]["token"]).encode()


def expanded(text: str, environ: Mapping[str, str]) -> str:
    """Put in variables, written `$(NAME)`; an unknown one stays as it is."""

    def put(found: re.Match[str]) -> str:
        return "$" if found[1] is None else environ.get(found[1], found[0])

    return REFERENCE.sub(put, text)


def write(path: Path, content: bytes, mode: int) -> None:
    """Write a file anew, in folders that may be missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_bytes(content)
    path.chmod(mode)
