"""Installs the operator's rights, as its chart ships them, and writes its configuration."""

import asyncio
import secrets
import subprocess
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Self

import yaml

from lab.stand.cluster import Cluster, Object
from lab.stand.manifests import new_namespace

CHART: Final = Path(__file__).parents[3] / "helm" / "mailbox-operator"
RIGHTS: Final = frozenset(
    {"ServiceAccount", "ClusterRole", "ClusterRoleBinding", "Role", "RoleBinding"}
)
PROCESSES: Final = frozenset({"operator", "gateway"})


@dataclass(frozen=True, slots=True)
class Installation:
    """A namespace with the rights of an operator, and the files to run one with.

    Attributes:
        namespace: Where the operator belongs. The ServiceAccount has the same name.
        rights: The objects that the chart renders for them.
        kubeconfig: Acts as the ServiceAccount.
        directory: For configuration and logs.
    """

    cluster: Cluster
    namespace: str
    rights: tuple[Object, ...]
    kubeconfig: Path
    directory: Path

    @classmethod
    @asynccontextmanager
    async def of(
        cls, cluster: Cluster, helm: Path, directory: Path, *options: str
    ) -> AsyncIterator[Self]:
        """Install into a namespace of its own, and remove all when the block ends.

        Args:
            cluster: Where.
            helm: The program.
            directory: For configuration and logs.
            options: More of them for Helm.
        """
        name = f"operator-{secrets.token_hex(4)}"
        made = await cls.into(name, cluster, helm, directory, *options)
        try:
            yield made
        finally:
            for each in (*made.rights, new_namespace(name)):
                metadata = each["metadata"]
                await cluster.delete(each["kind"], metadata["name"], metadata.get("namespace", ""))

    @classmethod
    async def into(
        cls, name: str, cluster: Cluster, helm: Path, directory: Path, *options: str
    ) -> Self:
        """Install into a namespace that may be there; all of it stays.

        Args:
            name: That of the namespace.
            cluster: Where.
            helm: The program.
            directory: For configuration and logs.
            options: More of them for Helm.
        """
        rights = await asyncio.to_thread(rendered_rights, helm, name, *options)
        await cluster.apply(new_namespace(name), *rights)
        kubeconfig = await asyncio.to_thread(cluster.plane.kubeconfig_for, name, name)
        return cls(cluster, name, rights, kubeconfig, directory)

    async def as_gateway(self) -> Self:
        """Act as the gateway's ServiceAccount."""
        account = f"{self.namespace}-gateway"
        path = await asyncio.to_thread(self.cluster.plane.kubeconfig_for, self.namespace, account)
        return replace(self, kubeconfig=path)

    @asynccontextmanager
    async def lacking(self, resource: str, verb: str) -> AsyncIterator[None]:
        """Take one right away, and give it back when the block ends."""
        lessened = [each for each in self.rights if grants(each, resource, verb)]
        await self.cluster.apply(*(less(each, resource, verb) for each in lessened))
        try:
            yield
        finally:
            await self.cluster.apply(*lessened)

    def at(self, kubeconfig: Path, **cluster: Any) -> Self:
        """Reach the cluster in another way: change what the kubeconfig says of it; None removes it.

        Args:
            kubeconfig: The file that is written.
            cluster: Its fields of `cluster`.
        """
        content = yaml.safe_load(self.kubeconfig.read_text())
        known = content["clusters"][0]["cluster"] | cluster
        content["clusters"][0]["cluster"] = {k: v for k, v in known.items() if v is not None}
        kubeconfig.write_text(yaml.safe_dump(content))
        return replace(self, kubeconfig=kubeconfig)

    def write_configuration(self, content: Mapping[str, Any], name: str = "") -> Path:
        """Write the operator's configuration file; replicas that differ have a name each."""
        path = self.directory / f"{name or self.namespace}.yaml"
        return write_configuration(path, self.namespace, content)


def write_configuration(path: Path, namespace: str, content: Mapping[str, Any]) -> Path:
    """Write the configuration file of an operator; it listens where a port is free unless told.

    Args:
        path: The file.
        namespace: The operator's own.
        content: All that the file says besides.
    """
    own = {"operatorNamespace": namespace, "listen": {"address": "127.0.0.1", "port": 0}}
    path.write_text(yaml.safe_dump({**own, **content}))
    return path


def rendered_rights(helm: Path, name: str, *options: str) -> tuple[Object, ...]:
    """Have Helm render the chart, and pick what has to do with the operator's rights."""
    named = f"fullnameOverride={name},config.leaderElection.leaseName=mailbox-operator"
    done = subprocess.run(
        [helm, "template", name, CHART, "--namespace", name, "--set", named, *options],
        capture_output=True,
        text=True,
        check=True,
    )
    documents = yaml.safe_load_all(done.stdout)
    return tuple(each for each in documents if each and is_right(each))


def is_right(rendered: Object) -> bool:
    """Tell whether an object of the chart has to do with the operator's rights, not with people's."""
    labels = rendered["metadata"]["labels"]
    return rendered["kind"] in RIGHTS and labels["app.kubernetes.io/component"] in PROCESSES


def grants(right: Object, resource: str, verb: str) -> bool:
    """Tell whether a role has a rule for this."""
    rules = right.get("rules", ())
    return any(resource in rule["resources"] and verb in rule["verbs"] for rule in rules)


def less(right: Object, resource: str, verb: str) -> Object:
    """Copy a role without one right; the other resources of its rule keep theirs."""
    return right | {
        "rules": [rule for each in right["rules"] for rule in _parts(each, resource, verb)]
    }


def _parts(rule: Object, resource: str, verb: str) -> Iterator[Object]:
    if resource not in rule["resources"]:
        yield rule
        return
    others = [other for other in rule["resources"] if other != resource]
    verbs = [other for other in rule["verbs"] if other != verb]
    if others:
        yield rule | {"resources": others}
    if verbs:
        yield rule | {"resources": [resource], "verbs": verbs}
